import Histories

/// Transactions as results show them.
struct TransactionText {
  /// Elements of a list that are shown at its beginning, and at its end.
  private static let elementsMax = 4
  /// Micro-operations of a transaction that are shown.
  private static let operationsMax = 24
  /// Characters of a value that is no list.
  private static let charactersMax = 60

  private let history: History
  /// Whether objects are lists, of which null is an empty one.
  private let readsLists: Bool
  /// Of a transaction, by the events of its invocation and of its completion with `ok`.
  private let microOperations: (Int, Int?) -> Value

  init(_ history: History, readsLists: Bool, _ microOperations: @escaping (Int, Int?) -> Value) {
    (self.history, self.readsLists, self.microOperations) = (history, readsLists, microOperations)
  }

  func transaction(invocation: Int) -> IsolationEvidence.Transaction {
    let completion = completion(of: invocation)
    let type = completion.map { history.type(at: $0) } ?? .info
    let value = microOperations(invocation, type == .ok ? completion : nil)
    let event = history[invocation]
    return IsolationEvidence.Transaction(
      index: invocation, completion: completion, process: event.process.description, node: event.node,
      type: type.name, operations: operations(value, isAnswered: type == .ok), invokeTime: event.time,
      completeTime: completion.map { history[$0].time })
  }

  private func completion(of invocation: Int) -> Int? {
    let process = history.process(at: invocation)
    return (invocation + 1..<max(history.count, invocation + 1)).first { history.process(at: $0) == process }
  }

  private func operations(_ value: Value, isAnswered: Bool) -> [String] {
    let all = value.list ?? []
    let shown = all.prefix(Self.operationsMax).map { operation($0, isAnswered) }
    return all.count > shown.count ? shown + ["…(\(all.count - shown.count) more)…"] : shown
  }

  private func operation(_ micro: Value, _ isAnswered: Bool) -> String {
    guard let parts = micro.list, parts.count == 3, let function = parts[0].string else { return Self.short(micro) }
    let name = "\(function) \(Self.short(parts[1]))"
    if function != "r" { return "\(name) \(Self.short(parts[2]))" }
    let read = readsLists && parts[2] == .null ? .list([]) : parts[2]
    return isAnswered ? "\(name) → \(Self.short(read))" : "\(name) → ?"
  }

  /// A list that was read, shortened where it is long: null is one that is not there yet, and empty.
  static func list(_ value: Value) -> String { short(value == .null ? .list([]) : value) }

  private static func short(_ value: Value) -> String {
    guard let list = value.list else {
      let text = value.json
      return text.count <= charactersMax ? text : text.prefix(charactersMax) + "…"
    }
    let words = list.map(\.json)
    guard words.count > 2 * elementsMax + 1 else { return "[" + words.joined(separator: ", ") + "]" }
    // In a form that no element has.
    let hidden = "…(\(words.count - 2 * elementsMax) more)…"
    return "[" + (words.prefix(elementsMax) + [hidden] + words.suffix(elementsMax)).joined(separator: ", ") + "]"
  }
}
