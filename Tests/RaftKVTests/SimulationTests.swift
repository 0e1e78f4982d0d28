import RaftKV
import RaftSimulationKit
import Testing

@Suite struct SimulationTests {
  private func run(_ seeds: Range<UInt64>, _ adjust: (inout SimulationOptions) -> Void = { _ in }) -> Totals {
    var options = SimulationOptions()
    adjust(&options)
    var totals = Totals()
    for seed in seeds {
      var simulation = Simulation(seed: seed, options: options)
      totals.add(simulation.run())
    }
    return totals
  }

  @Test func fiftySeedsKeepEveryPromise() {
    let totals = run(1..<51) { $0.encodesMessages = true }
    #expect(totals.violations.map { "seed \($0.seed): \($0.violation)" } == [])
    #expect(totals.vacuities(committedPerSeedMin: 50, leaderChangeAndCrashPercentMin: 80) == [])
    #expect(totals.sums.lost > 0)
    #expect(totals.sums.duplicated > 0)
    #expect(totals.sums.reordered > 0)
    #expect(totals.sums.lostBatches > 0)
    #expect(totals.sums.transactions > 5_000)
    #expect(totals.sums.aborts > 200)
    #expect(totals.sums.repetitions > 200)
    #expect(totals.sums.installs > 30)
    #expect(totals.sums.changes > 50)
  }

  @Test(arguments: [1, 2, 3, 4] as [Int]) func otherClusterSizesKeepEveryPromise(nodes: Int) {
    let totals = run(1..<3) { $0.nodes = nodes }
    #expect(totals.violations.map { "seed \($0.seed): \($0.violation)" } == [])
  }

  /// Counting replicas of old terms needs figure 8 to be played by chance; see below.
  @Test(arguments: RaftBug.allCases.filter { $0 != .commitEarlierTermByCounting })
  func everyBugIsFound(bug: RaftBug) {
    let totals = run(1..<11) {
      $0.bug = bug
      bug.favour(&$0)
    }
    #expect(totals.violations.count >= bug.foundInTenSeedsMin)
    guard bug.splitsTransactions else { return }
    #expect(Set(totals.violations.map(\.violation.invariant)) == ["Strict Serializability"])
  }

  @Test func theFavouredFaultsAloneBreakNothing() {
    let favours: [(inout SimulationOptions) -> Void] = [
      { $0.favourChanges() }, { $0.favourSnapshots() }, { $0.favourSessions() }, { $0.favourStaleLeaders() },
      { $0.favourFigure8() },
    ]
    for favour in favours {
      #expect(run(1..<7, favour).violations.map { "seed \($0.seed): \($0.violation)" } == [])
    }
  }

  /// Each bug of transactions breaks what it is there to break, and keeps what is weaker.
  @Test(
    arguments: [
      (.txnSnapshot, .snapshotIsolation, false), (.txnLostUpdate, .snapshotIsolation, true),
      (.txnReadCommitted, .snapshotIsolation, true), (.txnReadCommitted, .readCommitted, false),
      (.txnDirty, .readCommitted, true), (nil, .snapshotIsolation, false), (nil, .readCommitted, false),
    ] as [(RaftBug?, TransactionPromise, Bool)])
  func aBugBreaksItsLevelAndNoWeakerOne(bug: RaftBug?, promise: TransactionPromise, isBroken: Bool) {
    let totals = run(1..<7) {
      $0.bug = bug
      $0.transactionPromise = promise
      $0.favourTransactions()
    }
    let violations = totals.violations.map { "seed \($0.seed): \($0.violation)" }
    if isBroken {
      #expect(violations.count >= 4)
      #expect(violations.allSatisfy { $0.contains(promise.rawValue) })
    } else {
      #expect(violations == [])
    }
  }

  @Test(arguments: [Canary.lyingDisk, .forgottenTerm])
  func theInvariantsBiteWhenTheDiskBreaksItsPromise(canary: Canary) {
    #expect(!run(1..<13) { $0.canary = canary }.violations.isEmpty)
  }

  /// A seed whose faults happen to play figure 8, which is rare (``Figure8Tests`` plays it step by step). With and without
  /// the mutation under the same faults: what bites is the missing rule, not the harder life.
  @Test(arguments: [RaftBug.commitEarlierTermByCounting, nil])
  func theInvariantsBiteWhenOldTermsAreCounted(bug: RaftBug?) {
    let totals = run(82..<83) {
      $0.bug = bug
      $0.favourFigure8()
    }
    #expect(totals.violations.map(\.violation.invariant) == (bug == nil ? [] : ["Leader Completeness"]))
  }

  @Test func aSeedRepeatsExactly() {
    var first = Simulation(seed: 77)
    var second = Simulation(seed: 77)
    #expect("\(first.run())" == "\(second.run())")
  }

  @Test func tooLittleIsNoticed() {
    let totals = run(1..<3) {
      $0.clients = 0
      $0.faultTime = 1
    }
    #expect(totals.violations.isEmpty)
    #expect(totals.vacuities(committedPerSeedMin: 50, leaderChangeAndCrashPercentMin: 80).count == 2)
  }
}

extension RaftBug {
  /// Steers towards what the bug needs.
  fileprivate func favour(_ options: inout SimulationOptions) {
    switch self {
    case .retryAppliesTwice: options.favourSessions()
    case .leaseRead: options.favourStaleLeaders()
    case .snapshotInstalledOverNewerLog, .compactsBeforeSnapshotDurable: options.favourSnapshots()
    case .twoServerMembershipChange: options.favourChanges()
    case _ where splitsTransactions: options.favourTransactions()
    default: break
    }
  }

  /// Some need a crash, or a repeated message, at the right moment.
  fileprivate var foundInTenSeedsMin: Int {
    switch self {
    case .snapshotInstalledOverNewerLog: 1
    case .compactsBeforeSnapshotDurable, .truncatesOnStaleAppend, .twoServerMembershipChange: 3
    case .votesNotPersisted: 5
    default: 8
    }
  }
}
