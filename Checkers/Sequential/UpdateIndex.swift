/// The updates of each object, chain by chain, and who saw them last.
struct UpdateIndex {
  /// The updates of one object in one chain: `updates[start..<end]`, in order.
  struct Run {
    var chain: UInt32
    var start: UInt32
    var end: UInt32
  }

  private let problem: SequentialProblem
  private var updates: [UInt32] = []
  private var allRuns: [Run] = []
  /// The runs of object k are `allRuns[runStarts[k]..<runStarts[k + 1]]`.
  private var runStarts: [Int] = [0]
  /// The last reader of each update in each chain: `readers[readerStarts[w]..<readerStarts[w + 1]]`.
  private var readers: [UInt32] = []
  private var readerStarts: [Int] = [0]
  /// The last reader of the initial state of each object in each chain.
  private(set) var lastInitialReaders: [UInt32] = []

  init(_ problem: SequentialProblem, _ source: [UInt32]) {
    self.problem = problem
    indexUpdates()
    indexReaders(source)
  }

  func runs(of object: UInt32) -> ArraySlice<Run> { allRuns[runStarts[Int(object)]..<runStarts[Int(object) + 1]] }

  /// The last update of the run among the first `count` operations of its chain, `excluded` apart.
  @inline(__always) func latest(in run: Run, before count: UInt32, except excluded: UInt32) -> UInt32? {
    var (low, high) = (run.start, run.end)
    while low < high {
      let middle = (low &+ high) / 2
      if problem.ranks[Int(updates[Int(middle)])] < count { low = middle &+ 1 } else { high = middle }
    }
    if low > run.start, updates[Int(low) &- 1] == excluded { low -= 1 }
    return low > run.start ? updates[Int(low) &- 1] : nil
  }

  /// The first update of the run, `excluded` apart.
  func first(in run: Run, except excluded: UInt32) -> UInt32? {
    let start = updates[Int(run.start)] == excluded ? run.start + 1 : run.start
    return start < run.end ? updates[Int(start)] : nil
  }

  func lastReaders(of update: UInt32) -> ArraySlice<UInt32> {
    readers[readerStarts[Int(update)]..<readerStarts[Int(update) + 1]]
  }

  // MARK: Building

  private mutating func indexUpdates() {
    // In order of chains, and there in order: a stable distribution by object keeps both.
    var byObject = [[UInt32]](repeating: [], count: problem.objectCount)
    for id in problem.members where problem.effect(id).isUpdate {
      byObject[Int(problem.operations[Int(id)].object)].append(id)
    }
    for ids in byObject {
      for id in ids {
        let chain = problem.chains[Int(id)]
        updates.append(id)
        let isNew = allRuns.count == runStarts[runStarts.count - 1] || allRuns[allRuns.count - 1].chain != chain
        if isNew { allRuns.append(Run(chain: chain, start: UInt32(updates.count - 1), end: 0)) }
        allRuns[allRuns.count - 1].end = UInt32(updates.count)
      }
      runStarts.append(allRuns.count)
    }
  }

  private mutating func indexReaders(_ source: [UInt32]) {
    var bySource = [[UInt32]](repeating: [], count: problem.operations.count)
    var byObject = [[UInt32]](repeating: [], count: problem.objectCount)
    for id in problem.members {
      let source = source[Int(id)]
      if source < ReadsFrom.unclear {
        bySource[Int(source)].appendLast(id, problem.chains)
      } else if source == ReadsFrom.initial {
        byObject[Int(problem.operations[Int(id)].object)].appendLast(id, problem.chains)
      }
    }
    for ids in bySource {
      readers += ids
      readerStarts.append(readers.count)
    }
    lastInitialReaders = byObject.flatMap { $0 }
  }
}

extension [UInt32] {
  /// Appends an operation; it takes the place of the last one if that is of the same chain.
  fileprivate mutating func appendLast(_ id: UInt32, _ chains: [UInt32]) {
    if let last, chains[Int(last)] == chains[Int(id)] { removeLast() }
    append(id)
  }
}
