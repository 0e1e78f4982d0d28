/// Tells how likely it is that a node failed: the φ accrual failure detector (Hayashibara, Défago, Yared, Katayama, 2004),
/// with exponentially distributed gaps between news as in Cassandra, so that φ = t / mean · log₁₀ e.
///
/// Only what this node sees for itself matters (§4.8.3): "node A may consider node B failed if node B does not respond to
/// node A's messages (even if B is responsive to node C's messages)".
struct FailureDetector: Sendable {
  /// What is known of one node.
  struct Peer: Sendable {
    /// The greatest heartbeat heard of, from whomever.
    var heartbeat = Heartbeat(node: 0, life: 0, count: 0)
    /// When the last news arrived.
    var lastNews: Nanoseconds
    /// When its own last message arrived; 0 before the first.
    var lastMessage: Nanoseconds = 0
    /// The mean gap between new heartbeats, weighted towards the latest.
    var meanGap: Nanoseconds
    /// It left a message unanswered, and has not been heard of since.
    var isSilent = false
  }

  /// The least that the mean gap is taken for.
  private let gapMin: Nanoseconds
  private let threshold: Double
  private(set) var peers: [NodeID: Peer]

  /// Everybody is thought to be there at the start.
  init(_ configuration: Configuration, at now: Nanoseconds) {
    gapMin = configuration.gossipInterval
    threshold = configuration.suspicionThreshold
    let others = configuration.members.filter { $0 != configuration.id }
    peers = Dictionary(
      others.map { ($0, Peer(lastNews: now, meanGap: configuration.gossipInterval * 2)) },
      uniquingKeysWith: { a, _ in a })
  }

  /// A new heartbeat of a node, directly or by way of others. Nothing happens for one that is not new.
  mutating func heard(_ heartbeat: Heartbeat, at now: Nanoseconds) {
    guard var peer = peers[heartbeat.node], peer.heartbeat.isBefore(heartbeat) else { return }
    peer.heartbeat = heartbeat
    let gap = min(now - min(now, peer.lastNews), gapMin * 20)
    peer.meanGap = max(gapMin, (peer.meanGap * 15 + gap) / 16)
    peer.lastNews = now
    peers[heartbeat.node] = peer
  }

  /// A node's own message arrived.
  mutating func heard(from node: NodeID, at now: Nanoseconds) {
    peers[node]?.lastMessage = now
    peers[node]?.lastNews = now
    peers[node]?.isSilent = false
  }

  /// A node has not answered what it was sent at `time`. It does not count if it was heard of since.
  mutating func unanswered(by node: NodeID, since time: Nanoseconds) {
    guard let peer = peers[node], peer.lastMessage < time else { return }
    peers[node]?.isSilent = true
  }

  /// φ: the more, the surer that the node failed; the odds of a mistake are 10^-φ.
  func suspicion(of node: NodeID, at now: Nanoseconds) -> Double {
    guard let peer = peers[node] else { return 0 }
    return Double(now - min(now, peer.lastNews)) / Double(max(1, peer.meanGap)) * 0.434_294_48
  }

  /// Whether messages to the node are worth sending. A node never suspects itself.
  func isAlive(_ node: NodeID, at now: Nanoseconds) -> Bool {
    guard let peer = peers[node] else { return true }
    return !peer.isSilent && suspicion(of: node, at: now) < threshold
  }
}
