import Histories

/// The puts and gets of one key with causal contexts, in columns.
///
/// A context is a text that only the system understands. What it covers is what the gets had seen that returned it: a
/// put that gives it has observed the values of every such get that had ended when the put began. One that no such
/// get returned covers nobody knows what; null covers nothing.
struct SiblingsHistory {
  struct Put {
    /// Dense; `never` for a deletion.
    var value: UInt32
    var outcome: ReplicaHistory.Outcome
    var invocation: UInt32
    /// `never` unless it was acknowledged.
    var completion: UInt32
    /// Dense; `never` for null.
    var context: UInt32
  }

  /// One completed get: what it saw is `seen[start..<end]`.
  struct Get {
    var invocation: UInt32
    var completion: UInt32
    var start: Int
    var end: Int
    /// `never` where it returned none.
    var context: UInt32
    /// The replica; `never` for a get through a coordinator.
    var node = SiblingsHistory.never
  }

  static let never = UInt32.max

  let history: History
  /// The object; nil where the history holds one only.
  let key: Value?
  /// In order of invocation, those too that failed.
  private(set) var puts: [Put] = []
  /// In order of invocation.
  private(set) var gets: [Get] = []
  /// Values as the gets list them.
  private(set) var seen: [UInt32] = []
  private(set) var values: [ValueWord] = []
  private var valueIDs = WordTable(tagBits: 3, directTag: ValueWord.intTag)
  private var contextIDs = WordTable(tagBits: 3, directTag: ValueWord.intTag)
  private(set) var contexts = 0
  /// Replicas that somebody tried to read directly.
  private(set) var tries = ReplicaTries()

  init(_ history: History, key: Value?) { (self.history, self.key) = (history, key) }

  func value(_ id: UInt32) -> Value { history.values.value(values[Int(id)]) }

  func seen(_ get: Get) -> ArraySlice<UInt32> { seen[get.start..<get.end] }

  /// Adds the operation at this position.
  ///
  /// - Throws: `MalformedHistory` unless it is a get or a put of the shapes that the model's operations tell.
  mutating func append(
    _ rows: Operations, _ position: Int, _ function: String, _ fields: UpdateFields, _ lists: ListWords
  ) throws(MalformedHistory) {
    switch function {
    case "get", "local-get":
      let node = function == "get" ? Self.never : try tries.note(rows, position)
      guard rows.outcome(position) == .ok, let completion = rows.completion(position) else { return }
      try appendGet(rows.invocations[position], completion, rows.output(position), fields, lists)
      gets[gets.count - 1].node = node
    case "put": try appendPut(rows, position, fields)
    default:
      throw MalformedHistory(
        index: Int(rows.invocations[position]),
        message: "expected the operations 'get', 'local-get' and 'put', not '\(function)'")
    }
  }

  private mutating func appendPut(
    _ rows: Operations, _ position: Int, _ fields: UpdateFields
  ) throws(MalformedHistory) {
    let (invocation, word) = (rows.invocations[position], rows.input(position))
    let parts = fields.parts(word)
    guard word.isMap, let value = parts.value, value.isScalar, parts.context.isScalar else {
      throw MalformedHistory(
        index: Int(invocation),
        message: "a put is {\"value\": scalar, \"context\": text or null}, not \(history.values.value(word))"
          + KeyHint.text(word, history))
    }
    try requireEcho(rows, position, value, fields)
    let outcome: ReplicaHistory.Outcome =
      switch rows.outcome(position) {
      case .ok: .ok
      case .fail: .failed
      case .info, .invoke: .unknown
      }
    let completion = outcome == .ok ? rows.completion(position) : nil
    puts.append(
      Put(
        value: value.isNull ? Self.never : id(value), outcome: outcome, invocation: invocation,
        completion: completion.map { UInt32(truncatingIfNeeded: $0) } ?? Self.never, context: context(parts.context)))
  }

  /// The completion of a put says the same value, or none.
  private func requireEcho(
    _ rows: Operations, _ position: Int, _ value: ValueWord, _ fields: UpdateFields
  ) throws(MalformedHistory) {
    guard rows.outcome(position) == .ok, let completion = rows.completion(position) else { return }
    let answered = fields.parts(rows.output(position)).value ?? .null
    if answered.isNull || answered == value { return }
    throw MalformedHistory(
      index: completion,
      message: "a put of \(history.values.value(value)) completes with \(history.values.value(answered)): "
        + "expected its own value, or null")
  }

  private mutating func appendGet(
    _ invocation: UInt32, _ completion: Int, _ word: ValueWord, _ fields: UpdateFields, _ lists: ListWords
  ) throws(MalformedHistory) {
    let parts = fields.parts(word)
    let start = seen.count
    let list = word.isMap ? lists[parts.value ?? .null] : nil
    guard word.isNull || word.isMap && parts.context.isScalar && (list != nil || (parts.value ?? .null).isNull) else {
      throw malformed(word, at: completion)
    }
    if let list {
      for raw in list {
        let value = ValueWord(rawValue: raw)
        guard value.isScalar else { throw malformed(word, at: completion) }
        // A deletion may be shown as a sibling that is null.
        if !value.isNull { seen.append(id(value)) }
      }
    }
    gets.append(
      Get(
        invocation: invocation, completion: UInt32(truncatingIfNeeded: completion), start: start, end: seen.count,
        context: context(parts.context)))
  }

  private func malformed(_ word: ValueWord, at event: Int) -> MalformedHistory {
    MalformedHistory(
      index: event,
      message: "a get returns {\"values\": [scalar, …], \"context\": text}, not \(history.values.value(word))"
        + KeyHint.text(word, history))
  }

  private mutating func id(_ word: ValueWord) -> UInt32 {
    let id = valueIDs.intern(word.rawValue, next: UInt32(values.count))
    if id == values.count { values.append(word) }
    return id
  }

  private mutating func context(_ word: ValueWord) -> UInt32 {
    if word.isNull { return Self.never }
    let id = contextIDs.intern(word.rawValue, next: UInt32(contexts))
    contexts = max(contexts, Int(id) + 1)
    return id
  }
}
