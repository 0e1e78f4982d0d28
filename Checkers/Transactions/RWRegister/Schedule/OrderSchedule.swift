/// Puts the events of all transactions in an order that keeps real time and in which every read shows the last version
/// before it: serial, or with a start and a commit of each under snapshot isolation.
///
/// Time runs, and those are open that may come next by real time. One of them is *free* if its reads show the present
/// versions and nobody has still to read what it replaces. To place a free one does no harm, wherever it would come in
/// another order, unless it writes a key that it has not read, and somebody reads that: then some other writer of the key
/// may have to come first. Only these are choices, the one that is due first before the others. A wrong one shows soon:
/// the open ones wait for each other in a circle, and one of the waits is there since a version came too early. From that
/// it is *learned* who has to come first, and the order is taken back to there (Silva and Sakallah, "GRASP", 1996, for
/// propositions). About O(n · w) for w open at a time.
struct OrderSchedule: ~Copyable {
  static let none = UInt32.max
  /// Transactions that are open at one time.
  static let openMax = 4_096
  /// Events that are taken back at once.
  static let takenBackMax = openMax / 2
  /// Things learned that are uncertain, before it is looked which of them still are.
  private static let doubtsMax = 512
  /// Circles in a row that are resolved without any progress, before other choices are tried, and how often they are.
  static let conflictsMax = 200
  static let retriesMax = 64
  /// Looks at open transactions, for each transaction of the history.
  static let looksPerTransactionMax = 400

  private enum State {
    static let open: UInt8 = 0
    static let started: UInt8 = 1
    static let committed: UInt8 = 2
  }

  let columns: ScheduleColumns
  /// Whether a transaction is a start and a commit, of which no two that write one key overlap.
  let isSplit: Bool
  /// Whether to go on with a read that is broken where nothing else is left.
  let forces: Bool

  let states: Column<UInt8>
  /// By version: reads of it that have not been placed; and the version that it replaced.
  let unread: Column<UInt32>
  let replaced: Column<UInt32>
  /// By version: whether it was replaced although somebody had still to read it.
  let isLost: Column<Bool>
  /// By key: the present version, and who has started and will write it.
  let present: Column<UInt32>
  let owner: Column<UInt32>
  /// By node: whether it writes a key that it has not read and somebody reads; and one that nobody reads.
  let risks: Column<UInt8>
  /// By node: where it is in `order`, with its start.
  let positions: Column<UInt32>
  /// By node: where it is in `open`.
  let slots: Column<UInt32>
  let open: Column<UInt32>
  private(set) var openCount = 0
  let events: Column<UInt32>
  private(set) var placed = 0
  /// By node: the last thing that was learned of who has to come before it, or none.
  let lessons: Column<UInt32>
  private(set) var learned: [Lesson] = []
  /// Of `learned` those with reasons.
  private var doubts: [UInt32] = []
  /// Nodes up to here were open at some time; nodes up to `limit` may be placed.
  private(set) var released = 0
  private(set) var limit = 0
  /// Completions up to here have been placed.
  private(set) var completed = 0
  /// What is placed before here stays.
  private(set) var floor = 0
  private var furthest = 0
  private var conflicts = 0
  private var retries = 0
  private var looks = 0
  private(set) var brokenReads = 0

  /// One has to come before another one, as long as none of the reasons is taken back.
  struct Lesson {
    var first: UInt32
    var later: UInt32
    /// What was learned before of the same later one, or none.
    var next: UInt32
    /// What would have to be otherwise; nothing where it follows from the history alone. Where the later one is itself
    /// the culprit of a reason, another one before it will do too.
    var reasons: [Reason]
    /// The place of the reason that was placed last.
    var level: Int
  }

  /// A version came before another one by choice.
  struct Reason: Hashable {
    /// Who writes the other one, and would have to come before the culprit.
    var other: UInt32
    /// Who was placed.
    var culprit: UInt32
  }

