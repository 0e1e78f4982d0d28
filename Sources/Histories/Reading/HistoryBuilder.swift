/// How much a reader lets pass.
struct ReadRules {
  /// Leave out and count what can be left out soundly (`SkippedEvents.Kind`).
  var isLenient = false
  /// An unterminated last line that cannot be read is the end of the file: a run was cut off there.
  var allowsTornEnd = false
  /// Refuse what is no sequence of operations; otherwise that is left to `Operations`.
  var checksPairing = true
  /// Accept files none of whose events has a process.
  var allowsNoProcess = true
  var eventsMax = 1 << 31
}

/// Makes a history of events as a format's reader finds them, and keeps the line of each.
struct HistoryBuilder {
  /// Words and strings of values that nobody wants before their store is thrown away.
  static let ignoredMax = 1 << 16
  /// Nanoseconds before or after 0.
  static let timeMax: UInt64 = 1 << 62

  /// Whether events have a process, and invocations a key: all of them or none.
  private enum Identity { case unknown, present, absent }

  let rules: ReadRules
  var history = History()
  /// The line of each event, 1-based.
  var lines: [UInt32] = []
  /// The column of each event, 1-based; empty as long as all are 1.
  var columns: [UInt32] = []
  var skipped = SkippedEvents()
  /// Names of clients that are no numbers.
  var processNames = NameTable()
  /// Values of fields that mean nothing to us: they are read for their syntax.
  var ignored = ValueStore()
  var pairing = Pairing()
  private var identity = Identity.unknown
  var hasProcesses: Bool { identity != .absent }
  private var keys = Identity.unknown
  private var lastIndex = Int64.min
  private var lastTime = Int64.min
  var timeFalls: TimeFalls?

  init(_ rules: ReadRules) {
    self.rules = rules
    _ = history.functions.intern("")  // id 0: that of events without `f`
  }

  /// The number of a named process while the file is being read; `finish` gives it the one it keeps.
  static func namedProcess(_ id: UInt32) -> Int32 { -2 - Int32(clamping: id) }

  /// The process as the file calls it.
  func name(_ process: Int32) -> String {
    process < -1 ? "'\(processNames[UInt32(-2 - process)])'" : ProcessID(process).description
  }

  /// Appends an event that was read whole.
  ///
  /// - Throws: what is wrong with it in this place, where it begins.
  mutating func add(_ fields: EventFields, at place: EventPlace) throws(ScanError) {
    let offset = place.offset
    guard fields.has(.type) else { throw ScanError("the event has no type: \(EventType.expectation)", at: offset) }
    guard history.count + 2 <= rules.eventsMax else {
      throw ScanError(
        "more than \(rules.eventsMax) events: split the history", at: offset, .final)
    }
    try checkIndex(fields, at: offset)
    var row = fields.row
    if !fields.has(.time) {
      row.time = Int64(history.count)
    } else if !fields.isNemesis {
      // A fault may be written down after events that came later: no claim is about the nemesis.
      noteTime(row.time, place.line)
    }
    if fields.has(.key) { row.value = history.values.pair(fields.key, row.value) }
    if fields.isNemesis { return append(row, place) }
    try checkIdentity(fields, at: offset)
    try checkKey(fields, at: offset)
    if !fields.has(.process) { return addWithoutProcess(row, place) }
    guard rules.checksPairing else { return append(row, place) }
    switch try pair(row, at: place) {
    case .kept: append(row, place)
    case .skipped(let kind): skipped.note(kind, line: place.line)
    }
  }

  mutating func append(_ row: History.Row, _ place: EventPlace) {
    if place.column != 1, columns.isEmpty { columns = Array(repeating: 1, count: history.count) }
    if place.column != 1 || !columns.isEmpty { columns.append(place.column) }
    history.append(row)
    lines.append(place.line)
  }

  private mutating func noteTime(_ time: Int64, _ line: UInt32) {
    if time < lastTime {
      timeFalls = TimeFalls(firstLine: timeFalls?.firstLine ?? Int(line), count: (timeFalls?.count ?? 0) + 1)
    }
    lastTime = time
  }

  /// A key beside the value, in some invocations only, would mix two readings of the others' values.
  private mutating func checkKey(_ fields: EventFields, at offset: Int) throws(ScanError) {
    guard fields.row.type == .invoke else { return }
    if keys == .unknown { keys = fields.has(.key) ? .present : .absent }
    guard fields.has(.key) == (keys == .present) else {
      throw ScanError(
        "some invocations have a 'key' and some have none, or null: all of them must have one, or none", at: offset)
    }
  }

  /// The index of the file is not ours, but it must not fall: the order of the lines is the clock of every checker, and
  /// a file in another order than that of its events would be judged wrongly.
  private mutating func checkIndex(_ fields: EventFields, at offset: Int) throws(ScanError) {
    guard fields.has(.index) else { return }
    guard fields.index >= lastIndex else {
      throw ScanError(
        "the index falls from \(lastIndex) to \(fields.index): events must be in the order in which they happened",
        at: offset)
    }
    lastIndex = fields.index
  }

  private mutating func checkIdentity(_ fields: EventFields, at offset: Int) throws(ScanError) {
    if identity == .unknown { identity = fields.has(.process) ? .present : .absent }
    guard fields.has(.process) || rules.allowsNoProcess else {
      throw ScanError("'process' is missing: it must be an integer or a name as \"nemesis\"", at: offset)
    }
    guard fields.has(.process) == (identity == .present) else {
      throw ScanError("'process' is missing in some events: it must be in all of them, or in none", at: offset)
    }
    guard fields.has(.process) || fields.row.type != .invoke else {
      throw ScanError("'process' is missing: nothing tells which completion belongs to this invocation", at: offset)
    }
  }

  /// An event of a file without processes is an operation of its own, with a process of its own: its invocation is made
  /// up directly before it. Each operation stands alone in the order of the file, which says nothing about real time or
  /// sessions; `ReadHistory.hasProcesses` tells whoever wants to check such a claim.
  private mutating func addWithoutProcess(_ completion: History.Row, _ place: EventPlace) {
    var row = completion
    row.process = Int32(clamping: history.count / 2)
    var invocation = row
    invocation.type = .invoke
    (invocation.node, invocation.error) = (History.none, History.none)
    append(invocation, place)
    append(row, place)
  }

  // MARK: The end

  /// Gives named processes numbers above every integer process of the file, in order of first appearance.
  ///
  /// - Returns: the names by number.
  mutating func numberNamedProcesses() throws(ScanError) -> [ProcessID: String] {
    guard processNames.count > 0 else { return [:] }
    let base = Int(max(history.processMax, -1)) + 1
    guard base + processNames.count <= Int(Int32.max) else {
      throw ScanError("no process numbers are left for the \(processNames.count) named processes", at: 0)
    }
    history.renumberProcesses { $0 < -1 ? Int32(base) + (-2 - $0) : $0 }
    let names = (0..<processNames.count).map { (ProcessID(Int32(base + $0)), processNames[UInt32($0)]) }
    return Dictionary(names, uniquingKeysWith: { first, _ in first })
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Offset of the word's first occurrence.
  func firstRange(of word: StaticString) -> Int? {
    let length = word.utf8CodeUnitCount
    guard count >= length else { return nil }
    for start in 0...(count - length) where self[start] == word.utf8Start[0] {
      if (1..<length).allSatisfy({ self[start + $0] == word.utf8Start[$0] }) { return start }
    }
    return nil
  }
}
