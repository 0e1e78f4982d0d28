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
  static let doubtsMax = 512
  /// Circles in a row that are resolved without any progress, before other choices are tried, and how often they are.
  static let conflictsMax = 200
  static let retriesMax = 64
  /// Looks at open transactions, for each transaction of the history.
  static let looksPerTransactionMax = 400
  /// Steps for each transaction that are done in any case, and steps between two looks at the clock after those.
  static let (stepsPerTransactionMin, stepsPerLook) = (400, 1 << 16)

  enum State {
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
  var openCount = 0
  let events: Column<UInt32>
  var placed = 0
  /// By node: the last thing that was learned of who has to come before it, or none.
  let lessons: Column<UInt32>
  var learned: [Lesson] = []
  /// Of `learned` those with reasons.
  var doubts: [UInt32] = []
  /// Nodes up to here were open at some time; nodes up to `limit` may be placed.
  var released = 0
  var limit = 0
  /// Completions up to here have been placed.
  var completed = 0
  /// What is placed before here stays.
  var floor = 0
  var furthest = 0
  var conflicts = 0
  var retries = 0
  var looks = 0
  /// Steps of the searches for circles; the looks come to these.
  var searched = 0
  /// Steps after which the clock is looked at again.
  var nextLook: Int
  /// Events that were placed although they break something.
  var forced = 0
  var brokenReads = 0
  /// Why to end before the order is complete; nil to go on.
  let stop: () -> String?

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

  init(_ history: RegisterHistory, isSplit: Bool, forces: Bool, stop: @escaping () -> String?) {
    columns = ScheduleColumns(history)
    (self.isSplit, self.forces, self.stop) = (isSplit, forces, stop)
    nextLook = Self.stepsPerTransactionMin * (history.count + 1_000)
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

  static let (readBlindly, unreadBlindly): (UInt8, UInt8) = (1, 2)

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
      if looks + searched > nextLook {
        if stop() != nil { return nil }
        nextLook = looks + searched + Self.stepsPerLook
      }
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
}
