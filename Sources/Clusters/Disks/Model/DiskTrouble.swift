/// What is wrong with a disk that runs: each field is what one fault sets, and the value without an argument is a healthy disk.
public struct DiskTrouble: Hashable, Sendable {
  /// Of 100 reads, writes and fsyncs that get EIO.
  public var readErrorPercent = 0
  public var writeErrorPercent = 0
  public var syncErrorPercent = 0
  /// No room: what would make a file longer or a name more gets ENOSPC.
  public var isFull = false
  /// How long each write and each fsync waits before it is done, in nanoseconds.
  public var writeDelayNanoseconds: UInt64 = 0
  public var syncDelayNanoseconds: UInt64 = 0
  /// Decides which operations get errors.
  public var seed: UInt64 = 0

  /// Longest delay: a process that waits for its disk cannot be killed before the disk has answered.
  public static let delayNanosecondsMax: UInt64 = 5_000_000_000

  public init() {}
}

/// What a disk was asked for and answered since it was mounted first.
public struct DiskCounts: Hashable, Sendable {
  public var reads = 0
  public var writes = 0
  public var syncs = 0
  /// EIO and ENOSPC that were answered because of a `DiskTrouble`.
  public var inputOutputErrors = 0
  public var noSpaceErrors = 0
  /// Operations that were made to wait.
  public var delays = 0
  /// Bytes that became durable without an fsync, because too much had gathered.
  public var writtenBackBytes = 0

  public init() {}
}
