import Histories

/// An operation as the twin sees it: values as they were recorded.
struct SequentialTwinOperation {
  var f: String
  var key: Value
  var input: Value
  var output: Value
  var process: Int32
  var invocation: Int
  var isRequired: Bool

  /// The register after the operation, or nil if it cannot happen.
  func step(_ state: Value) -> Value? {
    switch f {
    case "read": return state == output ? .some(state) : .none
    case "write": return .some(input)
    case "cas":
      guard case .list(let pair) = input, state == pair[0] else { return .none }
      return .some(pair[1])
    default: return .none
    }
  }

  /// The operations of a history; failed ones and unanswered reads are left out.
  static func all(in history: History) -> [SequentialTwinOperation] {
    var open: [Int32: Event] = [:]
    var operations: [SequentialTwinOperation] = []
    for event in history.events where !event.process.isNemesis {
      if event.type == .invoke {
        open[event.process.rawValue] = event
      } else if let invoke = open.removeValue(forKey: event.process.rawValue), event.type != .fail {
        operations.append(operation(invoke, event.type == .ok ? event : nil, history.keyed))
      }
    }
    operations += open.values.map { operation($0, nil, history.keyed) }
    operations.removeAll { $0.f == "read" && !$0.isRequired }
    return operations.sorted { $0.invocation < $1.invocation }
  }

  private static func operation(_ invoke: Event, _ completion: Event?, _ keyed: Bool) -> SequentialTwinOperation {
    let input = keyed ? invoke.value.keyedPair : nil
    let output = keyed ? completion?.value.keyedPair : nil
    return SequentialTwinOperation(
      f: invoke.function, key: input?.key ?? .null, input: input?.value ?? invoke.value,
      output: output?.value ?? completion?.value ?? .null, process: invoke.process.rawValue, invocation: invoke.index,
      isRequired: completion != nil)
  }
}

/// Tries every order, with a memo of (what is done, values): the judge of sequential consistency for small histories.
///
/// An operation can come next when every operation that its process certainly did before it is done.
struct SequentialTwin {
  private struct Seen: Hashable {
    var done: UInt64
    var values: [Value]
  }

  private let operations: [SequentialTwinOperation]
  /// By operation: what must be done before it.
  private let before: [UInt64]
  private let required: UInt64
  private let object: [Int]
  private let objects: Int
  private var seen: Set<Seen> = []

  private init(_ operations: [SequentialTwinOperation]) {
    precondition(operations.count <= 64)
    self.operations = operations
    var keys: [Value] = []
    object = operations.map { operation in
      if let place = keys.firstIndex(of: operation.key) { return place }
      keys.append(operation.key)
      return keys.count - 1
    }
    objects = keys.count
    required = operations.indices.reduce(0) { $0 | (operations[$1].isRequired ? 1 << UInt64($1) : 0) }
    before = operations.indices.map { id in
      operations.indices[..<id].reduce(0) {
        $0 | (operations[$1].isRequired && operations[$1].process == operations[id].process ? 1 << UInt64($1) : 0)
      }
    }
  }

  static func isConsistent(_ operations: [SequentialTwinOperation]) -> Bool {
    var twin = SequentialTwin(operations)
    return twin.search(0, Array(repeating: .null, count: twin.objects))
  }

  private mutating func search(_ done: UInt64, _ values: [Value]) -> Bool {
    if done & required == required { return true }
    guard seen.insert(Seen(done: done, values: values)).inserted else { return false }
    for id in operations.indices where done & (1 << UInt64(id)) == 0 && before[id] & ~done == 0 {
      guard let next = operations[id].step(values[object[id]]) else { continue }
      var changed = values
      changed[object[id]] = next
      if search(done | 1 << UInt64(id), changed) { return true }
    }
    return false
  }
}

/// Judges the evidence of a decision by the history alone.
enum SequentialJudge {
  /// What is wrong with an order of invocations; nil if it proves the history consistent.
  static func problem(withOrder order: [Int]?, _ operations: [SequentialTwinOperation]) -> String? {
    guard let order else { return "no witness" }
    var values: [Value: Value] = [:]
    var placed: Set<Int> = []
    for invocation in order {
      guard let operation = operations.first(where: { $0.invocation == invocation }) else {
        return "\(invocation) unknown"
      }
      if !placed.insert(invocation).inserted { return "\(invocation) happens twice" }
      let isEarly = operations.contains {
        $0.isRequired && $0.process == operation.process && $0.invocation < invocation
          && !placed.contains($0.invocation)
      }
      if isEarly { return "\(invocation) comes before what its process did before" }
      guard let next = operation.step(values[operation.key] ?? .null) else { return "\(invocation) cannot happen" }
      values[operation.key] = next
    }
    return operations.first { $0.isRequired && !placed.contains($0.invocation) }.map { "\($0.invocation) is missing" }
  }

  /// What is shown happened in the history, demands no more than it, and has no order either; and nothing that an
  /// operation can have seen was left out, which would make every history look guilty.
  static func problem(with counterexample: Counterexample, _ operations: [SequentialTwinOperation]) -> String? {
    var shown: [SequentialTwinOperation] = []
    for operation in counterexample.operations {
      guard var original = operations.first(where: { $0.invocation == operation.index }) else {
        return "\(operation.index) unknown"
      }
      if operation.role == .required, !original.isRequired { return "\(operation.index) demands too much" }
      original.isRequired = operation.role == .required
      shown.append(original)
    }
    if shown.isEmpty { return "nothing shown" }
    if SequentialTwin.isConsistent(shown) { return "innocent" }
    if !shown.contains(where: { $0.invocation == counterexample.operations[counterexample.violation].index }) {
      return "no violation"
    }
    for reader in shown {
      guard let need = need(reader), need != .null else { continue }
      let sources = operations.filter { $0.key == reader.key && result($0) == need && self.need($0) != need }
      if !sources.isEmpty, !sources.contains(where: { source in shown.contains { $0.invocation == source.invocation } })
      {
        return "\(reader.invocation) is robbed of its source"
      }
    }
    return nil
  }

  private static func need(_ operation: SequentialTwinOperation) -> Value? {
    switch operation.f {
    case "read": return .some(operation.output)
    case "cas": return operation.input.list.map { $0[0] }
    default: return .none
    }
  }

  private static func result(_ operation: SequentialTwinOperation) -> Value? {
    switch operation.f {
    case "write": return .some(operation.input)
    case "cas": return operation.input.list.map { $0[1] }
    default: return .none
    }
  }
}
