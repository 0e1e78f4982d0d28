import DynamoRing

/// What happens at some moment of simulated time.
enum Occurrence: Sendable {
  case tick(node: Int, life: Int)
  case endOfBatch(node: Int, life: Int)
  case delivery(Message, from: Int, to: Int)
  case diskDone(node: Int, life: Int, sequence: PersistSequence)
  case snapshotDone(node: Int, life: Int, Bytes)
  case request(Operation, id: RequestID, node: Int, life: Int)
  case restart(node: Int)
  case fault
  case heal(partition: Int)
  case invoke(client: Int)
  case clientTimeout(client: Int, request: RequestID)

  /// The node to which it happens inside the node itself: it waits while the node is paused.
  var pausableNode: Int? {
    switch self {
    case .tick(let node, _), .endOfBatch(let node, _), .diskDone(let node, _, _), .snapshotDone(let node, _, _),
      .request(_, _, let node, _):
      node
    case .delivery(_, _, let to): to
    case .restart, .fault, .heal, .invoke, .clientTimeout: nil
    }
  }
}
