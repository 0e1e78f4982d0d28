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
  /// Told of every step, from any thread.
  public var observe: @Sendable (RunProgress) -> Void

  public init(
    store: String, programs: String, reproduce: String, version: String,
    observe: @escaping @Sendable (RunProgress) -> Void = { _ in }
  ) {
    self.store = store
    self.programs = programs
    self.reproduce = reproduce
    self.version = version
    self.observe = observe
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
