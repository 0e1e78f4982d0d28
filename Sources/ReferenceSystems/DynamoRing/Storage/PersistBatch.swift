/// An object as the disk has it.
public struct StoredObject: Hashable, Sendable {
  /// Its key, of the same type.
  public var key: Key
  /// All of it.
  public var object: Object
}

/// An object that is kept for another node; nil once that has it.
public struct StoredHint: Hashable, Sendable {
  /// For whom.
  public var target: NodeID
  /// Its key.
  public var key: Key
  /// All of it.
  public var object: Object?
}

/// One record of the write-ahead log: what changed since the batch before. A snapshot is such a record, too.
public struct PersistBatch: Hashable, Sendable {
  /// Named again by ``Event/persisted(_:)``. It starts at 1 in each life of the process.
  public var sequence: PersistSequence
  /// The number of the life that wrote it.
  public var life: UInt32
  /// Each in place of what its key held.
  public var objects: [StoredObject]
  /// Each in place of what was kept for its target under its key.
  public var hints: [StoredHint]
  /// It says, with the durable snapshot, all that the log on disk is to say: a new file may begin with it, and the old one
  /// is not needed.
  public var isWhole: Bool

  /// One record.
  public init(
    sequence: PersistSequence, life: UInt32, objects: [StoredObject] = [], hints: [StoredHint] = [],
    isWhole: Bool = false
  ) {
    self.sequence = sequence
    self.life = life
    self.objects = objects
    self.hints = hints
    self.isWhole = isWhole
  }
}
