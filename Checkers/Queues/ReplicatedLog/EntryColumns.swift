import Histories

/// One append-only log of a history in columns: what was appended, what reads showed, and at which indices.
struct EntryColumns {
  static let never = EventIndex.never

  /// One value; event indices.
  struct Entry {
    var word: ValueWord
    /// The append that did not fail: its invocation.
    var appended = EntryColumns.never
    /// Its completion, where it was acknowledged.
    var acknowledged = EntryColumns.never
    /// The invocation of the first append that failed.
    var failed = EntryColumns.never
    /// The first read that showed it, by completion; its position in `reads`.
    var seen = EntryColumns.never
    var reader = EntryColumns.never
    /// The least and the greatest index that it was met at.
    var low = Int64.max
    var high = Int64.min

    /// From when on it certainly was in the log.
    var known: UInt32 { min(acknowledged, seen) }
  }

  /// One index, with the first value that was met there and the first other one, and the event that told.
  struct Slot {
    var index: Int64
    var entry: UInt32
    var event: UInt32
    var otherEntry = EntryColumns.never
    var otherEvent = EntryColumns.never
  }

  /// One completed read: what it showed is `shown[start..<end]`.
  struct Read {
    var invocation: UInt32
    var completion: UInt32
    var start: Int
    var end: Int
    /// The first index that was asked for; nil where it was all.
    var from: Int64?
    /// The replica, where it is a `read-all`; empty where the events name none.
    var replica: String?
  }

  let history: History
  /// The log; nil where the history holds one only.
  let key: Value?
  private(set) var entries: [Entry] = []
  private(set) var slots: [Slot] = []
  /// In order of invocation.
  private(set) var reads: [Read] = []
  private(set) var shown: [(entry: UInt32, index: Int64)] = []
  private var entryIDs = WordTable(tagBits: 3, directTag: ValueWord.intTag)
  private var slotIDs = WordTable(tagBits: 0, directTag: 0)

  /// Calls the body with each log of the history, in the order of their first operations.
  ///
  /// - Throws: `MalformedHistory` for the first operation of another function or shape, and for a value that is appended
  ///   again though its first append did not fail; what the body throws.
  static func forEach(
    _ rows: Operations, _ body: (EntryColumns) throws(MalformedHistory) -> Void
  ) throws(MalformedHistory) {
    let history = rows.history
    try history.values.withLists { lists throws(MalformedHistory) in
      try rows.forEachObject { key, positions throws(MalformedHistory) in
        var columns = EntryColumns(history: history, key: key)
        for position in positions { try columns.append(rows, Int(position), lists) }
        try body(columns)
      }
    }
  }

  private init(history: History, key: Value?) { (self.history, self.key) = (history, key) }

  private mutating func append(
    _ rows: Operations, _ position: Int, _ lists: ListWords
  ) throws(MalformedHistory) {
    switch rows.function(position) {
    case "append": try appendEntry(rows, position, lists)
    case "read": try appendRead(rows, position, isFull: false, lists)
    case "read-all": try appendRead(rows, position, isFull: true, lists)
    case let other:
      throw malformed(
        rows.invocations[position], "expected the operations 'append', 'read' and 'read-all', not '\(other)'")
    }
  }

  private mutating func appendEntry(
    _ rows: Operations, _ position: Int, _ lists: ListWords
  ) throws(MalformedHistory) {
    let event = rows.invocations[position]
    let entry = Int(try entry(rows.input(position), event))
    guard rows.outcome(position) != .fail else {
      entries[entry].failed = min(entries[entry].failed, event)
      return
    }
    if entries[entry].appended != Self.never {
      throw malformed(
        event,
        "\(value(UInt32(entry))) is appended again (first at event \(entries[entry].appended)); every append "
          + "needs a value of its own")
    }
    entries[entry].appended = event
    guard rows.outcome(position) == .ok, let end = rows.completion(position) else { return }
    let completion = UInt32(truncatingIfNeeded: end)
    guard let pair = lists[rows.output(position)], pair.count == 2, pair[1] == entries[entry].word.rawValue else {
      throw malformed(
        completion, "expected [index, \(value(UInt32(entry)))], not \(history.values.value(rows.output(position)))")
    }
    entries[entry].acknowledged = completion
    _ = try note(UInt32(entry), at: ValueWord(rawValue: pair[0]), completion)
  }

