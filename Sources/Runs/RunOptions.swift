import Nemesis
import RunStore

/// What a run needs beside its plan.
public struct RunOptions: Sendable {
  /// The folder that keeps runs.
  public var store: String
  /// Where the bundled systems' programs are: beside `faultline`.
  public var programs: String
  /// The command that repeats the run.
  public var reproduce: String
  /// Of Faultline.
  public var version: String
  /// What the nemesis does; nil: what the plan's faults and the seed give.
  public var schedule: FaultSchedule?
  /// Whether faults that this machine does not allow are left out, with a notice; otherwise such a run is refused.
  public var skipsUnavailable: Bool
  /// Told of every step, from any thread.
  public var observe: @Sendable (RunProgress) -> Void
  /// Told at once, in a line, of what cannot wait for the report; from any thread.
  public var announce: @Sendable (String) -> Void
  /// Shows a frozen cluster to somebody, and returns when they have seen enough; its task is cancelled when the time is
  /// over. Nil: the time alone ends it.
  public var inspect: (@Sendable (FrozenCluster) async -> Void)?

  public init(
    store: String, programs: String, reproduce: String, version: String, schedule: FaultSchedule? = nil,
    skipsUnavailable: Bool = false,
    observe: @escaping @Sendable (RunProgress) -> Void = { _ in },
    announce: @escaping @Sendable (String) -> Void = { _ in },
    inspect: (@Sendable (FrozenCluster) async -> Void)? = nil
  ) {
    self.store = store
    self.programs = programs
    self.reproduce = reproduce
    self.version = version
    self.schedule = schedule
    self.skipsUnavailable = skipsUnavailable
    self.observe = observe
    self.announce = announce
    self.inspect = inspect
  }
}

/// How far a run is.
public struct RunProgress: Sendable {
  public enum Phase: String, Sendable {
    case setup
    case load
    case recovery
    case final
    case checking
  }

  public var phase: Phase
  /// Seconds since the first operation could begin.
  public var seconds: Double
  /// Length of the load phase.
  public var loadSeconds: Double
  public var counts: LoopCounts
  /// The faults that are active now, in words.
  public var faults: [String]
}

/// What a run leaves behind.
public struct RunOutcome: Sendable {
  public var directory: RunDirectory
  public var results: RunResults
  public var interrupted: Bool
}
