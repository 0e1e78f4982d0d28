import Checkers
import Generators
import Histories

/// Small random histories of replicas: each takes updates by itself and hears of the others' now and then; at last all
/// hear everything, unless something goes wrong, and each is read.
struct ReplicaSimulation {
  /// What the system says beside the values.
  enum Report: CaseIterable {
    case nothing, everything, some
  }

  private struct Update {
    var function: String
    var value: Value
    var observed: Set<Int>
    var timestamp: Int64
    var node: Int
    /// What its replica had heard of.
    var known: Set<Int>
  }

  /// How the operations of a history are named.
  private enum Naming {
    /// Of registers: a value is the id of its write.
    case byValue, byText, byDot
  }

  var random: RandomStream
  let type: ReplicatedType
  let report: Report
  /// Every replica hears of every update at once.
  let isInstant: Bool
  /// At most so many updates: what a twin can enumerate.
  var updatesMax = 5

  private var updates: [Update] = []
  private var replicas: [Set<Int>] = []
  /// Whether the replicas of the last history heard of everything in the end.
  private(set) var isHealed = true
  /// Whether what the system says beside the values of the history may be wrong.
  private var lies = false
  /// Histories so far.
  private(set) var count = 0

  init(_ random: RandomStream, _ type: ReplicatedType, _ report: Report, isInstant: Bool) {
    (self.random, self.type, self.report, self.isInstant) = (random, type, report, isInstant)
  }

  // MARK: A history

  /// - Parameter tampers: whether states that are read in the end may be changed.
  mutating func history(tampers: Bool) -> [Event] {
    count += 1
    (updates, replicas) = ([], Array(repeating: [], count: 2 + random.below(2)))
    lies = tampers && random.below(3) == 0
    var maker = RandomWorkload(random: RandomStream(seed: random.next()))
    var own = random
    defer { random = own }
    var events = maker.events(loadCalls(&own)) { call in run(call, &own) }
    closeOpen(&events, &own)
    isHealed = own.below(8) != 0
    if isHealed { for replica in replicas.indices { replicas[replica] = Set(updates.indices) } }
    if own.below(10) == 0 {
      events.append(
        Event(index: events.count, time: 0, process: .nemesis, type: .info, function: "heal", value: .null))
    }
    let calls = finalCalls(&own)
    var last = maker.events(calls) { call in run(call, &own) }
    if tampers { tamper(&last, &own) }
    for event in last {
      var event = event
      event.index = events.count
      event.process = ProcessID(event.process.rawValue + 50)
      events.append(event)
    }
    refuse(&events, &own)
    return events.map(placed)
  }

  /// Nodes that have no copy of the object, or none any more: asked before they refuse, after it, or never again.
  private mutating func refuse(_ events: inout [Event], _ random: inout RandomStream) {
    for node in ["n1", "n8", "n9"] where random.below(node == "n1" ? 12 : 3) == 0 {
      for _ in 0..<1 + random.below(2) {
        let error = random.below(10) == 0 ? "timeout" : ConvergenceChecker.notAReplica
        for type in [EventType.invoke, .fail] {
          events.append(
            Event(
              index: events.count, time: 0, process: ProcessID(90), type: type, function: "local-read@\(node)",
              value: .null, error: type == .fail ? error : nil))
        }
      }
    }
  }

  /// The node of a call is the end of its function's name.
  private func placed(_ event: Event) -> Event {
    let parts = event.function.split(separator: "@")
    guard parts.count == 2, let name = parts.first, let node = parts.last else { return event }
    var event = event
    (event.function, event.node) = (String(name), String(node))
    event.time = Int64(event.index) * 1_000_000
    return event
  }

  private func loadCalls(_ random: inout RandomStream) -> [RandomWorkload.Call] {
    (0..<1 + random.below(updatesMax + 2)).reduce(into: []) { calls, number in
      let node = "@n\(1 + random.below(replicas.count))"
      let updatesSoFar = calls.count { !$0.function.hasPrefix("read") && !$0.function.hasPrefix("local-read") }
      if random.below(4) == 0 || updatesSoFar >= updatesMax {
        calls.append(.init(function: (random.below(2) == 0 ? "read" : "local-read") + node, input: .null))
        return
      }
      let functions: [String] =
        switch type {
        case .gCounter: ["increment"]
        case .pnCounter: ["increment", "decrement"]
        case .gSet: ["add"]
        case .twoPhaseSet, .orSet: ["add", "add", "remove"]
        case .lwwRegister, .mvRegister: ["write"]
        }
      let function = functions[random.below(functions.count)]
      let value = type == .mvRegister ? 10 + number : 1 + random.below(type == .gCounter ? 4 : 3)
      calls.append(.init(function: function + node, input: .int(Int64(value))))
    }
  }

