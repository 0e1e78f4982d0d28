/// What a squeeze of one node came to, as the kernel told.
public struct SqueezeReport: Hashable, Sendable {
  /// How long the squeeze lasted, in nanoseconds, without the time in which somebody else had paused the node or none of its
  /// processes ran.
  public var elapsedNanoseconds: Int64
  /// Of that, how long the processes stood still: from SIGSTOP to SIGCONT, where all were in state T in the end.
  public var stoppedNanoseconds: Int64
  /// Processor time (user and system) that the processes used meanwhile; of those that have ended, up to the last look.
  public var processorNanoseconds: Int64

  public init(elapsedNanoseconds: Int64 = 0, stoppedNanoseconds: Int64 = 0, processorNanoseconds: Int64 = 0) {
    self.elapsedNanoseconds = elapsedNanoseconds
    self.stoppedNanoseconds = stoppedNanoseconds
    self.processorNanoseconds = processorNanoseconds
  }
}

/// Taking processor time away from single nodes.
public protocol ProcessorControl: Sendable {
  /// Lets the node's processes run for a share (0.01 … 0.99) of the time only, in slices of some milliseconds; those that
  /// are started later as well. A second call changes the share.
  func squeeze(_ node: String, share: Double) async throws
  /// Lets them run all the time again. Nil when the node was not squeezed.
  func release(_ node: String) async throws -> SqueezeReport?
}