  init(_ history: RegisterHistory, isSplit: Bool, forces: Bool) {
    columns = ScheduleColumns(history)
    (self.isSplit, self.forces) = (isSplit, forces)
    states = Column(repeating: State.open, count: columns.count)
    unread = Column(repeating: 0, count: columns.keys.count)
    for version in 0..<columns.keys.count {
      unread[version] = columns.readerStarts[version + 1] - columns.readerStarts[version]
    }
    replaced = Column(repeating: Self.none, count: columns.keys.count)
    isLost = Column(repeating: false, count: columns.keys.count)
    present = Column(repeating: 0, count: columns.keyCount)
    for key in 0..<columns.keyCount { present[key] = columns.initial[key] }
    owner = Column(repeating: Self.none, count: columns.keyCount)
    risks = Column(repeating: 0, count: columns.count)
    positions = Column(repeating: Self.none, count: columns.count)
    slots = Column(repeating: Self.none, count: columns.count)
    open = Column(repeating: 0, count: Self.openMax)
    events = Column(repeating: 0, count: isSplit ? 2 * columns.count : columns.count)
    lessons = Column(repeating: Self.none, count: columns.count)
    for node in 0..<columns.count { risks[node] = risk(node) }
  }

  private static let (readBlindly, unreadBlindly): (UInt8, UInt8) = (1, 2)

  private func risk(_ node: Int) -> UInt8 {
    var risk: UInt8 = 0
    for place in columns.writeRange(node) {
      let version = columns.written[place]
      var isBlind = true
      for read in columns.readRange(node) where columns.keys[columns.read[read]] == columns.keys[version] {
        isBlind = false
      }
      if isBlind { risk |= columns.readerRange(version).isEmpty ? Self.unreadBlindly : Self.readBlindly }
    }
    return risk
  }

  /// The events in their order, as `OrderClaim` numbers them; nil if none was found within the limits.
  mutating func run() -> [UInt32]? {
    advance()
    while placed < events.count {
      if openCount > Self.openMax / 2 || looks > Self.looksPerTransactionMax * (columns.count + 1_000) { return nil }
      if placeFree() { continue }
      if let node = choice() {
        begin(Int(node))
      } else if !resolve() {
        if !forces { return nil }
        force()
      }
    }
    return (0..<events.count).map { events[$0] }
  }

  // MARK: What may come next

