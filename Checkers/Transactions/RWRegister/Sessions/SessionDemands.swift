/// What guarantees to sessions demand of the order of versions (Terry and others, "Session Guarantees", PDIS 1994): of
/// one session's first writes to a key, or of the versions of it that it saw first, that they come no later than the
/// version that a read shows.
struct SessionDemand {
  /// Whether it is about versions that a session saw, and not those that it wrote.
  var isSeen: Bool
  /// Place of the session's table in `RegisterSessions`, and how many of its entries are meant.
  var table: UInt32
  var count: Int
  /// What the read shows, and who read.
  var version: UInt32
  var reader: UInt32
  /// Of another session's entries: the last transaction of it that was seen, and by whom; none for the reader's own.
  var source = RegisterSessions.none
  var seer = RegisterSessions.none
}

/// Lists the demands of one level.
struct SessionDemands {
  /// Transactions between two looks at the clock.
  private static let nodesPerLook = 1 << 12

  let sessions: RegisterSessions
  private var history: RegisterHistory { sessions.history }

  /// - Parameters:
  ///   - body: false ends it.
  /// - Returns: why it was stopped from outside, if it was.
  func forEach(
    _ level: IsolationLevel, stop: () -> String?, _ body: (SessionDemand) -> Bool
  ) -> String? {
    var done = 0
    for (session, nodes) in sessions.members.enumerated() {
      // By session: what this one has seen of it.
      var known: [UInt32: (source: UInt32, seer: UInt32)] = [:]
      for node in nodes {
        done += 1
        if done % Self.nodesPerLook == 0, let reason = stop() { return reason }
        if level == .pram { see(by: node, &known) }
        for read in sessions.reads(of: node) {
          let goesOn =
            switch level {
            case .readYourWrites: own(read, node, UInt32(session), isSeen: false, body)
            case .monotonicReads: own(read, node, UInt32(session), isSeen: true, body)
            case .monotonicWrites: ofSources(read, node, isSeen: false, body)
            case .writesFollowReads: ofSources(read, node, isSeen: true, body)
            default:
              own(read, node, UInt32(session), isSeen: false, body)
                && own(read, node, UInt32(session), isSeen: true, body) && ofKnown(read, node, known, body)
            }
          if !goesOn { return nil }
        }
      }
    }
    return nil
  }

  /// What the reader's session did with the key before.
  private func own(
    _ read: RegisterSessions.Read, _ reader: UInt32, _ session: UInt32, isSeen: Bool, _ body: (SessionDemand) -> Bool
  ) -> Bool {
    let key = history.keys[Int(read.version)]
    guard let table = isSeen ? sessions.seenTable(key, session) : sessions.writtenTable(key, session) else {
      return true
    }
    let entries = isSeen ? sessions.seen[Int(table)] : sessions.written[Int(table)]
    let count = RegisterSessions.count(entries, before: sessions.index[Int(reader)])
    return count == 0
      || body(SessionDemand(isSeen: isSeen, table: table, count: count, version: read.version, reader: reader))
  }

  /// What the sessions of those whose writes the reader sees had done with the key before.
  private func ofSources(
    _ read: RegisterSessions.Read, _ reader: UInt32, isSeen: Bool, _ body: (SessionDemand) -> Bool
  ) -> Bool {
    let key = history.keys[Int(read.version)]
    for other in sessions.reads(of: reader) where !other.isOwn && !history.isInitial(other.version) {
      let source = history.writers[Int(other.version)]
      let session = sessions.session[Int(source)]
      guard let table = isSeen ? sessions.seenTable(key, session) : sessions.writtenTable(key, session) else {
        continue
      }
      let entries = isSeen ? sessions.seen[Int(table)] : sessions.written[Int(table)]
      // What the source itself read came before its write.
      let count = RegisterSessions.count(entries, before: sessions.index[Int(source)] + (isSeen ? 1 : 0))
      let demand = SessionDemand(
        isSeen: isSeen, table: table, count: count, version: read.version, reader: reader, source: source, seer: reader)
      if count > 0, !body(demand) { return false }
    }
    return true
  }

  /// Notes the last transaction of each session that the reader's session has seen by now.
  private func see(by reader: UInt32, _ known: inout [UInt32: (source: UInt32, seer: UInt32)]) {
    for read in sessions.reads(of: reader) where !read.isOwn && !history.isInitial(read.version) {
      let source = history.writers[Int(read.version)]
      let session = sessions.session[Int(source)]
      if let last = known[session], sessions.index[Int(last.source)] >= sessions.index[Int(source)] { continue }
      known[session] = (source, reader)
    }
  }

  /// What sessions had written before what the reader's session has seen of them.
  private func ofKnown(
    _ read: RegisterSessions.Read, _ reader: UInt32, _ known: [UInt32: (source: UInt32, seer: UInt32)],
    _ body: (SessionDemand) -> Bool
  ) -> Bool {
    for (session, table) in sessions.writtenOf[Int(history.keys[Int(read.version)])] {
      guard let last = known[session] else { continue }
      let count = RegisterSessions.count(sessions.written[Int(table)], before: sessions.index[Int(last.source)])
      let demand = SessionDemand(
        isSeen: false, table: table, count: count, version: read.version, reader: reader, source: last.source,
        seer: last.seer)
      if count > 0, !body(demand) { return false }
    }
    return true
  }
}

extension SessionDemands {
  func entries(_ demand: SessionDemand) -> [RegisterSessions.Entry] {
    demand.isSeen ? sessions.seen[Int(demand.table)] : sessions.written[Int(demand.table)]
  }

  /// The entries that the demand is about: a read does not miss what it shows, nor what its own transaction wrote.
  func ranges(_ demand: SessionDemand) -> [Range<Int>] {
    let own = history.version(of: history.keys[Int(demand.version)], by: Int(demand.reader))
    let session = sessions.session[Int(entries(demand)[0].actor)]
    let first = place(of: demand.version, demand, session)
    let second = own == demand.version ? nil : place(of: own, demand, session)
    var ranges: [Range<Int>] = []
    var start = 0
    for place in [min(first ?? .max, second ?? .max), max(first ?? -1, second ?? -1)] {
      guard place >= start, place < demand.count else { continue }
      if start < place { ranges.append(start..<place) }
      start = place + 1
    }
    if start < demand.count { ranges.append(start..<demand.count) }
    return ranges
  }

  private func place(of version: UInt32, _ demand: SessionDemand, _ session: UInt32) -> Int? {
    if version == RegisterHistory.none || history.isInitial(version) { return nil }
    return demand.isSeen
      ? sessions.place(ofSeen: version, by: session)
      : sessions.place(ofWritten: version, in: demand.table, of: session)
  }
}
