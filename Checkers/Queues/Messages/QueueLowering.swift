import Histories

/// Makes the columns of a queue from its operations.
struct QueueLowering {
  enum Kind {
    /// `dequeue` removes what it returns.
    case removing
    /// `receive` lends what it returns, until `ack` or `nack`, or for a time.
    case lending

    var functions: String {
      switch self {
      case .removing: "'enqueue', 'resend', 'dequeue' and 'drain'"
      case .lending: "'enqueue', 'resend', 'receive', 'ack', 'nack' and 'drain'"
      }
    }
  }

  private let rows: Operations
  private let kind: Kind
  private let lists: ListWords
  private var object: QueueObject
  private var ids = WordTable(tagBits: 3, directTag: ValueWord.intTag)
  private var messageIDs: MessageIDs

  /// Calls the body with each queue of the history, in the order of their first operations.
  ///
  /// - Throws: `PairingError`; `MalformedHistory` for the first operation of another function or shape, and for a value
  ///   that is enqueued again though its first enqueue did not fail; what the body throws.
  static func forEach(
    _ history: History, _ kind: Kind, _ body: (QueueObject) throws(MalformedHistory) -> Void
  ) throws {
    let rows = try Operations(history)
    try history.values.withLists { lists throws(MalformedHistory) in
      try rows.forEachObject { key, positions throws(MalformedHistory) in
        var lowering = QueueLowering(rows, kind, lists, key)
        for position in positions { try lowering.append(Int(position)) }
        try body(lowering.finished())
      }
    }
  }

  private init(_ rows: Operations, _ kind: Kind, _ lists: ListWords, _ key: Value?) {
    (self.rows, self.kind, self.lists) = (rows, kind, lists)
    object = QueueObject(rows.history, key)
    messageIDs = MessageIDs()
  }

  private mutating func finished() -> QueueObject {
    messageIDs.resolve(into: &object)
    return object
  }

  private mutating func append(_ position: Int) throws(MalformedHistory) {
    switch (rows.function(position), kind) {
    case ("enqueue", _): try appendEnqueue(position)
    case ("resend", _): try appendResend(position)
    case ("drain", _): try appendDrain(position)
    case ("dequeue", .removing): try appendDequeue(position)
    case ("receive", .lending): try appendReceive(position)
    case ("ack", .lending): try appendRelease(position, isAck: true)
    case ("nack", .lending): try appendRelease(position, isAck: false)
    case (let other, _):
      throw MalformedHistory(
        index: Int(rows.invocations[position]), message: "expected the operations \(kind.functions), not '\(other)'")
    }
  }

  // MARK: In

  private mutating func appendEnqueue(_ position: Int) throws(MalformedHistory) {
    let invocation = rows.invocations[position]
    let message = Int(try message(enqueued(position), at: Int(invocation)))
    try rows.requireEcho(position, lists)
    if rows.outcome(position) == .fail {
      object.messages[message].failed = min(object.messages[message].failed, invocation)
      return
    }
    let first = object.messages[message].enqueued
    if first != QueueObject.never {
      throw MalformedHistory(
        index: Int(invocation),
        message: "\(object.value(UInt32(message))) is enqueued again (first at event \(first)); every enqueue needs a "
          + "value of its own")
    }
    object.messages[message].enqueued = invocation
    object.messages[message].producer = rows.process(position).rawValue
    if rows.outcome(position) == .ok { object.messages[message].acknowledged = completion(position) }
  }

  /// A message that was enqueued before, once more by a producer who did not hear what became of it, or did.
  ///
  /// Queues with idempotent producers know it again: it puts nothing in. Its answer acknowledges the message.
  private mutating func appendResend(_ position: Int) throws(MalformedHistory) {
    let invocation = rows.invocations[position]
    let message = Int(try message(enqueued(position), at: Int(invocation)))
    try rows.requireEcho(position, lists)
    guard object.messages[message].enqueued != QueueObject.never else {
      throw MalformedHistory(
        index: Int(invocation),
        message: "\(object.value(UInt32(message))) is enqueued once more, but there is no 'enqueue' of it before that "
          + "did not fail")
    }
    guard rows.outcome(position) == .ok else { return }
    object.messages[message].acknowledged = min(object.messages[message].acknowledged, completion(position))
  }

