/// A register of which the write with the greatest timestamp is kept: the paper's "last write wins" (§4.4, §6.1), and the
/// LWW-register of Shapiro et al., 2011, §3.2.1.
public struct LastWriter: Hashable, Sendable {
  /// nil before the first write.
  public internal(set) var value: Bytes?
  /// When it was written.
  public internal(set) var timestamp = Timestamp.zero

  /// Nothing was written.
  public init() {}

  /// What a write leaves.
  public init(_ value: Bytes, at timestamp: Timestamp) {
    self.value = value
    self.timestamp = timestamp
  }

  /// The later of the two.
  mutating func merge(_ other: LastWriter) {
    if timestamp < other.timestamp { self = other }
  }
}
