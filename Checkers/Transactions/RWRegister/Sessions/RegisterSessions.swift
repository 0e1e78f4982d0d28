/// What every session wrote and read, in its order: what guarantees to sessions are about.
///
/// A read shows the version of the transaction that wrote its value, be it the last one of that or not (Adya 1999,
/// 4.2.1: an intermediate version is none from before it). A read of what a failed transaction wrote says nothing.
struct RegisterSessions {
  static let none = RegisterHistory.none

  /// One read from outside: of the version that it shows, which may be the reader's own later one.
  struct Read {
    var version: UInt32
    var isOwn: Bool
  }

  /// Something that a session did with one key for the first time.
  struct Entry {
    var version: UInt32
    /// Who wrote or read it.
    var actor: UInt32
    /// Position of the actor in the session.
    var index: UInt32
  }

  let history: RegisterHistory
  /// By node: its session, and its position there.
  private(set) var session: [UInt32]
  private(set) var index: [UInt32]
  /// By session: its nodes.
  private(set) var members: [[UInt32]] = []
  /// The reads of node n are `reads[readStarts[n]..<readStarts[n + 1]]`.
  private(set) var reads: [Read] = []
  private var readStarts: [UInt32] = [0]
  /// What one session wrote to one key, and read of it, each version once.
  private(set) var written: [[Entry]] = []
  private(set) var seen: [[Entry]] = []
  /// By key: its places in `written`, with the session.
  private(set) var writtenOf: [[(session: UInt32, table: UInt32)]]
  /// By key and session: places in `written` and in `seen`.
  private var writtenTables: [UInt64: UInt32] = [:]
  private var seenTables: [UInt64: UInt32] = [:]
  /// By session and version: where the session's first read of the version is in its table.
  private var firstReads: [UInt64: UInt32] = [:]

  init(_ history: RegisterHistory, _ graph: TransactionGraph, knowsInitial: Bool) {
    self.history = history
    session = Array(repeating: Self.none, count: history.count)
    index = Array(repeating: 0, count: history.count)
    writtenOf = Array(repeating: [], count: history.transactions.keys.count)
    for node in 0..<history.count { addReads(of: node, knowsInitial) }
    for first in 0..<UInt32(history.count) where session[Int(first)] == Self.none { addSession(first, graph) }
  }

  func reads(of node: UInt32) -> ArraySlice<Read> {
    reads[Int(readStarts[Int(node)])..<Int(readStarts[Int(node) + 1])]
  }

  /// What the session wrote to the key, or saw of it; nil if nothing.
  func writtenTable(_ key: UInt32, _ session: UInt32) -> UInt32? { writtenTables[UInt64(key) << 32 | UInt64(session)] }
  func seenTable(_ key: UInt32, _ session: UInt32) -> UInt32? { seenTables[UInt64(key) << 32 | UInt64(session)] }

  /// How many entries come from transactions before a position of the session.
  static func count(_ entries: [Entry], before index: UInt32) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].index < index { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Where a version is among what a session wrote, or saw.
  func place(ofWritten version: UInt32, in table: UInt32, of session: UInt32) -> Int? {
    let writer = history.writers[Int(version)]
    guard writer != Self.none, self.session[Int(writer)] == session else { return nil }
    let place = Self.count(written[Int(table)], before: index[Int(writer)])
    return place < written[Int(table)].count && written[Int(table)][place].version == version ? place : nil
  }

  func place(ofSeen version: UInt32, by session: UInt32) -> Int? {
    firstReads[UInt64(session) << 32 | UInt64(version)].map { Int($0) }
  }

  private mutating func addReads(of node: Int, _ knowsInitial: Bool) {
    let transactions = history.transactions
    for place in transactions.micro(Int(history.committed[node])) where transactions.operations[place].isExternal {
      let version = version(shownAt: place, knowsInitial)
      if version != Self.none {
        reads.append(Read(version: version, isOwn: history.writers[Int(version)] == UInt32(node)))
      }
    }
    readStarts.append(UInt32(reads.count))
  }

  private func version(shownAt place: Int, _ knowsInitial: Bool) -> UInt32 {
    let source = history.links[place]
    let key = history.transactions.operations[place].key
    if source == RegisterHistory.nothing { return knowsInitial ? history.keyStarts[Int(key)] : Self.none }
    if source == Self.none { return Self.none }
    let writer = history.nodes[Int(history.transactions.operations[Int(source)].transaction)]
    return writer == Self.none ? Self.none : history.version(of: key, by: Int(writer))
  }

  private mutating func addSession(_ first: UInt32, _ graph: TransactionGraph) {
    let number = UInt32(members.count)
    var nodes: [UInt32] = []
    var node = first
    while node != TransactionGraph.none {
      (session[Int(node)], index[Int(node)]) = (number, UInt32(nodes.count))
      addEntries(of: node, number)
      nodes.append(node)
      node = graph.nextInProcess[Int(node)]
    }
    members.append(nodes)
  }

  private mutating func addEntries(of node: UInt32, _ session: UInt32) {
    let position = index[Int(node)]
    for version in history.writes(of: Int(node)) {
      let key = history.keys[Int(version)]
      let slot = UInt64(key) << 32 | UInt64(session)
      let table = writtenTables[slot] ?? UInt32(written.count)
      if table == written.count {
        written.append([])
        writtenTables[slot] = table
        writtenOf[Int(key)].append((session, table))
      }
      written[Int(table)].append(Entry(version: version, actor: node, index: position))
    }
    for read in reads(of: node) where !read.isOwn && !history.isInitial(read.version) {
      if firstReads[UInt64(session) << 32 | UInt64(read.version)] != nil { continue }
      let slot = UInt64(history.keys[Int(read.version)]) << 32 | UInt64(session)
      let table = seenTables[slot] ?? UInt32(seen.count)
      if table == seen.count {
        seen.append([])
        seenTables[slot] = table
      }
      firstReads[UInt64(session) << 32 | UInt64(read.version)] = UInt32(seen[Int(table)].count)
      seen[Int(table)].append(Entry(version: read.version, actor: node, index: position))
    }
  }
}