  /// Places all that are free and no choice; false if there are none.
  private mutating func placeFree() -> Bool {
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

  @inline(__always) private func isHarmless(_ node: Int) -> Bool {
    let risk = risks[node]
    if risk & Self.readBlindly != 0 || !canBegin(node) { return false }
    return risk == 0 || !isSplit || !isUnread(node)
  }

  /// Whether nothing is in the way of its start, or of all of it.
  @inline(__always) private func canBegin(_ node: Int) -> Bool {
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

  private func isTaught(_ node: Int) -> Bool {
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
  @inline(__always) private func isUnread(_ node: Int) -> Bool {
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
  private mutating func choice() -> UInt32? {
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

  @inline(__always) private func isDue(_ node: UInt32, before other: UInt32) -> Bool {
    (due(node), node) < (due(other), other)
  }

  /// When it is due; at other attempts at one place a little earlier, some more than others.
  @inline(__always) private func due(_ node: UInt32) -> UInt32 {
    let deadline = columns.deadlines[node]
    if retries == 0 { return deadline }
    let mixed = (UInt64(node) &+ UInt64(retries) << 32) &* 0x9E37_79B9_7F4A_7C15
    return deadline &- min(deadline, UInt32(truncatingIfNeeded: mixed >> 32) & Self.delayMask)
  }

  /// Events by which something may be due earlier.
  private static let delayMask: UInt32 = 63

  /// Whether another open one has to write a key of this one first: by real time, or since a reader of this one's
  /// version read from it.
  private func isPreceded(_ node: Int) -> Bool {
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
  private static let readersMax = 8

  private func readsFromWriter(_ reader: Int, of key: UInt32, except node: Int) -> Bool {
    for place in columns.readRange(reader) {
      let writer = columns.writers[columns.read[place]]
      if writer == Self.none || Int(writer) == node || states[writer] == State.committed { continue }
      if columns.version(key, by: Int(writer)) != Self.none { return true }
    }
    return false
  }

  // MARK: Placing

  private mutating func begin(_ node: Int) {
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

  private mutating func commit(_ node: Int) {
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

  private mutating func append(_ event: UInt32) {
    events[placed] = event
    placed += 1
  }

  private mutating func close(_ node: UInt32) {
    openCount -= 1
    let slot = slots[node]
    let last = open[openCount]
    open[slot] = last
    slots[last] = slot
    slots[node] = Self.none
  }

  private mutating func enter(_ node: UInt32) {
    slots[node] = UInt32(openCount)
    open[openCount] = node
    openCount += 1
  }

  /// Opens those that were invoked before the first completion that has not been placed.
  private mutating func advance() {
    while completed < columns.rankCount, states[columns.completed[completed]] == State.committed { completed += 1 }
    limit = Int(columns.firstAfter[completed])
    if completed == columns.rankCount { limit = columns.count }
    while released < limit, openCount < Self.openMax {
      enter(UInt32(released))
      released += 1
    }
  }

  /// Takes back all events from this place on.
  private mutating func takeBack(to place: Int) {
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

  private mutating func takeBackCommit(_ node: Int) {
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

  private mutating func takeBackStart(_ node: Int) {
    for place in columns.readRange(node) { unread[columns.read[place]] += 1 }
    if isSplit {
      for place in columns.writeRange(node) { owner[columns.keys[columns.written[place]]] = Self.none }
    }
    states[node] = State.open
  }

  // MARK: Circles

  /// Learns from the open ones that wait for each other; false if nothing can be learned, or if that went on for too long.
  private mutating func resolve() -> Bool {
    if placed > furthest { (furthest, conflicts, retries) = (placed, 0, 0) }
    conflicts += 1
    if conflicts > Self.conflictsMax { return retry() }
    var waits = ScheduleWaits(self)
    guard let reasons = waits.circle(self) else { return retry() }
    learn(reasons)
    return true
  }

  /// Forgets what is uncertain, goes back a little, each time farther, and chooses otherwise; false after too many times.
  private mutating func retry() -> Bool {
    retries += 1
    if retries > Self.retriesMax { return false }
    conflicts = 0
    for lesson in doubts { forget(lesson) }
    doubts.removeAll()
    takeBack(to: max(floor, placed - 16 << (retries % 6)))
    return true
  }

  /// That the other one of the reason that was placed last has to commit before the culprit begins, since all of these
  /// together make a circle.
  private mutating func learn(_ reasons: [Reason]) {
    var rest = reasons
    guard let last = rest.indices.max(by: { positions[rest[$0].culprit] < positions[rest[$1].culprit] }) else { return }
    let reason = rest.remove(at: last)
    let level = rest.filter { $0.culprit != reason.culprit }.map { Int(positions[$0.culprit]) }.max() ?? -1
    if states[reason.culprit] == State.open { forgetAlternatives(to: reason) }
    takeBack(to: min(placed, Int(positions[reason.culprit])))
    let number = UInt32(learned.count)
    learned.append(
      Lesson(first: reason.other, later: reason.culprit, next: lessons[reason.culprit], reasons: rest, level: level))
    lessons[reason.culprit] = number
    if level < 0 { return }
    doubts.append(number)
    // Those whose reasons are never taken back any more are none.
    if doubts.count > Self.doubtsMax { doubts.removeAll { learned[Int($0)].level < placed - Self.takenBackMax } }
  }

  /// Of several that might come before the culprit one is left.
  private mutating func forgetAlternatives(to reason: Reason) {
    var lesson = lessons[reason.culprit]
    while lesson != Self.none {
      let known = learned[Int(lesson)]
      if known.reasons.contains(reason) || known.first == reason.other {
        forget(lesson)
        doubts.removeAll { $0 == lesson }
      }
      lesson = known.next
    }
  }

  private mutating func forget(_ lesson: UInt32) {
    let later = learned[Int(lesson)].later
    if lessons[later] == lesson {
      lessons[later] = learned[Int(lesson)].next
      return
    }
    var previous = lessons[later]
    while previous != Self.none, learned[Int(previous)].next != lesson { previous = learned[Int(previous)].next }
    if previous != Self.none { learned[Int(previous)].next = learned[Int(lesson)].next }
  }

  /// Places the one that is due first, although it breaks something.
  private mutating func force() {
    var best: UInt32?
    for slot in 0..<openCount where Int(open[slot]) < limit {
      if best.map({ isDue(open[slot], before: $0) }) ?? true { best = open[slot] }
    }
    guard let best else { return }
    if states[best] == State.started { commit(Int(best)) } else { begin(Int(best)) }
    floor = placed
  }
}
