/// What brings an object to a replica.
enum Carrier: Sendable {
  case write
  case readRepair
  case handoff
  case antiEntropy
}

// Everything that changes what a replica holds comes through here.
extension DynamoNode {
  /// What this replica holds under a key.
  func held(_ key: Key) -> Object { store[key]?.object ?? Object(key.kind) }

  /// The batch after which the disk has what this replica holds under a key.
  func batch(of key: Key) -> PersistSequence { store[key]?.batch ?? 0 }

  /// Takes in what another replica holds.
  mutating func absorb(_ object: Object, at key: Key, by carrier: Carrier) {
    guard object.kind == key.kind, ring.isReplica(configuration.id, of: ring.range(of: key)) else { return }
    observeTime(of: object)
    switch (carrier, configuration.bug) {
    case (.handoff, .handoffOverwrites), (.readRepair, .readRepairOverwrites), (.antiEntropy, .antiEntropyOverwrites):
      keep(object, at: key)
    default: keep(merged(held(key), object), at: key)
    }
  }

  /// Puts an object in place of what was held, and marks it for the disk.
  /// - Parameter isOwn: this node coordinated the change.
  mutating func keep(_ object: Object, at key: Key, isOwn: Bool = false) {
    let object = planted(object)
    guard object != held(key) else { return }
    var entry = Store.Entry(object: object, hash: object.hash, batch: nextBatch)
    if isOwn, configuration.bug == .ownWriteNotLogged {
      entry.batch = batch(of: key)
    } else if batch(of: key) != nextBatch {
      durability.changedKeys.append(key)
    }
    store.set(key, entry, in: ring.range(of: key))
  }

  /// A later timestamp than any that this node has seen is what its own next write gets.
  mutating func observeTime(of object: Object) {
    guard case .lastWriter(let register) = object else { return }
    clock.observe(register.timestamp)
  }
}
