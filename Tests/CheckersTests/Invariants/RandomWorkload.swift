import Generators
import Histories

/// Small random histories: clients of an object that is atomic, but whose recorded answers are then tampered with.
struct RandomWorkload {
  struct Call {
    var function: String
    var input: Value
  }

  var random: RandomStream

  /// A history of these calls, in this order of invocation, by up to four clients at a time.
  ///
  /// - Parameter apply: runs a call: what it answers; nil where it fails.
  mutating func events(_ calls: [Call], apply: (Call) -> Value?) -> [Event] {
    var events: [Event] = []
    var open: [(process: Int32, call: Call, end: (EventType, Value)?)] = []
    var idle = (0..<Int32(1 + random.below(4))).map { $0 }
    var (next, fresh) = (0, Int32(10))
    func record(_ process: Int32, _ type: EventType, _ function: String, _ value: Value) {
      events.append(
        Event(
          index: events.count, time: Int64(events.count) * 1_000_000, process: ProcessID(process), type: type,
          function: function, value: value))
    }
    while next < calls.count || !open.isEmpty {
      if next < calls.count, !idle.isEmpty, open.isEmpty || random.below(2) == 0 {
        let process = idle.remove(at: random.below(idle.count))
        record(process, .invoke, calls[next].function, calls[next].input)
        open.append((process, calls[next], nil))
        next += 1
        continue
      }
      let place = open.isEmpty ? nil : random.below(open.count)
      guard let place else { continue }
      guard let end = open[place].end else {
        open[place].end = decide(open[place].call, apply)
        continue
      }
      let (process, call, _) = open.remove(at: place)
      if end.0 != .info || random.below(2) == 0 { record(process, end.0, call.function, end.1) }
      idle.append(end.0 == .info ? fresh : process)
      if end.0 == .info { fresh += 1 }
    }
    return events
  }

  private mutating func decide(_ call: Call, _ apply: (Call) -> Value?) -> (EventType, Value) {
    switch random.below(10) {
    case 0: return (.fail, call.input)
    case 1:
      if random.below(2) == 0 { _ = apply(call) }
      return (.info, call.input)
    default: return apply(call).map { (.ok, $0) } ?? (.fail, call.input)
    }
  }

  /// Changes the answers of up to `changesMax` completed calls of these functions, in so many percent of the histories.
  mutating func tamper(
    _ events: inout [Event], _ functions: Set<String> = ["read"], changesMax: Int = 2, percent: Int = 50,
    _ change: (Value, inout RandomStream) -> Value
  ) {
    let places = events.indices.filter { events[$0].type == .ok && functions.contains(events[$0].function) }
    guard !places.isEmpty, random.below(100) < percent else { return }
    for _ in 0..<1 + random.below(changesMax) {
      let place = places[random.below(places.count)]
      events[place].value = change(events[place].value, &random)
    }
  }
}

/// How many of the histories of a differential test were what.
struct InvariantSplit {
  var (valid, invalid, unknown) = (0, 0, 0)

  mutating func count(_ verdict: Verdict) {
    switch verdict {
    case .valid: valid += 1
    case .invalid: invalid += 1
    case .unknown, .error: unknown += 1
    }
  }

  /// Both answers come often enough to mean something.
  var isBalanced: Bool { min(valid, invalid) * 5 >= valid + invalid + unknown }

  func show(_ name: String) {
    print("\(name) against its twin: \(valid) valid, \(invalid) invalid, \(unknown) unknown")
  }
}
