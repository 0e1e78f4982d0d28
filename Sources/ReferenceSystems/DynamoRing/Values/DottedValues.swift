/// One value that somebody put or added, under the name of that update.
public struct Version: Hashable, Sendable {
  /// Which update it was.
  public var dot: Dot
  /// What was put or added.
  public var value: Bytes

  /// What one update wrote.
  public init(dot: Dot, value: Bytes) {
    self.dot = dot
    self.value = value
  }
}

/// The values of a key that nobody has overwritten or removed, and all updates that this replica has observed. A dot that
/// was observed and is not here belongs to a value that is gone: that is all that remains of what was deleted, a number
/// for each replica (Bieniusa et al., "An Optimized Conflict-free Replicated Set", 2012). Both the register with siblings
/// and the set are made of it.
public struct DottedValues: Hashable, Sendable {
  /// Ascending by dot.
  public internal(set) var versions: [Version] = []
  /// The dots of `versions`, and of what was overwritten.
  public internal(set) var seen = CausalContext()

  /// Nothing was ever written.
  public init() {}

  /// The name of the next update that `node` coordinates. A replica has observed all its own earlier updates.
  /// - Returns: nil when the node has no names left, see ``Dot/counterMax``.
  func nextDot(of node: NodeID) -> Dot? {
    let greatest = seen.greatest(of: node)
    return greatest < Dot.counterMax ? Dot(node: node, counter: greatest + 1) : nil
  }

  /// A new value beside those that are there.
  mutating func add(_ value: Bytes, _ dot: Dot) {
    seen.insert(dot)
    let position = versions.firstIndex { dot < $0.dot } ?? versions.count
    versions.insert(Version(dot: dot, value: value), at: position)
  }

  /// Takes away what the context covers, here and, as this replica has now seen it, wherever it still is.
  mutating func discard(coveredBy context: CausalContext) {
    versions.removeAll { context.contains($0.dot) }
    seen.merge(context)
  }

  /// Takes away some of the values that are here.
  mutating func discard(_ dots: [Dot]) {
    let gone = Set(dots)
    versions.removeAll { gone.contains($0.dot) }
  }

  /// A value stays if both have it, or if only one has it and the other has not seen it.
  mutating func merge(_ other: DottedValues) {
    var merged: [Version] = []
    merged.reserveCapacity(max(versions.count, other.versions.count))
    var mine = versions[...]
    var theirs = other.versions[...]
    while !mine.isEmpty || !theirs.isEmpty {
      if let version = mine.first, let twin = theirs.first, version.dot == twin.dot {
        merged.append(version)
        mine.removeFirst()
        theirs.removeFirst()
      } else if let version = mine.first, theirs.first.map({ version.dot < $0.dot }) ?? true {
        if !other.seen.contains(version.dot) { merged.append(version) }
        mine.removeFirst()
      } else {
        let version = theirs.removeFirst()
        if !seen.contains(version.dot) { merged.append(version) }
      }
    }
    versions = merged
    seen.merge(other.seen)
  }
}
