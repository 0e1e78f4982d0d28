// A request reaches a node (§4.5): "each client request results in the creation of a state machine on the node that
// received the client request".
extension DynamoNode {
  /// Coordinates an operation, or passes it on to a node that can.
  mutating func request(_ operation: Operation, for origin: Origin) {
    guard isReady else { return answer(origin, .noQuorum) }
    guard calls.count < configuration.limits.requestsInFlightMax else { return answer(origin, .overloaded) }
    let key = operation.key
    let range = ring.range(of: key)
    guard ring.isReplica(configuration.id, of: range) else { return passOn(operation, for: origin, in: range) }
    switch operation {
    case .readLocal: whenDurable(batch(of: key), .answer(origin, .reading(held(key).reading)))
    case .read: read(key, for: origin, in: range)
    case .update(_, let update): write(update, to: key, for: origin, in: range)
    }
  }

  private mutating func passOn(_ operation: Operation, for origin: Origin, in range: RangeID) {
    if case .readLocal = operation { return answer(origin, .notReplica) }
    // Never twice: the other node's ring is another.
    guard case .client(let id) = origin else { return answer(origin, .noQuorum) }
    forward(operation, request: id, in: range)
  }

  /// "The first N healthy nodes from the preference list" (§4.6), of which this is one: how many there are. With strict
  /// quorums only members of the preference list count.
  func healthyCount(in range: RangeID) -> Int {
    let replicas = ring.preferenceList(of: range).count { isAlive($0) }
    guard configuration.isSloppy else { return replicas }
    return min(ring.replicas, replicas + ring.fallbacks(of: range).count { isAlive($0) })
  }

  func isAlive(_ node: NodeID) -> Bool { detector.isAlive(node, at: now) }
}
