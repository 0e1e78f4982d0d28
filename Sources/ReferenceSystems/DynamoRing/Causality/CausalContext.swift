/// A set of updates that somebody has observed: a version vector, and the dots that do not connect to it.
///
/// A version vector alone cannot say "this update, but not the one before it of the same coordinator", which is what a
/// client knows that put a value without having read its sibling. This is what dotted version vectors add to the paper's
/// vector clocks (Preguiça et al., 2010, §5), in the form of Almeida, Shoker, Baquero, "Delta State Replicated Data Types",
/// 2018, §7.2.
public struct CausalContext: Hashable, Sendable {
  /// The part without gaps.
  public private(set) var vector = VersionVector()
  /// Dots that are not in the vector and not next to it, ascending.
  public private(set) var cloud: [Dot] = []

  /// Observed nothing.
  public init() {}

  /// Whether the update was observed.
  public func contains(_ dot: Dot) -> Bool {
    vector.contains(dot) || (!cloud.isEmpty && cloud.contains(dot))
  }

  /// Whether it names updates of these nodes only.
  public func isOf(_ nodes: [NodeID]) -> Bool { (vector.last + cloud).allSatisfy { nodes.contains($0.node) } }

  /// The greatest counter of a node among those observed.
  public func greatest(of node: NodeID) -> UInt64 {
    max(vector[node], cloud.last { $0.node == node }?.counter ?? 0)
  }

  /// Observes one update more.
  public mutating func insert(_ dot: Dot) {
    guard !contains(dot) else { return }
    if vector[dot.node] + 1 == dot.counter {
      vector.cover(through: dot)
      if !cloud.isEmpty { connect() }
    } else {
      cloud.insert(dot, at: cloud.firstIndex { dot < $0 } ?? cloud.count)
    }
  }

  /// Observes all updates of the dot's node up to it.
  public mutating func cover(through dot: Dot) {
    vector.cover(through: dot)
    if !cloud.isEmpty { connect() }
  }

  /// Observes what the other has observed.
  public mutating func merge(_ other: CausalContext) {
    vector.merge(other.vector)
    if !other.cloud.isEmpty { cloud = Array(Set(cloud + other.cloud)).sorted() }
    if !cloud.isEmpty { connect() }
  }

  /// Moves dots into the vector that connect to it now; the cloud is ascending, so that one pass does.
  private mutating func connect() {
    var left: [Dot] = []
    for dot in cloud where !vector.contains(dot) {
      if vector[dot.node] + 1 == dot.counter { vector.cover(through: dot) } else { left.append(dot) }
    }
    cloud = left
  }
}

// The text that clients keep and give back (§4.3: "context ... encodes system metadata about the object that is opaque to
// the caller"): `1:4,2:7+3:9`, the vector, a plus sign, and the other dots.
extension CausalContext: CustomStringConvertible {
  /// The longest text that is read, in bytes.
  public static let textBytesMax = 16_384

  /// The text for clients.
  public var description: String {
    let text = vector.last.map(\.description).joined(separator: ",")
    return cloud.isEmpty ? text : text + "+" + cloud.map(\.description).joined(separator: ",")
  }

  /// Reads the text of a context; nil for anything else, and for updates beyond ``Dot/counterMax``.
  public init?(_ text: String) {
    guard text.utf8.count <= Self.textBytesMax else { return nil }
    let parts = text.split(separator: "+", omittingEmptySubsequences: false)
    guard parts.count <= 2, let covered = Self.dots(parts[0]) else { return nil }
    for dot in covered { vector.cover(through: dot) }
    guard parts.count == 2 else { return }
    guard let others = Self.dots(parts[1]) else { return nil }
    cloud = Array(Set(others)).sorted()
    connect()
  }

  private static func dots(_ text: Substring) -> [Dot]? {
    guard !text.isEmpty else { return [] }
    var dots: [Dot] = []
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let numbers = item.split(separator: ":", omittingEmptySubsequences: false)
      guard numbers.count == 2, let node = NodeID(numbers[0]), let counter = UInt64(numbers[1]), counter > 0,
        counter <= Dot.counterMax
      else { return nil }
      dots.append(Dot(node: node, counter: counter))
    }
    return dots
  }
}
