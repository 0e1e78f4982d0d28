import Histories

/// One object to which elements are added and which is read whole, in columns.
struct ElementHistory {
  enum Outcome: UInt8 { case ok, unknown, failed }

  /// One operation that adds an element.
  struct Addition {
    /// Dense, in order of first use.
    var element: UInt32
    var invocation: UInt32
    /// `never` unless it was acknowledged.
    var completion: UInt32
    var outcome: Outcome
  }

  /// One completed read: what it saw is `seen[start..<end]`.
  struct Read {
    var invocation: UInt32
    var completion: UInt32
    var start: Int
    var end: Int
  }

  /// "Has no such event".
  static let never = UInt32.max

  let history: History
  /// The object; nil where the history holds one only.
  let key: Value?
  let additionName: AdditionName
  /// In order of invocation.
  private(set) var additions: [Addition] = []
  /// In order of invocation.
  private(set) var reads: [Read] = []
  /// Elements as the reads list them, duplicates included.
  private(set) var seen: [UInt32] = []
  /// The words of the elements.
  private(set) var elements: [ValueWord] = []
  private var ids = WordTable(tagBits: 3, directTag: ValueWord.intTag)

  /// Lowers the operations at these positions.
  ///
  /// - Throws: `MalformedHistory` for the first of another function or shape.
  private init(
    _ rows: Operations, _ positions: some Collection<Int>, key: Value?, _ addition: AdditionName, _ lists: ListWords
  ) throws(MalformedHistory) {
    history = rows.history
    additionName = addition
    self.key = key
    for position in positions {
      switch rows.function(position) {
      case "read": try appendRead(rows, position, lists)
      case addition.rawValue: try appendAddition(rows, position, lists)
      default:
        throw MalformedHistory(
          index: Int(rows.invocations[position]),
          message: "expected the operations '\(addition.rawValue)' and 'read', not '\(rows.function(position))'")
      }
    }
  }

  /// Calls the body with each object of the history in turn, in the order of their first operations; of a history
  /// without keys there is one.
  ///
  /// - Throws: `PairingError`; `MalformedHistory`; what the body throws.
  static func forEach(
    _ history: History, _ addition: AdditionName, _ body: (ElementHistory) throws(MalformedHistory) -> Void
  ) throws {
    let rows = try Operations(history)
    try history.values.withLists { lists throws(MalformedHistory) in
      guard history.keyed else {
        return try body(ElementHistory(rows, 0..<rows.count, key: nil, addition, lists))
      }
      try requireKeys(rows)
      for key in 0..<UInt32(history.keys.count) {
        let positions = rows.positions(key: key).lazy.map { Int($0) }
        try body(ElementHistory(rows, positions, key: history.keys[key], addition, lists))
      }
    }
  }

  /// Every operation of a history of many objects has a key, which its acknowledgement has too.
  private static func requireKeys(_ rows: Operations) throws(MalformedHistory) {
    for position in 0..<rows.count {
      guard rows.keyID(position) != nil else {
        throw MalformedHistory(
          index: Int(rows.invocations[position]),
          message: "expected [key, value], as other operations of the history have it")
      }
      try rows.requireSameKey(position)
    }
  }

  private mutating func appendAddition(
    _ rows: Operations, _ position: Int, _ lists: ListWords
  ) throws(MalformedHistory) {
    let invocation = rows.invocations[position]
    let element = try id(rows.input(position), at: Int(invocation))
    try rows.requireEcho(position, lists)
    let outcome: Outcome =
      switch rows.outcome(position) {
      case .ok: .ok
      case .fail: .failed
      case .info, .invoke: .unknown
      }
    let completion = outcome == .ok ? rows.completion(position) : nil
    additions.append(
      Addition(
        element: element, invocation: invocation,
        completion: completion.map { UInt32(truncatingIfNeeded: $0) } ?? Self.never, outcome: outcome))
  }

  private mutating func appendRead(
    _ rows: Operations, _ position: Int, _ lists: ListWords
  ) throws(MalformedHistory) {
    guard rows.outcome(position) == .ok, let completion = rows.completion(position) else { return }
    let (word, start) = (rows.output(position), seen.count)
    if let list = lists[word] {
      for raw in list { seen.append(try id(ValueWord(rawValue: raw), at: completion)) }
    } else if !word.isNull {
      throw MalformedHistory(
        index: completion, message: "a read returns the list of all elements, not \(history.values.value(word))")
    }
    reads.append(
      Read(
        invocation: rows.invocations[position], completion: UInt32(truncatingIfNeeded: completion), start: start,
        end: seen.count))
  }

  @inline(__always)
  private mutating func id(_ word: ValueWord, at event: Int) throws(MalformedHistory) -> UInt32 {
    guard word.isScalar, !word.isNull else {
      throw MalformedHistory(
        index: event, message: "an element is a number, a text or a truth value, not \(history.values.value(word))")
    }
    let id = ids.intern(word.rawValue, next: UInt32(elements.count))
    if id == elements.count { elements.append(word) }
    return id
  }

  /// The element as a value.
  func value(_ element: UInt32) -> Value { history.values.value(elements[Int(element)]) }
}
