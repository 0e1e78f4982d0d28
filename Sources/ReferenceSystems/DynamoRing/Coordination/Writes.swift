/// A write that is under way: all updates of one key that one batch of events brought, as one object.
struct WriteCall: Sendable {
  let key: Key
  let range: RangeID
  let object: Object
  /// Who waits, and for what answer; nobody once it was given.
  var waiting: [(origin: Origin, outcome: Outcome)]
  /// Nodes that have it on disk and count, each once, this one included.
  var holders: Set<NodeID> = []
  /// Nodes behind the preference list that were asked to stand in for members of it.
  var standIns: Set<NodeID> = []
  /// Members of the preference list for which one was asked.
  var absent: Set<NodeID> = []
  /// When it was sent; nil before.
  var sentAt: Nanoseconds?
}

// "Upon receiving a put() request for a key, the coordinator generates the vector clock for the new version and writes the
// new version locally. The coordinator then sends the new version to the N highest-ranked reachable nodes. If at least W-1
// nodes respond then the write is considered successful" (§4.5).
extension DynamoNode {
  /// Writes locally; the rest follows when the batch of events ends.
  mutating func write(_ update: Update, to key: Key, for origin: Origin, in range: RangeID) {
    guard healthyCount(in: range) >= configuration.writeQuorum else { return answer(origin, .noQuorum) }
    guard let outcome = apply(update, to: key) else { return answer(origin, .tooLarge) }
    if calls.gathered[key, default: []].isEmpty { calls.gatheredKeys.append(key) }
    calls.gathered[key, default: []].append((origin, outcome))
  }

  /// Begins the writes that gathered. Each waits for this node's own disk first: what others have seen of its updates, it
  /// must not forget.
  mutating func startWrites() {
    for key in calls.gatheredKeys {
      let id = beginCall()
      calls.writes[id] = WriteCall(
        key: key, range: ring.range(of: key), object: held(key), waiting: calls.gathered[key] ?? [])
      whenDurable(batch(of: key), .ownWrite(id))
    }
    calls.gathered.removeAll(keepingCapacity: true)
    calls.gatheredKeys.removeAll(keepingCapacity: true)
  }

  /// This node's disk has it: to the other replicas, suspected or not, and to stand-ins of those that are.
  mutating func sendWrite(_ id: CallID) {
    guard let call = calls.writes[id] else { return }
    calls.writes[id]?.sentAt = now
    for replica in ring.preferenceList(of: call.range) where replica != configuration.id {
      send(.store(id, call.key, call.object), to: replica)
      if !isAlive(replica) { askStandIn(for: replica, write: id) }
    }
    isStored(id, by: configuration.id)
  }

  /// One copy more is safe. With strict quorums those of stand-ins do not count.
  mutating func isStored(_ id: CallID, by node: NodeID) {
    guard var call = calls.writes[id], configuration.isSloppy || ring.isReplica(node, of: call.range) else { return }
    call.holders.insert(node)
    if call.holders.count >= configuration.writeQuorum {
      for (origin, outcome) in call.waiting { answer(origin, outcome) }
      call.waiting = []
    }
    let isEverywhere = ring.preferenceList(of: call.range).allSatisfy(call.holders.contains)
    calls.writes[id] = isEverywhere ? nil : call
  }

  /// Some time has passed: whoever has not confirmed is not waited for.
  mutating func checkWrite(_ id: CallID) {
    guard let call = calls.writes[id], let sentAt = call.sentAt else { return }
    for replica in ring.preferenceList(of: call.range) where !call.holders.contains(replica) {
      detector.unanswered(by: replica, since: sentAt)
      if !isAlive(replica) { askStandIn(for: replica, write: id) }
    }
  }

  /// No more time: nobody knows what became of it.
  mutating func endWrite(_ id: CallID) {
    guard let call = calls.writes.removeValue(forKey: id) else { return }
    for (origin, _) in call.waiting { answer(origin, .unknown) }
  }
}