  /// What is enqueued: `v`, or `{"value": v, …}` with what else the request says of it.
  private func enqueued(_ position: Int) -> ValueWord {
    let word = rows.input(position)
    return word.isMap ? rows.history.values.field("value", of: word) ?? word : word
  }

  // MARK: Out

  private mutating func appendDequeue(_ position: Int) throws(MalformedHistory) {
    guard isAnswered(position, takesMany: false) else { return }
    let word = rows.output(position)
    if !word.isNull { deliver(try message(word, at: Int(completion(position))), position, place: 0) }
  }

  private mutating func appendReceive(_ position: Int) throws(MalformedHistory) {
    guard isAnswered(position, takesMany: false) else { return }
    let word = rows.output(position)
    if !word.isNull { try appendLent(word, position, place: 0) }
  }

  private mutating func appendDrain(_ position: Int) throws(MalformedHistory) {
    guard isAnswered(position, takesMany: true) else { return }
    let (word, event) = (rows.output(position), completion(position))
    object.drains.append(QueueObject.Drain(invocation: rows.invocations[position], completion: event))
    guard let list = lists[word] else {
      if word.isNull { return }
      throw MalformedHistory(
        index: Int(event),
        message: "a drain returns the list of all that was left, not \(rows.history.values.value(word))")
    }
    for (place, raw) in list.enumerated() {
      let (word, place) = (ValueWord(rawValue: raw), UInt32(truncatingIfNeeded: place + 1))
      if kind == .lending, word.isMap {
        try appendLent(word, position, place: place)
      } else {
        deliver(try message(word, at: Int(event)), position, place: place)
      }
    }
  }

  /// What a `receive` returns: the message, and the id to acknowledge it by.
  private mutating func appendLent(_ word: ValueWord, _ position: Int, place: UInt32) throws(MalformedHistory) {
    let (event, values) = (Int(completion(position)), rows.history.values)
    guard let id = values.field("id", of: word), let value = values.field("value", of: word), id.isScalar, !id.isNull
    else {
      throw MalformedHistory(
        index: event, message: "expected {\"id\": id, \"value\": value, …}, not \(values.value(word))")
    }
    let message = try message(value, at: event)
    messageIDs.deliver(id, message, delivery: UInt32(truncatingIfNeeded: object.deliveries.count), &object)
    deliver(message, position, place: place)
  }

  private mutating func appendRelease(_ position: Int, isAck: Bool) throws(MalformedHistory) {
    let (word, invocation) = (rows.input(position), rows.invocations[position])
    guard word.isScalar, !word.isNull else {
      throw MalformedHistory(
        index: Int(invocation), message: "expected the id of a message, not \(rows.history.values.value(word))")
    }
    try rows.requireEcho(position, lists)
    if rows.outcome(position) == .fail { return }
    messageIDs.release(
      word, invocation, completion: rows.outcome(position) == .ok ? completion(position) : QueueObject.never, isAck)
  }

  /// Whether it is known what the operation took; if it may have taken something, that is noted.
  private mutating func isAnswered(_ position: Int, takesMany: Bool) -> Bool {
    switch rows.outcome(position) {
    case .ok: return true
    case .fail: return false
    case .info, .invoke:
      object.takers.add(rows.invocations[position], takesMany: takesMany)
      return false
    }
  }

  private mutating func deliver(_ message: UInt32, _ position: Int, place: UInt32) {
    let completion = completion(position)
    object.deliveries.append(
      QueueObject.Delivery(
        message: message, invocation: rows.invocations[position], completion: completion, place: place))
    object.messages[Int(message)].deliveries += 1
    object.messages[Int(message)].firstReturn = min(object.messages[Int(message)].firstReturn, completion)
  }

  private func completion(_ position: Int) -> UInt32 {
    rows.completion(position).map { UInt32(truncatingIfNeeded: $0) } ?? QueueObject.never
  }

  private mutating func message(_ word: ValueWord, at event: Int) throws(MalformedHistory) -> UInt32 {
    guard word.isScalar, !word.isNull else {
      throw MalformedHistory(
        index: event,
        message: "a message is a number, a text or a truth value, not \(rows.history.values.value(word))"
          + KeyHint.text(word, rows.history))
    }
    let id = ids.intern(word.rawValue, next: UInt32(object.messages.count))
    if id == object.messages.count { object.messages.append(QueueObject.Message(word: word)) }
    return id
  }
}
