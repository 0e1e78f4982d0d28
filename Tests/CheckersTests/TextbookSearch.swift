import Histories

/// A sequential specification as the oracles see it: values as they were recorded, nothing interned.
struct Specification: Sendable {
  /// Functions that change nothing: without an answer they are left out.
  var observers: Set<String>
  /// The state after the operation, or nil if it cannot happen. The answer is nil where it is not known.
  var step: @Sendable (_ state: Value, _ f: String, _ input: Value, _ answer: Value?) -> Value?

  static let register = Specification(observers: ["read"]) { state, f, input, answer in
    // `nil` in a conditional expression would be the value null: a value can be written as that literal.
    switch f {
    case "read": return state == answer ? .some(state) : .none
    case "write": return .some(input)
    case "cas":
      guard case .list(let pair) = input else { return .none }
      return state == pair[0] ? .some(pair[1]) : .none
    default: return .none
    }
  }
}

/// An operation of an object as the oracles see it.
struct OracleOperation {
  var f: String
  var input: Value
  /// Null, if it has no answer.
  var output: Value
  var isAnswered = true
  var invocation: Int
  /// Nil: it never returned.
  var completion: Int?
  var isRequired: Bool
  var specification = Specification.register

  /// The object after the operation, or nil if it cannot happen.
  func step(_ state: Value) -> Value? { specification.step(state, f, input, isAnswered ? .some(output) : .none) }

  /// The operations of a history of one object, paired by process; failed ones and unanswered reads are left out.
  static func all(in history: History, of specification: Specification = .register) -> [OracleOperation] {
    var open: [Int32: Event] = [:]
    var operations: [OracleOperation] = []
    for event in history.events {
      if event.type == .invoke {
        open[event.process.rawValue] = event
      } else if let invoke = open.removeValue(forKey: event.process.rawValue) {
        if event.type == .fail { continue }
        operations.append(operation(invoke, event.type == .ok ? event : nil))
      }
    }
    operations += open.values.map { operation($0, nil) }
    operations.removeAll { specification.observers.contains($0.f) && !$0.isRequired }
    for place in operations.indices { operations[place].specification = specification }
    return operations.sorted { $0.invocation < $1.invocation }
  }

  private static func operation(_ invoke: Event, _ completion: Event?) -> OracleOperation {
    OracleOperation(
      f: invoke.function, input: invoke.value, output: completion?.value ?? .null, isAnswered: completion != nil,
      invocation: invoke.index, completion: completion?.index, isRequired: completion != nil)
  }
}

/// The search of Wing & Gong (1993) with Lowe's cache of (operations done, state): the textbook, for at most 128
/// operations. It shares nothing with the checker that it judges.
struct TextbookSearch {
  private struct Seen: Hashable {
    var done: UInt128
    var state: Value
  }

  /// An entry of the doubly linked list of calls and returns; 0 is the head.
  private struct Entry {
    var operation: Int
    var isCall: Bool
    var next = 0
    var previous = 0
    /// Of a call: the entry of its return, or 0.
    var match = 0
  }

  private let operations: [OracleOperation]
  private var entries: [Entry] = [Entry(operation: -1, isCall: false)]

  private init(_ operations: [OracleOperation]) {
    precondition(operations.count <= 128)
    self.operations = operations
    var events: [(time: Int, operation: Int, isCall: Bool)] = []
    for (id, operation) in operations.enumerated() {
      events.append((operation.invocation, id, true))
      if operation.isRequired, let completion = operation.completion { events.append((completion, id, false)) }
    }
    var calls: [Int: Int] = [:]
    for event in events.sorted(by: { $0.time < $1.time }) {
      let place = entries.count
      entries.append(Entry(operation: event.operation, isCall: event.isCall, previous: place - 1))
      entries[place - 1].next = place
      if event.isCall { calls[event.operation] = place } else { entries[calls[event.operation] ?? 0].match = place }
    }
  }

  static func isLinearizable(
    _ history: History, initial: Value = .null, of specification: Specification = .register
  ) -> Bool {
    var search = TextbookSearch(OracleOperation.all(in: history, of: specification))
    return search.run(initial)
  }

  private mutating func run(_ initial: Value) -> Bool {
    var state = initial
    var done: UInt128 = 0
    var left = operations.count { $0.isRequired }
    var seen: Set<Seen> = []
    var stack: [(entry: Int, state: Value)] = []
    var entry = entries[0].next
    while left > 0 {
      let operation = entries[entry].operation
      if entries[entry].isCall {
        let bit: UInt128 = 1 << UInt128(operation)
        if let next = operations[operation].step(state), seen.insert(Seen(done: done | bit, state: next)).inserted {
          stack.append((entry, state))
          (state, done) = (next, done | bit)
          if operations[operation].isRequired { left -= 1 }
          lift(entry)
          entry = entries[0].next
        } else {
          entry = entries[entry].next
        }
        continue
      }
      guard let last = stack.popLast() else { return false }
      let undone = entries[last.entry].operation
      (state, done) = (last.state, done & ~(1 << UInt128(undone)))
      if operations[undone].isRequired { left += 1 }
      unlift(last.entry)
      entry = entries[last.entry].next
    }
    return true
  }

  private mutating func lift(_ call: Int) {
    for place in [call, entries[call].match] where place != 0 {
      entries[entries[place].previous].next = entries[place].next
      if entries[place].next != 0 { entries[entries[place].next].previous = entries[place].previous }
    }
  }

  private mutating func unlift(_ call: Int) {
    for place in [entries[call].match, call] where place != 0 {
      entries[entries[place].previous].next = place
      if entries[place].next != 0 { entries[entries[place].next].previous = place }
    }
  }
}
