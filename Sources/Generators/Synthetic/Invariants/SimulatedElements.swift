import Histories

/// Sets that only grow and are read whole: `add` for `set-full`, `write` for `causal-reverse`.
struct SimulatedElements: SimulatedWorkload {
  private let options: SyntheticInvariants.Options
  private let function: String
  /// The elements of each object, in the order in which they came.
  private var sets: [[Value]] = [[]]
  private var drawn = 0
  private var nextValue: Int64 = 0

  init(_ options: SyntheticInvariants.Options) {
    self.options = options
    function = options.workload == .setFull ? "add" : "write"
  }

  mutating func draw(_ random: inout RandomStream) -> WorkloadCall {
    if options.operationsPerKey > 0, drawn == options.operationsPerKey {
      sets.append([])
      drawn = 0
    }
    drawn += 1
    let object = sets.count - 1
    if random.unit() * 100 < options.readPercent {
      return WorkloadCall(function: "read", input: wrapped(.null, object), object: object)
    }
    return WorkloadCall(function: function, input: wrapped(freshValue(), object), object: object)
  }

  private mutating func freshValue() -> Value {
    nextValue += 1
    return .int(nextValue)
  }

  private func wrapped(_ value: Value, _ object: Int) -> Value {
    options.operationsPerKey > 0 ? .keyed(.int(Int64(object)), value) : value
  }

  mutating func apply(_ call: WorkloadCall) -> Value? {
    if call.function == "read" { return wrapped(.list(sets[call.object]), call.object) }
    let value = options.operationsPerKey > 0 ? call.input.keyedPair?.value ?? .null : call.input
    sets[call.object].append(value)
    return call.input
  }

  mutating func opening() -> [WorkloadStep] { [] }

  mutating func closing() -> [WorkloadStep] { sets.indices.flatMap { read(sets[$0], $0) } }

  private func read(_ elements: [Value], _ object: Int) -> [WorkloadStep] {
    WorkloadStep.alone("read", wrapped(.null, object), wrapped(.list(elements), object))
  }

  private func add(_ value: Value, _ object: Int, _ type: EventType = .ok) -> [WorkloadStep] {
    WorkloadStep.alone(function, wrapped(value, object), wrapped(value, object), type)
  }

  mutating func plant(_ anomaly: SyntheticInvariants.Anomaly) -> [WorkloadStep] {
    let object = sets.count - 1
    let (before, value, next) = (sets[object], freshValue(), freshValue())
    switch anomaly {
    case .lostElement: return add(value, object)
    case .thinAirRead: return read(before + [value], object)
    case .abortedRead: return add(value, object, .fail) + read(before + [value], object)
    case .duplicateElement:
      sets[object].append(value)
      return add(value, object) + read(before + [value, value], object)
    case .causalReverse:
      sets[object] += [value, next]
      return add(value, object) + add(next, object) + read(before + [next], object)
    default:
      sets[object].append(value)
      return add(value, object) + read(before, object)
    }
  }
}
