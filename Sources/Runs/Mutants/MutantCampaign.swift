import Generators

/// All that `faultline mutants` will run, decided before the first run begins.
public struct MutantCampaign: Sendable, Hashable {
  /// One try to catch a bug: runs one after the other, until one finds a violation.
  public struct Trial: Sendable, Hashable {
    /// Position in ``rows``.
    public var row: Int
    public var rounds: [Round]
  }

  /// One run.
  public struct Round: Sendable, Hashable {
    public var seed: UInt64
    /// Length of the load phase, in milliseconds.
    public var load: Int64
  }

  /// A bug, or none, on a workload.
  public struct Row: Sendable, Hashable {
    /// nil: the system as it should be.
    public var bug: String?
    public var workload: String

    public init(bug: String?, workload: String) {
      self.bug = bug
      self.workload = workload
    }
  }

  public private(set) var rows: [Row] = []
  /// In the order of the rows.
  public private(set) var trials: [Trial] = []

  /// Most bugs show within seconds, some claims only at the end of a run: a try that began with its longest run would take
  /// that long in every case. In parts of the whole try's load.
  static let shares = [0.125, 0.25, 0.625]
  /// The shortest run of several, in milliseconds: faults need time to come and go. A try with less is one run.
  static let loadMin: Int64 = 4_000

  /// - Parameters:
  ///   - bugs: each with its workload.
  ///   - workloads: of runs without a bug, which take turns; at least one.
  ///   - runs: tries of each bug, and runs without a bug (at least one of each workload).
  ///   - load: of a try in all, in milliseconds.
  ///   - seeds: where the runs' seeds are drawn from, in the order of the trials.
  public init(bugs: [Row], workloads: [String], runs: Int, load: Int64, seeds source: RandomStream) {
    var seeds = source
    let perWorkload = (runs + workloads.count - 1) / max(1, workloads.count)
    for workload in workloads {
      add(Row(bug: nil, workload: workload), tries: perWorkload, loads: [load], &seeds)
    }
    let parts = Self.shares.map { Int64(Double(load) * $0) }
    let loads = parts.allSatisfy { $0 >= Self.loadMin } ? parts : [load]
    for bug in bugs { add(bug, tries: runs, loads: loads, &seeds) }
  }

  private mutating func add(_ row: Row, tries: Int, loads: [Int64], _ seeds: inout RandomStream) {
    for _ in 0..<tries {
      let rounds = loads.map { Round(seed: UInt64(1 + seeds.below(999_999)), load: $0) }
      trials.append(Trial(row: rows.count, rounds: rounds))
    }
    rows.append(row)
  }
}
