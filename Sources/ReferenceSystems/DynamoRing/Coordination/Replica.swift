// A replica's part in the reads and writes of other coordinators.
extension DynamoNode {
  /// Takes in an object, and confirms when it is on disk.
  mutating func store(_ object: Object, at key: Key, by carrier: Carrier, call id: CallID, from node: NodeID) {
    guard object.kind == key.kind, ring.isReplica(configuration.id, of: ring.range(of: key)) else { return }
    absorb(object, at: key, by: carrier)
    whenDurable(batch(of: key), .send(.done(id), to: node))
  }

  /// Answers with this replica's object, or with what it keeps for others: nothing that its disk does not have.
  mutating func fetch(_ key: Key, call id: CallID, from node: NodeID) {
    let entry = store[key].map { ($0.object, $0.batch) } ?? hints.merged(key)
    whenDurable(entry?.1 ?? 0, .send(.fetched(id, entry?.0), to: node))
  }
}
