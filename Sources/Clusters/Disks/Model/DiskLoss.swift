/// What a power failure took from one file.
public struct DiskLoss: Hashable, Sendable {
  /// From the data directory on.
  public var path: String
  /// Bytes that were cut off or differ from what they went back to.
  public var lostBytes: Int
  /// Bytes of the last write that survived.
  public var survivingBytes: Int
  public var sizeBefore: Int
  public var sizeAfter: Int

  public init(path: String, lostBytes: Int, survivingBytes: Int, sizeBefore: Int, sizeAfter: Int) {
    self.path = path
    self.lostBytes = lostBytes
    self.survivingBytes = survivingBytes
    self.sizeBefore = sizeBefore
    self.sizeAfter = sizeAfter
  }
}
