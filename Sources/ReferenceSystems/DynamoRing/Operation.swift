/// What a client changes.
public enum Update: Hashable, Sendable {
  /// Overwrites all values that the context covers with this one; nil only takes them away.
  case put(Bytes?, CausalContext)
  /// Overwrites what has an earlier timestamp.
  case write(Bytes)
  /// Adds to a counter, at most ``PNCounter/sumMax`` in all.
  case add(UInt64)
  /// Subtracts from a counter, within the same bound.
  case subtract(UInt64)
  /// Adds an element to a set.
  case insert(Bytes)
  /// Removes an element: all additions of it that the coordinator has seen.
  case remove(Bytes)

  /// The type of value that it changes.
  public var kind: Kind {
    switch self {
    case .put: .siblings
    case .write: .lastWriter
    case .add, .subtract: .counter
    case .insert, .remove: .set
    }
  }
}

/// What a client may ask any node for.
public enum Operation: Hashable, Sendable {
  /// The merge of what R replicas hold.
  case read(Key)
  /// What this replica alone holds.
  case readLocal(Key)
  /// Acknowledged when W replicas have it on disk. The name's key has the type that the update wants.
  case update(name: Bytes, Update)

  /// What it is about.
  public var key: Key {
    switch self {
    case .read(let key), .readLocal(let key): key
    case .update(let name, let update): Key(update.kind, name)
    }
  }

  /// Whether it leaves everything as it is.
  var isRead: Bool {
    switch self {
    case .read, .readLocal: true
    case .update: false
    }
  }
}

/// What became of an operation.
public enum Outcome: Hashable, Sendable {
  /// A read.
  case reading(Reading)
  /// A put: what covers it, and what its own context covered.
  case put(CausalContext)
  /// A write, with its timestamp.
  case written(Timestamp)
  /// An addition or a subtraction.
  case counted
  /// An element was added, by the update of this name.
  case inserted(Dot)
  /// The additions of an element that a removal took away, ascending.
  case removed([Dot])
  /// Too few replicas answer; nothing was changed anywhere.
  case noQuorum
  /// Too few replicas confirmed in time; the update may be anywhere, and may still spread.
  case unknown
  /// Refused, nothing was changed: too much is under way.
  case overloaded
  /// Refused, nothing was changed: the value would become too large, or a counter in it (``PNCounter/sumMax``,
  /// ``Dot/counterMax``).
  case tooLarge
  /// A local read of a key that this node keeps no copy of.
  case notReplica
}