  private mutating func appendRead(
    _ rows: Operations, _ position: Int, isFull: Bool, _ lists: ListWords
  ) throws(MalformedHistory) {
    let from = try start(rows.input(position), isFull, lists, rows.invocations[position])
    guard rows.outcome(position) == .ok, let end = rows.completion(position) else { return }
    let (word, event, start) = (rows.output(position), UInt32(truncatingIfNeeded: end), shown.count)
    guard let list = word.isNull ? UnsafeBufferPointer(start: nil, count: 0) : lists[word] else {
      throw malformed(event, "a read returns [[index, value], …], not \(history.values.value(word))")
    }
    for raw in list {
      guard let pair = lists[ValueWord(rawValue: raw)], pair.count == 2 else {
        throw malformed(event, "expected [index, value], not \(history.values.value(ValueWord(rawValue: raw)))")
      }
      let entry = try entry(ValueWord(rawValue: pair[1]), event)
      shown.append((entry, try note(entry, at: ValueWord(rawValue: pair[0]), event)))
      if event < entries[Int(entry)].seen {
        (entries[Int(entry)].seen, entries[Int(entry)].reader) = (event, UInt32(truncatingIfNeeded: reads.count))
      }
    }
    let node = isFull ? history.node(at: end) ?? history.node(at: Int(rows.invocations[position])) ?? "" : nil
    reads.append(
      Read(
        invocation: rows.invocations[position], completion: event, start: start, end: shown.count, from: from,
        replica: node))
  }

  /// The first index that a read asks for; nil where it asks for all.
  private func start(
    _ word: ValueWord, _ isFull: Bool, _ lists: ListWords, _ event: UInt32
  ) throws(MalformedHistory) -> Int64? {
    if word.isNull || isFull { return nil }
    guard let pair = lists[word], pair.count == 2, let from = history.values.int(ValueWord(rawValue: pair[0])),
      history.values.int(ValueWord(rawValue: pair[1])) != nil
    else { throw malformed(event, "expected null or the indices [from, to], not \(history.values.value(word))") }
    return from
  }

  private mutating func entry(_ word: ValueWord, _ event: UInt32) throws(MalformedHistory) -> UInt32 {
    guard word.isScalar, !word.isNull else {
      throw malformed(
        event,
        "an entry is a number, a text or a truth value, not \(history.values.value(word))"
          + KeyHint.text(word, history))
    }
    let id = entryIDs.intern(word.rawValue, next: UInt32(truncatingIfNeeded: entries.count))
    if id == entries.count { entries.append(Entry(word: word)) }
    return id
  }

  /// The entry was met at the index.
  private mutating func note(
    _ entry: UInt32, at word: ValueWord, _ event: UInt32
  ) throws(MalformedHistory) -> Int64 {
    guard let index = history.values.int(word), index >= 0 else {
      throw malformed(event, "an index is an integer from 0 on, not \(history.values.value(word))")
    }
    let id = Int(slotIDs.intern(UInt64(index), next: UInt32(truncatingIfNeeded: slots.count)))
    if id == slots.count {
      slots.append(Slot(index: index, entry: entry, event: event))
    } else if slots[id].entry != entry, slots[id].otherEntry == Self.never {
      (slots[id].otherEntry, slots[id].otherEvent) = (entry, event)
    }
    entries[Int(entry)].low = min(entries[Int(entry)].low, index)
    entries[Int(entry)].high = max(entries[Int(entry)].high, index)
    return index
  }

  private func malformed(_ event: UInt32, _ message: String) -> MalformedHistory {
    MalformedHistory(index: Int(event), message: message)
  }

  /// What a read showed.
  func shown(_ read: Int) -> ArraySlice<(entry: UInt32, index: Int64)> { shown[reads[read].start..<reads[read].end] }

  func value(_ entry: UInt32) -> Value { history.values.value(entries[Int(entry)].word) }
}
