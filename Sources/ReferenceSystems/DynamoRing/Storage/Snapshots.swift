/// Snapshots let the write-ahead log begin anew: one is all that the node holds, written beside the log; when it is safe,
/// a new log begins with what changed meanwhile.
struct Snapshots: Sendable {
  /// Where the log stands.
  enum Log: Sendable {
    /// It grows.
    case growing
    /// A snapshot is on its way to the disk.
    case beingSaved
    /// A snapshot is safe: the next batch is the first of a new log.
    case toBeginAnew
  }

  var log = Log.growing
  /// Bytes in the log, nearly, and in the latest snapshot.
  var logBytes = 0
  var snapshotBytes = 0
  /// What changed since the snapshot that is on its way, or since the last.
  var changedKeys: Set<Key> = []
  var changedHints: Set<HintID> = []
}

/// All that a node holds at one moment. It costs nothing to take, and can be encoded on another thread.
public struct Snapshot: Sendable {
  let life: UInt32
  let store: Store
  let hints: Hints

  /// One batch that says it all, with a checksum.
  public func encoded() -> Bytes {
    let objects = store.keys.sorted().compactMap { key in
      store[key].map { StoredObject(key: key, object: $0.object) }
    }
    let kept = hints.identifiers.map { StoredHint(target: $0.target, key: $0.key, object: hints[$0]?.object) }
    return PersistBatch(sequence: 0, life: life, objects: objects, hints: kept, isWhole: true).encoded()
  }
}

extension DynamoNode {
  /// The batch with which the log begins anew, if it is to; nil if that would be too large, and the log goes on growing.
  func wholeBatch() -> PersistBatch? {
    let snapshots = durability.snapshots
    guard snapshots.log == .toBeginAnew else { return nil }
    let changedKeys = snapshots.changedKeys.union(durability.changedKeys).sorted()
    let changedHints = snapshots.changedHints.union(durability.changedHints).sorted()
    let whole = batch(of: changedKeys, changedHints, isWhole: true)
    return whole.byteCount <= configuration.limits.wholeBatchBytesMax ? whole : nil
  }

  /// After a batch was handed out: asks for a snapshot when the log has grown enough. The sum of what is written grows with
  /// the log, as each snapshot is followed by at least as many bytes of log.
  mutating func takeSnapshotIfDue(after batch: PersistBatch) {
    if batch.isWhole { durability.snapshots.logBytes = 0 }
    if durability.snapshots.log == .toBeginAnew { durability.snapshots.log = .growing }
    durability.snapshots.logBytes += batch.byteCount
    durability.snapshots.changedKeys.formUnion(batch.objects.map(\.key))
    durability.snapshots.changedHints.formUnion(batch.hints.map { HintID(target: $0.target, key: $0.key) })
    let due = max(configuration.snapshotBytes, durability.snapshots.snapshotBytes)
    guard durability.snapshots.log == .growing, durability.snapshots.logBytes >= due else { return }
    durability.snapshots.log = .beingSaved
    durability.snapshots.snapshotBytes = store.byteCount
    durability.snapshots.changedKeys = []
    durability.snapshots.changedHints = []
    directives.append(.saveSnapshot(Snapshot(life: life, store: store, hints: hints)))
  }

  /// The snapshot is on disk: the log may begin anew.
  mutating func snapshotSaved() {
    if durability.snapshots.log == .beingSaved { durability.snapshots.log = .toBeginAnew }
  }
}

extension PersistBatch {
  /// Its size on disk, nearly.
  var byteCount: Int {
    objects.reduce(24) { $0 + $1.key.name.count + $1.object.byteCount }
      + hints.reduce(0) { $0 + $1.key.name.count + ($1.object?.byteCount ?? 0) + 8 }
  }
}

extension Object {
  /// Its size in bytes when it is encoded, nearly.
  var byteCount: Int {
    switch self {
    case .siblings(let values), .set(let values):
      values.versions.reduce(16) { $0 + 16 + $1.value.count }
        + (values.seen.vector.last.count + values.seen.cloud.count) * 12
    case .lastWriter(let register): 32 + (register.value?.count ?? 0)
    case .counter(let counter): 8 + counter.entries.count * 20
    }
  }
}
