/// What the disk holds: the latest snapshot, and the write-ahead log replayed in order.
public struct RecoveredState: Sendable {
  /// The latest snapshot; nil before the first.
  private var snapshot: PersistBatch?
  /// The greatest life in the log.
  private(set) var life: UInt32 = 0
  private(set) var objects: [Key: Object] = [:]
  /// nil for a hint that was delivered.
  private(set) var hints: [HintID: Object?] = [:]
  /// The log began anew, so that there was a snapshot.
  private var needsSnapshot = false

  /// What an empty disk holds.
  public init() {}

  /// Takes the snapshot that the disk has, before or after the log.
  /// - Throws: `MalformedBytes` if it is damaged.
  public mutating func restore(_ snapshot: Bytes) throws { self.snapshot = try PersistBatch(decoding: snapshot) }

  /// Replays one batch.
  public mutating func replay(_ batch: PersistBatch) {
    if batch.isWhole {
      objects = [:]
      hints = [:]
      needsSnapshot = true
    }
    life = max(life, batch.life)
    for stored in batch.objects { objects[stored.key] = stored.object }
    for hint in batch.hints { hints[HintID(target: hint.target, key: hint.key)] = .some(hint.object) }
  }

  /// The log goes on from a snapshot that is not there.
  public struct SnapshotMissing: Error, CustomStringConvertible {
    /// One line for the operator.
    public var description: String {
      "the log goes on from a snapshot, but there is none: restore it, or remove the node's data only if no other node "
        + "has seen any update of this one"
    }
  }

  /// The snapshot with what came after it.
  ///
  /// The log may say less of an object than the snapshot, when a crash took the end of the log: objects are merged. What it
  /// says of hints stands: nobody counted on a hint that the log has lost.
  /// - Throws: ``SnapshotMissing``.
  mutating func unite() throws {
    guard let whole = snapshot else {
      if needsSnapshot { throw SnapshotMissing() }
      return
    }
    life = max(life, whole.life)
    for stored in whole.objects {
      if objects[stored.key]?.merge(stored.object) == nil { objects[stored.key] = stored.object }
    }
    for hint in whole.hints where hints[HintID(target: hint.target, key: hint.key)] == nil {
      hints[HintID(target: hint.target, key: hint.key)] = .some(hint.object)
    }
  }
}

extension DynamoNode {
  /// At the start: what the disk holds.
  mutating func restore(_ recovered: RecoveredState) {
    for (key, object) in recovered.objects.sorted(by: { $0.key < $1.key }) {
      store.set(key, Store.Entry(object: object, hash: object.hash, batch: 0), in: ring.range(of: key))
      observeTime(of: object)
    }
    for (id, object) in recovered.hints.sorted(by: { $0.key < $1.key }) {
      if let object { hints.set(id, Hints.Entry(object: object, hash: object.hash, batch: 0)) }
    }
  }
}
