/// Bounds on everything that grows with what arrives from outside.
public struct Limits: Sendable {
  /// Requests of clients and of other nodes that this node coordinates or forwards, and has not answered.
  public var requestsInFlightMax = 8_192
  /// An object in bytes; an update that would make it larger is refused. A message must hold it.
  public var objectBytesMax = 4 << 20
  /// Objects that this node keeps for others (§4.6). Beyond it, it stands in for nobody: a write may miss its quorum.
  public var hintsMax = 100_000
  /// Hints on their way to their node.
  public var handoffsInFlightMax = 256
  /// Objects that one step of anti-entropy sends; the next exchange finds the others.
  public var exchangedObjectsMax = 256
  /// The bytes of these objects; a single larger one still travels alone.
  public var exchangedBytesMax = 4 << 20
  /// Messages that wait for the disk; the oldest is dropped beyond it, as if the network had lost it.
  public var deferredMax = 65_536
  /// What changed since a snapshot, in bytes, for the file on disk to begin anew with it.
  public var wholeBatchBytesMax = 64 << 20

  /// Bounds meant for small values.
  public init() {}
}

/// Everything a node is told at its start.
public struct Configuration: Sendable {
  /// This node.
  public var id: NodeID
  /// All nodes, this one among them; they never change.
  public var members: [NodeID]
  /// The paper's N: how many nodes have a copy of each key.
  public var replicas = 3
  /// The paper's R: how many nodes must answer a read.
  public var readQuorum = 2
  /// The paper's W: how many nodes must have a write on disk.
  public var writeQuorum = 2
  /// Places of each node on the ring (§4.2).
  public var virtualNodes = 16
  /// Whether nodes behind the preference list that stand in for members of it count towards quorums (§4.6). If they do
  /// not, R + W > N means that every read meets every write.
  public var isSloppy = true
  /// How long a client's request may wait before it is answered ``Outcome/unknown`` or ``Outcome/noQuorum``.
  public var requestTimeout: Nanoseconds = 1_000_000_000
  /// Time between two rounds of gossip.
  public var gossipInterval: Nanoseconds = 100_000_000
  /// A node is suspected from this φ on.
  public var suspicionThreshold = 5.0
  /// Time between two comparisons of hash trees with some peer (§4.7).
  public var antiEntropyInterval: Nanoseconds = 500_000_000
  /// A snapshot is taken when the log has grown by so many bytes, and by no less than the snapshot before had.
  public var snapshotBytes = 16 << 20
  /// Seeds the choice of peers. Nodes of one cluster may share it: the id is mixed in.
  public var seed: UInt64 = 0
  /// A step to get wrong on purpose; nil for the protocol as it should be.
  public var bug: DynamoBug?
  /// Bounds on memory and messages.
  public var limits = Limits()

  /// The paper's usual (N, R, W): (3, 2, 2) (§6).
  public init(id: NodeID, members: [NodeID]) {
    self.id = id
    self.members = members
  }

  /// Without an answer for so long, a node is not waited for any more.
  var replyTimeout: Nanoseconds { requestTimeout / 4 }

  /// Everything wrong with the configuration, in words for the operator; empty when it can be used.
  public func problems() -> [String] {
    var found: [String] = []
    if members.isEmpty { found.append("the cluster has no members") }
    if members.count > 64 { found.append("more than 64 members: \(members.count)") }
    if !members.contains(id) { found.append("node \(id) is not among the members \(members)") }
    if Set(members).count != members.count { found.append("a member is listed twice in \(members)") }
    if members.contains(0) { found.append("members are numbered from 1 on, not \(members)") }
    if !(1...16).contains(replicas) { found.append("the number of replicas is from 1 to 16, not \(replicas)") }
    let copies = min(replicas, members.count)
    if !(1...max(1, copies)).contains(readQuorum) {
      found.append("the read quorum is from 1 to the \(copies) replicas, not \(readQuorum)")
    }
    if !(1...max(1, copies)).contains(writeQuorum) {
      found.append("the write quorum is from 1 to the \(copies) replicas, not \(writeQuorum)")
    }
    if !(1...256).contains(virtualNodes) { found.append("virtual nodes are from 1 to 256, not \(virtualNodes)") }
    if requestTimeout < 4 { found.append("a request time-out of \(requestTimeout) ns is too short") }
    if gossipInterval == 0 { found.append("gossip every 0 ns never ends") }
    if antiEntropyInterval == 0 { found.append("anti-entropy every 0 ns never ends") }
    if snapshotBytes <= 0 { found.append("a snapshot after every \(snapshotBytes) bytes never ends") }
    return found
  }
}
