/// What may come next in a schedule, and which of that is taken.
extension OrderSchedule {
  /// Places all that are free and no choice; false if there are none.
  mutating func placeFree() -> Bool {
    let before = placed
    var slot = 0
    looks += openCount
    while slot < openCount {
      let node = open[slot]
      if states[node] == State.started {
        if isUnread(Int(node)) { slot += 1 } else { commit(Int(node)) }
      } else if isHarmless(Int(node)) {
        begin(Int(node))
        if isSplit { slot = states[node] == State.committed ? slot : slot + 1 }
      } else {
        slot += 1
      }
      if openCount > Self.openMax / 2 { break }
    }
    return placed > before
  }

  @inline(__always) func isHarmless(_ node: Int) -> Bool {
    let risk = risks[node]
    if risk & Self.readBlindly != 0 || !canBegin(node) { return false }
    return risk == 0 || !isSplit || !isUnread(node)
  }

  /// Whether nothing is in the way of its start, or of all of it.
  @inline(__always) func canBegin(_ node: Int) -> Bool {
    if node >= limit { return false }
    for place in columns.readRange(node) {
      let version = columns.read[place]
      if present[columns.keys[version]] != version, !isLost[version] { return false }
    }
    if lessons[node] != Self.none, isTaught(node) { return false }
    if !isSplit { return !isUnread(node) }
    for place in columns.writeRange(node) where owner[columns.keys[columns.written[place]]] != Self.none {
      return false
    }
    return true
  }

  func isTaught(_ node: Int) -> Bool {
    var lesson = lessons[node]
    while lesson != Self.none {
      let known = learned[Int(lesson)]
      if !isSatisfied(known) { return true }
      lesson = known.next
    }
    return false
  }

  func isSatisfied(_ lesson: Lesson) -> Bool {
    states[lesson.first] == State.committed
      || lesson.reasons.contains { $0.culprit == lesson.later && states[$0.other] == State.committed }
  }

  /// Whether somebody else has still to read what it replaces.
  @inline(__always) func isUnread(_ node: Int) -> Bool {
    for place in columns.writeRange(node) {
      let version = present[columns.keys[columns.written[place]]]
      let readers = unread[version]
      if readers == 0 || isLost[version] { continue }
      // Of those who have started, the own reads are placed.
      if states[node] == State.started || readers > columns.readCount(node, version) { return true }
    }
    return false
  }

  // MARK: Choices

  /// Of those that could be placed, the one that is due first; before all others one that can commit at once, and before
  /// which no other writer has to come.
  mutating func choice() -> UInt32? {
    var best: UInt32?
    var bestRank = 4
    looks += openCount
    for slot in 0..<openCount {
      let node = open[slot]
      if states[node] != State.open { continue }
      if let best, bestRank == 0, !isDue(node, before: best) { continue }
      if !canBegin(Int(node)) { continue }
      let rank = (isPreceded(Int(node)) ? 2 : 0) + (isSplit && isUnread(Int(node)) ? 1 : 0)
      guard rank <= bestRank else { continue }
      if rank < bestRank || best.map({ isDue(node, before: $0) }) ?? true { (best, bestRank) = (node, rank) }
    }
    return best
  }

  @inline(__always) func isDue(_ node: UInt32, before other: UInt32) -> Bool {
    (due(node), node) < (due(other), other)
  }

  /// When it is due; at other attempts at one place a little earlier, some more than others.
  @inline(__always) func due(_ node: UInt32) -> UInt32 {
    let deadline = columns.deadlines[node]
    if retries == 0 { return deadline }
    let mixed = (UInt64(node) &+ UInt64(retries) << 32) &* 0x9E37_79B9_7F4A_7C15
    return deadline &- min(deadline, UInt32(truncatingIfNeeded: mixed >> 32) & Self.delayMask)
  }

  /// Events by which something may be due earlier.
  static let delayMask: UInt32 = 63

  /// Whether another open one has to write a key of this one first: by real time, or since a reader of this one's
  /// version read from it.
  func isPreceded(_ node: Int) -> Bool {
    for place in columns.writeRange(node) {
      let version = columns.written[place]
      let key = columns.keys[version]
      let start = columns.lastStart[version]
      if columns.readerRange(version).isEmpty { continue }
      for slot in 0..<openCount where open[slot] != UInt32(node) {
        let other = columns.version(key, by: Int(open[slot]))
        if other != Self.none, columns.firstEnd[other] < start { return true }
      }
      for reader in columns.readerRange(version).prefix(Self.readersMax)
      where readsFromWriter(Int(columns.readers[reader]), of: key, except: node) {
        return true
      }
    }
    return false
  }

  /// Readers of one version that are looked at.
  static let readersMax = 8

  func readsFromWriter(_ reader: Int, of key: UInt32, except node: Int) -> Bool {
    for place in columns.readRange(reader) {
      let writer = columns.writers[columns.read[place]]
      if writer == Self.none || Int(writer) == node || states[writer] == State.committed { continue }
      if columns.version(key, by: Int(writer)) != Self.none { return true }
    }
    return false
  }
}
