/// What happens at some moment of simulated time.
enum Occurrence<Event: CoreEvent>: Sendable {
  case tick(node: Int, life: Int)
  case endOfBatch(node: Int, life: Int)
  case delivery(Event.Message, from: Int, to: Int)
  case diskDone(node: Int, life: Int, sequence: UInt64)
  case snapshotDone(node: Int, life: Int, Event.Snapshot)
  case request(Event.Operation, id: UInt64, node: Int, life: Int)
  case restart(node: Int)
  case crash(node: Int, life: Int)
  case fault
  case heal(cut: Int)
  case invoke(client: Int)
  case retry(client: Int, request: UInt64)
  case clientTimeout(client: Int, request: UInt64)

  /// The node to which it happens inside the node itself: it waits while the node is paused.
  var pausableNode: Int? {
    switch self {
    case .tick(let node, _), .endOfBatch(let node, _), .diskDone(let node, _, _), .snapshotDone(let node, _, _),
      .request(_, _, let node, _):
      node
    case .delivery(_, _, let to): to
    case .restart, .crash, .fault, .heal, .invoke, .retry, .clientTimeout: nil
    }
  }
}
