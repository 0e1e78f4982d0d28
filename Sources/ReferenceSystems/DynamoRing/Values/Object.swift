/// What a replica holds under a key. Each type is a join-semilattice: `merge` is commutative, associative and idempotent,
/// so that replicas that have seen the same updates hold the same, in whatever order and however often these came.
public enum Object: Hashable, Sendable {
  /// Values that no put has overwritten.
  case siblings(DottedValues)
  /// The latest write.
  case lastWriter(LastWriter)
  /// Sums by replica.
  case counter(PNCounter)
  /// Additions that no removal has observed.
  case set(DottedValues)

  /// Before the first update.
  public init(_ kind: Kind) {
    switch kind {
    case .siblings: self = .siblings(DottedValues())
    case .lastWriter: self = .lastWriter(LastWriter())
    case .counter: self = .counter(PNCounter())
    case .set: self = .set(DottedValues())
    }
  }

  /// Which of the types it is.
  public var kind: Kind {
    switch self {
    case .siblings: .siblings
    case .lastWriter: .lastWriter
    case .counter: .counter
    case .set: .set
    }
  }

  /// Takes in what another replica holds. Nothing happens between objects of two types.
  public mutating func merge(_ other: Object) {
    switch (self, other) {
    case (.siblings(var mine), .siblings(let theirs)):
      mine.merge(theirs)
      self = .siblings(mine)
    case (.lastWriter(var mine), .lastWriter(let theirs)):
      mine.merge(theirs)
      self = .lastWriter(mine)
    case (.counter(var mine), .counter(let theirs)):
      mine.merge(theirs)
      self = .counter(mine)
    case (.set(var mine), .set(let theirs)):
      mine.merge(theirs)
      self = .set(mine)
    default: return
    }
  }

  /// What clients are shown.
  public var reading: Reading {
    switch self {
    case .siblings(let register): .siblings(values: register.versions.map(\.value), context: register.seen)
    case .lastWriter(let register): .lastWriter(register.value, register.timestamp)
    case .counter(let counter): .counter(counter.value)
    case .set(let set): .set(Set(set.versions.map(\.value)).sorted { $0.lexicographicallyPrecedes($1) })
    }
  }
}

/// What a read shows.
public enum Reading: Hashable, Sendable {
  /// All values that nobody overwrote, and what a put has to give back to overwrite them.
  case siblings(values: [Bytes], context: CausalContext)
  /// nil before the first write.
  case lastWriter(Bytes?, Timestamp)
  /// The sum.
  case counter(Int64)
  /// The elements, ascending by their bytes.
  case set([Bytes])
}
