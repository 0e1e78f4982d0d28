// Handling failures (§4.6): "if node A is temporarily down or unreachable during a write operation then a replica that would
// normally have lived on A will now be sent to node D. ... The replica sent to D will have a hint in its metadata that
// suggests which node was the intended recipient of the replica".
extension DynamoNode {
  /// The coordinator: asks the next healthy node behind the preference list to keep a write for one that is absent.
  mutating func askStandIn(for replica: NodeID, write id: CallID) {
    guard let call = calls.writes[id], !call.absent.contains(replica),
      let standIn = ring.fallbacks(of: call.range).first(where: { isAlive($0) && !call.standIns.contains($0) })
    else { return }
    calls.writes[id]?.absent.insert(replica)
    calls.writes[id]?.standIns.insert(standIn)
    send(.hint(id, call.key, call.object, target: replica), to: standIn)
  }

  /// The stand-in.
  mutating func keepHint(_ object: Object, at key: Key, target: NodeID, call id: CallID, from node: NodeID) {
    guard object.kind == key.kind, target != configuration.id, others.contains(target) else { return }
    let hint = HintID(target: target, key: key)
    guard hints[hint] != nil || hints.count < configuration.limits.hintsMax else { return }
    let merged = hints[hint].map { self.merged($0.object, object) } ?? object
    if merged != hints[hint]?.object {
      hints.set(hint, Hints.Entry(object: merged, hash: merged.hash, batch: nextBatch))
      durability.changedHints.append(hint)
    }
    whenDurable(hints[hint]?.batch ?? 0, .send(.done(id), to: node))
  }

  /// "Upon detecting that A has recovered, D will attempt to deliver the replica to A."
  mutating func handOff() {
    guard hints.count > 0 else { return }
    for target in others where isAlive(target) {
      for key in hints.next(for: target, max: configuration.limits.handoffsInFlightMax) {
        guard let hint = hints[HintID(target: target, key: key)], hint.batch <= durability.persisted else { continue }
        send(.handoff(key, hint.object), to: target)
      }
    }
  }

  /// The recovered node.
  mutating func handedOver(_ object: Object, at key: Key, by node: NodeID) {
    absorb(object, at: key, by: .handoff)
    whenDurable(batch(of: key), .send(.handedOff(key, hash: object.hash), to: node))
  }

  /// "Once the transfer succeeds, D may delete the object from its local store", unless it has got more since.
  mutating func handedOff(_ key: Key, hash: UInt64, to node: NodeID) {
    let id = HintID(target: node, key: key)
    guard hints[id]?.hash == hash else { return }
    hints.remove(id)
    durability.changedHints.append(id)
  }
}
