import RaftKV
import Testing

/// Each bug of transactions shows its own anomaly, step by step on one leader, and no worse one. The server without a
/// bug goes the same way and shows none.
@Suite struct PlantedTransactionTests {
  /// A leader of three whose second server answers at once, so that the test decides when things are committed.
  private struct Stage {
    var bench: Bench
    private var nextRequest: RequestID = 1

    init(_ bug: RaftBug?, _ first: MicroOperation...) throws {
      bench = try Bench(members: 3, bug: bug)
      bench.becomeLeader()
      commitAll()
      let request = ask(first)
      settle()
      guard case .committed = bench.answers[request] else { throw NotReady() }
    }

    struct NotReady: Error {}

    /// Asks for a transaction, without waiting for anything.
    mutating func ask(_ operations: [MicroOperation]) -> RequestID {
      defer { nextRequest += 1 }
      bench.handle(.request(.write(.transaction(Transaction(operations))), id: nextRequest))
      return nextRequest
    }

    /// A follower has, and so the leader commits, everything that is in the log.
    mutating func commitAll() { bench.acknowledge(bench.raft.log.lastIndex, from: 2) }

    /// A follower confirms the latest heartbeat round: one round of reads ends.
    mutating func confirmRound() {
      guard let round = bench.takeSent(to: 2).compactMap(\.heartbeat?.round).max() else { return }
      bench.confirm(round: round, from: 2)
    }

    /// Everything goes on until nothing changes any more.
    mutating func settle() {
      var before: [Int] = []
      while before != progress {
        before = progress
        commitAll()
        for _ in 0..<4 { confirmRound() }
      }
    }

    private var progress: [Int] { [Int(bench.raft.log.lastIndex), bench.answers.count] }

    /// The answer to a transaction after which nothing else goes on.
    mutating func now(_ operations: MicroOperation...) -> Outcome? {
      let request = ask(operations)
      settle()
      return bench.answers[request]
    }
  }

  @Test(arguments: [nil, .txnSnapshot, .txnReadCommitted, .txnLostUpdate] as [RaftBug?])
  func writeSkew(bug: RaftBug?) throws {
    var stage = try Stage(bug, .w("x", 0), .w("y", 0))
    let first = stage.ask([.r("x"), .r("y"), .w("x", 1)])
    let second = stage.ask([.r("x"), .r("y"), .w("y", 1)])
    // With the rounds before the commit, also reads that go one by one are over before either transaction commits.
    for _ in 0..<4 { stage.confirmRound() }
    stage.settle()
    #expect(stage.bench.answers[first] == .committed([.register(0), .register(0)]))
    #expect(stage.bench.answers[second] == .committed([.register(bug == nil ? 1 : 0), .register(0)]))
  }

  @Test(
    arguments: [
      (nil, .committed([.list(0, 1)]), .list(0, 1, 2)), (.txnSnapshot, .aborted(.conflict), .list(0, 1)),
      (.txnReadCommitted, .committed([.list(0)]), .list(0, 1, 2)),
      (.txnLostUpdate, .committed([.list(0)]), .list(0, 1, 2)),
      (.txnDirty, .aborted(.conflict), .list(0, 1)),
    ] as [(RaftBug?, Outcome, StoredValue)])
  func twoThatReadAndWriteTheSameKey(bug: RaftBug?, second: Outcome, final: StoredValue) throws {
    var stage = try Stage(bug, .append("l", 0))
    let requests = [stage.ask([.r("l"), .append("l", 1)]), stage.ask([.r("l"), .append("l", 2)])]
    for _ in 0..<4 { stage.confirmRound() }
    stage.settle()
    #expect(stage.bench.answers[requests[0]] == .committed([.list(0)]))
    #expect(stage.bench.answers[requests[1]] == second)
    #expect(stage.now(.r("l")) == .committed([final]))
  }

  @Test(arguments: [(nil, 3), (.txnLostUpdate, 2), (.txnReadCommitted, 3)] as [(RaftBug?, Int)])
  func twoDeposits(bug: RaftBug?, balance: Int) throws {
    var stage = try Stage(bug, .w("a", 0))
    _ = stage.ask([.add("a", 1)])
    _ = stage.ask([.add("a", 2)])
    stage.settle()
    #expect(stage.now(.r("a")) == .committed([.register(balance)]))
  }

  /// Reads of a transaction that only reads are of different moments with one bug alone; the other bugs need two writers.
  @Test(
    arguments: [(nil, 0), (.txnReadCommitted, 1), (.txnSnapshot, 0), (.txnLostUpdate, 0)] as [(RaftBug?, Int)])
  func readSkew(bug: RaftBug?, secondRead: Int) throws {
    var stage = try Stage(bug, .w("x", 0), .w("y", 0))
    _ = stage.bench.takeSent()
    let reading = stage.ask([.r("x"), .r("y")])
    stage.confirmRound()
    _ = stage.ask([.w("x", 1), .w("y", 1)])
    stage.settle()
    #expect(stage.bench.answers[reading] == .committed([.register(0), .register(secondRead)]))
  }

  @Test(arguments: [nil] + RaftBug.allCases.filter(\.splitsTransactions) as [RaftBug?])
  func intermediateValuesAreSeenWithOneBugAlone(bug: RaftBug?) throws {
    var stage = try Stage(bug, .append("l", 0))
    let writing = stage.ask([.append("l", 1), .append("l", 2), .r("l")])
    let seen = try #require(try readWhileItRuns(&stage))
    stage.settle()
    #expect(stage.bench.answers[writing] == .committed([.list(0, 1, 2)]))
    #expect(seen == (bug == .txnDirty ? [.list(0, 1)] : [.list(0, 1, 2)]))
  }

  @Test(arguments: [nil] + RaftBug.allCases.filter(\.splitsTransactions) as [RaftBug?])
  func abortedValuesAreSeenWithOneBugAlone(bug: RaftBug?) throws {
    var stage = try Stage(bug, .append("l", 0))
    let writing = stage.ask([.append("l", 1), .atLeast("l2", 1), .append("l", 2)])
    let seen = try #require(try readWhileItRuns(&stage))
    stage.settle()
    #expect(stage.bench.answers[writing] == .aborted(.insufficient))
    #expect(seen == (bug == .txnDirty ? [.list(0, 1)] : [.list(0)]))
  }

  /// Lets the first entry of what runs be committed, and answers a read of the list before anything else is.
  private func readWhileItRuns(_ stage: inout Stage) throws -> [StoredValue?]? {
    stage.commitAll()
    let reading = stage.ask([.r("l")])
    for _ in 0..<2 { stage.confirmRound() }
    guard case .committed(let reads)? = stage.bench.answers[reading] else { return nil }
    return reads
  }

  @Test func aLeaderWithoutACommitOfItsTermHasNoSnapshot() throws {
    var bench = try Bench(bug: .txnSnapshot)
    bench.becomeLeader()
    bench.handle(.request(.write(.transaction(Transaction([.r("x"), .w("x", 1)]))), id: 1))
    #expect(bench.answers == [1: .noLeader])
  }
}
