/// How an event gets into a schedule, and out of it again.
extension OrderSchedule {
  mutating func begin(_ node: Int) {
    positions[node] = UInt32(placed)
    for place in columns.readRange(node) {
      let version = columns.read[place]
      unread[version] -= 1
      if present[columns.keys[version]] != version { brokenReads += 1 }
    }
    if !isSplit { return commit(node) }
    states[node] = State.started
    append(UInt32(node))
    for place in columns.writeRange(node) { owner[columns.keys[columns.written[place]]] = UInt32(node) }
    if !isUnread(node) { commit(node) }
  }

  mutating func commit(_ node: Int) {
    for place in columns.writeRange(node) {
      let version = columns.written[place]
      let key = columns.keys[version]
      replaced[version] = present[key]
      if unread[present[key]] > 0 { isLost[present[key]] = true }
      present[key] = version
      owner[key] = Self.none
    }
    states[node] = State.committed
    append(isSplit ? UInt32(columns.count + node) : UInt32(node))
    close(UInt32(node))
    if columns.ranks[node] == UInt32(completed) { advance() }
  }

  mutating func append(_ event: UInt32) {
    events[placed] = event
    placed += 1
  }

  mutating func close(_ node: UInt32) {
    openCount -= 1
    let slot = slots[node]
    let last = open[openCount]
    open[slot] = last
    slots[last] = slot
    slots[node] = Self.none
  }

  mutating func enter(_ node: UInt32) {
    slots[node] = UInt32(openCount)
    open[openCount] = node
    openCount += 1
  }

  /// Opens those that were invoked before the first completion that has not been placed.
  mutating func advance() {
    while completed < columns.rankCount, states[columns.completed[completed]] == State.committed { completed += 1 }
    limit = Int(columns.firstAfter[completed])
    if completed == columns.rankCount { limit = columns.count }
    while released < limit, openCount < Self.openMax {
      enter(UInt32(released))
      released += 1
    }
  }

  /// Takes back all events from this place on.
  mutating func takeBack(to place: Int) {
    while placed > place {
      placed -= 1
      let event = Int(events[placed])
      let node = event < columns.count ? event : event - columns.count
      if !isSplit || event >= columns.count { takeBackCommit(node) }
      if event < columns.count { takeBackStart(node) }
    }
    limit = completed == columns.rankCount ? columns.count : Int(columns.firstAfter[completed])
    for lesson in doubts where learned[Int(lesson)].level >= place { forget(lesson) }
    doubts.removeAll { learned[Int($0)].level >= place }
  }

  mutating func takeBackCommit(_ node: Int) {
    for place in columns.writeRange(node) {
      let version = columns.written[place]
      let key = columns.keys[version]
      present[key] = replaced[version]
      if isSplit { owner[key] = UInt32(node) }
    }
    states[node] = State.started
    enter(UInt32(node))
    if columns.ranks[node] != Self.none { completed = min(completed, Int(columns.ranks[node])) }
  }

  mutating func takeBackStart(_ node: Int) {
    for place in columns.readRange(node) { unread[columns.read[place]] += 1 }
    if isSplit {
      for place in columns.writeRange(node) { owner[columns.keys[columns.written[place]]] = Self.none }
    }
    states[node] = State.open
  }
}
