import ProtocolKit

/// A request that another node coordinates.
struct ForwardCall: Sendable {
  let operation: Operation
  let request: RequestID
  let range: RangeID
  /// Whom it was sent to, in this order.
  var asked: [NodeID] = []
  var sentAt: Nanoseconds
}

/// The forwarded requests of one node that were carried out, so that one that the network repeats has no second effect.
/// Only the latest are remembered; one that is older than all of them is taken for known.
struct ForwardsSeen: Sendable {
  static let countMax = 8_192
  private var identifiers: Set<CallID> = []
  private var order = FIFO<CallID>()
  private var forgotten: CallID = 0

  /// False if it was seen before, or may have been.
  mutating func insert(_ id: CallID) -> Bool {
    guard id > forgotten, identifiers.insert(id).inserted else { return false }
    order.append(id)
    if order.count > Self.countMax, let oldest = order.popFirst() {
      identifiers.remove(oldest)
      forgotten = max(forgotten, oldest)
    }
    return true
  }
}

// A node that is no replica of a key passes requests on to one that is: "the node will not coordinate it if the node is not
// in the top N of the requested key's preference list. Instead, that node will forward the request to the first among the
// top N nodes in the preference list" (§5).
extension DynamoNode {
  /// To the first replica that is alive.
  mutating func forward(_ operation: Operation, request: RequestID, in range: RangeID) {
    guard let first = ring.preferenceList(of: range).first(where: isReachable) else {
      return answer(.client(request), .noQuorum)
    }
    let id = beginCall()
    calls.forwards[id] = ForwardCall(operation: operation, request: request, range: range, sentAt: now)
    sendForward(id, to: first)
  }

  /// Forwards name the receiver's life, so that one that comes late, or twice, means nothing to a restarted node that no
  /// longer knows what it did: the life has to be known.
  private func isReachable(_ node: NodeID) -> Bool {
    isAlive(node) && (detector.peers[node]?.heartbeat.life ?? 0) > 0
  }

  private mutating func sendForward(_ id: CallID, to node: NodeID) {
    guard let call = calls.forwards[id], let peer = detector.peers[node] else { return }
    calls.forwards[id]?.asked.append(node)
    calls.forwards[id]?.sentAt = now
    send(.forward(id, call.operation, life: peer.heartbeat.life, clock: clock.latest), to: node)
  }

  /// At the node that is to coordinate.
  mutating func receivedForward(_ id: CallID, _ operation: Operation, life: UInt32, from node: NodeID) {
    guard life == self.life else { return send(.gossip([ownHeartbeat]), to: node) }
    guard forwardsSeen[node, default: ForwardsSeen()].insert(id) else { return }
    request(operation, for: .node(node, id))
  }

  /// The coordinator's answer; the first counts.
  mutating func forwarded(_ outcome: Outcome, call id: CallID) {
    guard let call = calls.forwards.removeValue(forKey: id) else { return }
    answer(.client(call.request), outcome)
  }

  /// No answer for some time. A read may be asked for again; an update may have been carried out already.
  mutating func checkForward(_ id: CallID) {
    guard let call = calls.forwards[id], let last = call.asked.last else { return }
    detector.unanswered(by: last, since: call.sentAt)
    guard call.operation.isRead || configuration.bug == .forwardRepeatsUpdates else { return }
    let replicas = ring.preferenceList(of: call.range)
    if let next = replicas.first(where: { isReachable($0) && !call.asked.contains($0) }) { sendForward(id, to: next) }
  }

  /// No more time.
  mutating func endForward(_ id: CallID) {
    guard let call = calls.forwards.removeValue(forKey: id) else { return }
    answer(.client(call.request), call.operation.isRead ? .noQuorum : .unknown)
  }
}