  private mutating func finalCalls(_ random: inout RandomStream) -> [RandomWorkload.Call] {
    let all = replicas.indices.map { RandomWorkload.Call(function: "local-read@n\($0 + 1)", input: .null) }
    if random.below(8) == 0 {
      // What the last replica showed before may come before it heard of everything.
      isHealed = false
      return Array(all.dropLast())
    }
    return all + (random.below(4) == 0 ? [all[0]] : [])
  }

  /// Most operations without an end get one: else no read is final.
  private func closeOpen(_ events: inout [Event], _ random: inout RandomStream) {
    var open: [ProcessID: Event] = [:]
    for event in events { open[event.process] = event.type == .invoke ? event : nil }
    for event in open.values.sorted(by: { $0.index < $1.index }) where random.below(10) != 0 {
      var end = event
      (end.type, end.index) = (.info, events.count)
      events.append(end)
    }
  }

  // MARK: Replicas

  private mutating func run(_ call: RandomWorkload.Call, _ random: inout RandomStream) -> Value? {
    let parts = call.function.split(separator: "@")
    guard let name = parts.first, let digit = parts.last?.last?.wholeNumberValue else { return nil }
    let node = digit - 1
    if !isInstant, random.below(3) == 0 {
      replicas[node].formUnion(replicas[random.below(replicas.count)])
    }
    if name.hasSuffix("read") { return reading(replicas[node], &random) }
    let update = update(String(name), call.input, at: node, &random)
    guard let update else { return nil }
    updates.append(update)
    for replica in replicas.indices where isInstant || replica == node { replicas[replica].insert(updates.count - 1) }
    return answer(updates.count - 1, &random)
  }

  private func update(_ function: String, _ value: Value, at node: Int, _ random: inout RandomStream) -> Update? {
    let known = replicas[node]
    // A 2P-set removes what is there.
    if type == .twoPhaseSet, function == "remove", state(known).list?.contains(value) != true { return nil }
    let observed = known.filter {
      type == .mvRegister || type == .orSet && updates[$0].function == "add" && updates[$0].value == value
    }
    let last = known.map { updates[$0].timestamp }.max() ?? 0
    return Update(
      function: function, value: value, observed: function == "add" ? [] : observed,
      timestamp: last + 1 + Int64(random.below(2)), node: node, known: known)
  }

  private func state(_ known: Set<Int>) -> Value {
    let some = known.sorted()
    let superseded = some.reduce(into: Set<Int>()) { $0.formUnion(updates[$1].observed) }
    switch type {
    case .gCounter, .pnCounter:
      return .int(
        some.reduce(0) { $0 + (updates[$1].function == "decrement" ? -1 : 1) * (updates[$1].value.int ?? 0) })
    case .lwwRegister:
      let last = some.max { (updates[$0].timestamp, $0) < (updates[$1].timestamp, $1) }
      return last.map { updates[$0].value } ?? .null
    case .gSet, .orSet, .twoPhaseSet, .mvRegister:
      let removed =
        type == .twoPhaseSet ? some.filter { updates[$0].function == "remove" }.map { updates[$0].value } : []
      let left = some.filter { updates[$0].function != "remove" && !superseded.contains($0) }.map { updates[$0].value }
      return .list(Set(left).subtracting(removed).sorted { ($0.int ?? 0) < ($1.int ?? 0) })
    }
  }

  // MARK: What is reported

  private func says(_ random: inout RandomStream) -> Bool {
    report == .everything || report == .some && random.below(2) == 0
  }

  private var naming: Naming {
    count % 3 == 0 ? .byDot : count % 2 == 0 && type == .mvRegister ? .byValue : .byText
  }

  private func id(_ update: Int) -> Value {
    switch naming {
    case .byValue: updates[update].value
    case .byText: .string("op\(update)")
    case .byDot: .list([.string("n\(updates[update].node + 1)"), .int(Int64(number(update)))])
    }
  }

