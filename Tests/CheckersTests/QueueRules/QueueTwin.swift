import Histories

/// An operation as the twins see it: values as they were recorded.
struct TwinOperation {
  var f: String
  var input: Value
  var output: Value
  var process: Int32
  var invocation: Int
  /// Nil: it may happen at any time after its invocation.
  var completion: Int?
  var isRequired: Bool
  /// Its answer is known. An optional operation of a counterexample can have one.
  var isAnswered: Bool

  /// The operations of a history of one object, paired by process; failed ones are left out.
  static func all(in history: History) -> [TwinOperation] {
    var open: [Int32: Event] = [:]
    var operations: [TwinOperation] = []
    for event in history.events {
      if event.type == .invoke {
        open[event.process.rawValue] = event
      } else if let invoke = open.removeValue(forKey: event.process.rawValue), event.type != .fail {
        operations.append(TwinOperation(invoke, event.type == .ok ? event : nil))
      }
    }
    operations += open.values.map { TwinOperation($0, nil) }
    return operations.sorted { $0.invocation < $1.invocation }
  }

  private init(_ invoke: Event, _ completion: Event?) {
    f = invoke.function
    input = invoke.value
    output = completion?.value ?? .null
    process = invoke.process.rawValue
    invocation = invoke.index
    self.completion = completion?.index
    isRequired = completion != nil
    isAnswered = isRequired
  }

  init(_ shown: Counterexample.Operation) {
    f = shown.f
    input = shown.input
    output = shown.output
    process = Int32(shown.process) ?? 0
    invocation = shown.index
    completion = shown.completion
    isRequired = shown.role == .required
    // One that returned after the violation keeps the answer that it had then.
    isAnswered = shown.type == "ok"
  }
}

/// A specification by itself, with the textbook search of Wing & Gong over (operations done, state), for few
/// operations. It shares nothing with the models and the rules that it judges.
struct Twin<State: Hashable> {
  var initial: State
  /// The states after the operation with the answer it had: none if it cannot happen, several if it chooses.
  var steps: (State, TwinOperation) -> [State]

  private struct Seen: Hashable {
    var done: UInt64
    var state: State
  }

  func isLinearizable(_ operations: [TwinOperation]) -> Bool { isLinearizable(operations, from: initial) }

  func isLinearizable(_ operations: [TwinOperation], from state: State) -> Bool {
    precondition(operations.count <= 64)
    var seen: Set<Seen> = []
    return search(operations, 0, state, &seen)
  }

  private func search(_ operations: [TwinOperation], _ done: UInt64, _ state: State, _ seen: inout Set<Seen>) -> Bool {
    var (deadline, began, isFinished) = (Int.max, -1, true)
    for (id, operation) in operations.enumerated() {
      if done & 1 << UInt64(id) != 0 {
        began = max(began, operation.invocation)
      } else if operation.isRequired {
        isFinished = false
        deadline = min(deadline, operation.completion ?? .max)
      }
    }
    if isFinished { return true }
    guard seen.insert(Seen(done: done, state: state)).inserted else { return false }
    for (id, operation) in operations.enumerated() where done & 1 << UInt64(id) == 0 {
      if operation.invocation > deadline || (operation.completion ?? .max) < began { continue }
      for next in steps(state, operation) where search(operations, done | 1 << UInt64(id), next, &seen) { return true }
    }
    return false
  }

  /// What is wrong with an order of invocations; nil if it is a linearization.
  func problem(withOrder order: [Int], _ operations: [TwinOperation]) -> String? {
    var (states, latest, seen): (Set<State>, Int, Set<Int>) = ([initial], -1, [])
    for invocation in order {
      guard let operation = operations.first(where: { $0.invocation == invocation }) else {
        return "\(invocation) is no operation"
      }
      if !seen.insert(invocation).inserted { return "\(invocation) happens twice" }
      if (operation.completion ?? .max) < latest { return "\(invocation) comes too late" }
      states = Set(states.flatMap { steps($0, operation) })
      if states.isEmpty { return "\(invocation) cannot happen" }
      latest = max(latest, invocation)
    }
    return operations.first { $0.isRequired && !seen.contains($0.invocation) }.map { "\($0.invocation) is missing" }
  }
}
