/// When a value of a last-writer register was written. Compared as a list: time, logical time, node.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Milliseconds since 1970, by the clock of some node.
  public var milliseconds: UInt64
  /// Tells updates within a millisecond apart.
  public var logical: UInt64
  /// The coordinator, so that no two updates have the same timestamp.
  public var node: NodeID

  /// A moment, as a node gave it to an update.
  public init(milliseconds: UInt64, logical: UInt64, node: NodeID) {
    self.milliseconds = milliseconds
    self.logical = logical
    self.node = node
  }

  /// Before every update.
  public static let zero = Timestamp(milliseconds: 0, logical: 0, node: 0)

  /// Without regard to the node.
  static func isBefore(_ a: Timestamp, _ b: Timestamp) -> Bool {
    a.milliseconds != b.milliseconds ? a.milliseconds < b.milliseconds : a.logical < b.logical
  }

  /// By time, then by logical time, then by node.
  public static func < (a: Timestamp, b: Timestamp) -> Bool {
    isBefore(a, b) || (!isBefore(b, a) && a.node < b.node)
  }
}

/// A clock that follows the wall clock, and never gives an update a timestamp below one that the node has seen (Kulkarni,
/// Demirbas, Madappa, Avva, Leone: "Logical Physical Clocks", 2014). Wall clocks alone, as the paper's shopping-session
/// services use them (§6.1, "last write wins"), lose a write whose coordinator's clock is behind.
struct HybridClock: Sendable {
  /// The greatest that was given or seen.
  private(set) var latest = Timestamp.zero

  /// The wall clock shows this, in milliseconds.
  mutating func advance(to milliseconds: UInt64) {
    if milliseconds > latest.milliseconds { latest = Timestamp(milliseconds: milliseconds, logical: 0, node: 0) }
  }

  /// Another node's clock, or an update, has come so far.
  mutating func observe(_ seen: Timestamp) {
    if Timestamp.isBefore(latest, seen) { latest = seen }
  }

  /// The timestamp of a new update of this node.
  mutating func next(node: NodeID) -> Timestamp {
    latest.logical += 1
    latest.node = node
    return latest
  }
}