  /// Of its replica's updates, counted from 1.
  private func number(_ update: Int) -> Int { updates[...update].count { $0.node == updates[update].node } }

  /// What a replica has heard of: of each other one's updates, the first so many.
  private func names(_ known: Set<Int>, of some: Set<Int>) -> Value {
    guard naming == .byDot else { return .list(some.sorted().map(id)) }
    return .map(
      known.reduce(into: [:]) { vector, update in
        let (node, most) = ("n\(updates[update].node + 1)", Int64(number(update)))
        vector[node] = .int(max(vector[node]?.int ?? 0, most))
      })
  }

  private func answer(_ number: Int, _ random: inout RandomStream) -> Value {
    let update = updates[number]
    guard says(&random) else { return update.value }
    var entries: [String: Value] = ["value": update.value]
    if naming != .byValue { entries["id"] = id(number) }
    if type == .lwwRegister {
      let lie = lies && random.below(3) == 0 ? Int64(random.below(4)) - 2 : 0
      entries["timestamp"] = .int(max(1, update.timestamp + lie))
    }
    if update.function == "remove" && type == .orSet || type == .mvRegister {
      // A write may count itself among what there was.
      let itself: Set<Int> = type == .mvRegister && naming == .byDot && random.below(3) == 0 ? [number] : []
      let context = names(update.known.union(itself), of: update.observed)
      entries["context"] = lies && random.below(3) == 0 ? changed(context: context, of: number, &random) : context
    }
    return .map(entries)
  }

  /// A context with one operation less, or with one more, which perhaps is still to come.
  private func changed(context: Value, of number: Int, _ random: inout RandomStream) -> Value {
    if var vector = context.map {
      let node = "n\(1 + random.below(replicas.count))"
      vector[node] = .int(max(0, (vector[node]?.int ?? 0) + (random.below(2) == 0 ? 1 : -1)))
      return .map(vector)
    }
    var list = context.list ?? []
    if !list.isEmpty, random.below(2) == 0 {
      list.remove(at: random.below(list.count))
      return .list(list)
    }
    // The values of registers are the numbers of their calls.
    let other = random.below(updatesMax + 1)
    let name: Value = naming == .byValue ? .int(Int64(10 + other)) : .string("op\(other)")
    return .list(list.contains(name) ? list : list + [name])
  }

  private func reading(_ known: Set<Int>, _ random: inout RandomStream) -> Value {
    guard says(&random), random.below(2) == 0 else { return state(known) }
    var entries: [String: Value] = ["value": state(known), "visible": names(known, of: known)]
    if type == .lwwRegister, random.below(2) == 0, let last = known.map({ updates[$0].timestamp }).max() {
      entries["timestamp"] = .int(last)
    }
    return .map(entries)
  }

  // MARK: Tampering

  private func tamper(_ events: inout [Event], _ random: inout RandomStream) {
    let kind = random.below(4)
    if kind == 0 { return }
    let change = { (value: Value, random: inout RandomStream) -> Value in
      guard var entries = value.map else { return self.changed(value, &random) }
      entries["value"] = self.changed(entries["value"] ?? .null, &random)
      return .map(entries)
    }
    var copy = random
    for place in events.indices where events[place].type == .ok {
      // The same change everywhere, or one of its own for one replica.
      if kind == 1 { copy = random }
      if kind != 1, random.below(3) != 0 { continue }
      events[place].value = kind == 1 ? change(events[place].value, &copy) : change(events[place].value, &random)
    }
    if kind == 1 { random = copy }
  }

  private func changed(_ state: Value, _ random: inout RandomStream) -> Value {
    switch type {
    case .gCounter, .pnCounter: return .int((state.int ?? 0) + Int64(random.below(5)) - 2)
    case .lwwRegister: return random.below(6) == 0 ? .null : .int(Int64(1 + random.below(4)))
    case .gSet, .twoPhaseSet, .orSet, .mvRegister:
      var list = state.list ?? []
      switch random.below(8) {
      case 0 where !list.isEmpty: list.append(list[0])
      case 1...4: if !list.isEmpty { list.remove(at: random.below(list.count)) }
      default:
        let value = Value.int(Int64((type == .mvRegister ? 10 : 1) + random.below(type == .mvRegister ? 6 : 4)))
        if !list.contains(value) { list.append(value) }
      }
      return .list(list)
    }
  }
}
