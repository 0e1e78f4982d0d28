/// A read that is under way.
struct ReadCall: Sendable {
  /// How far it has come.
  enum Phase: Sendable {
    /// Waits for R replies.
    case collecting
    /// Has the merge of them, and the answer, and waits until R nodes hold it.
    case repairing(Object, Outcome)
    /// Answered; waits for the others, to repair them too.
    case answered(Object)
  }

  let key: Key
  let range: RangeID
  let origin: Origin
  let startedAt: Nanoseconds
  var phase = Phase.collecting
  /// What nodes hold, in the order of their answers.
  var replies: [(node: NodeID, object: Object)] = []
  /// Nodes that have all of the merge on disk.
  var holders: Set<NodeID> = []
  /// Nodes behind the preference list that were asked, and for which of its members.
  var standIns: [NodeID: NodeID] = [:]

  /// The merge of the quorum's replies.
  var merged: Object? {
    switch phase {
    case .collecting: nil
    case .repairing(let merged, _), .answered(let merged): merged
    }
  }

  func hasReplied(_ node: NodeID) -> Bool { replies.contains { $0.node == node } }
}

// "For a get() request, the coordinator requests all existing versions of data for that key from the N highest-ranked
// reachable nodes in the preference list for that key, and then waits for R responses before returning the result" (§4.5).
extension DynamoNode {
  /// Asks all replicas, suspected or not, and stand-ins for those that are.
  mutating func read(_ key: Key, for origin: Origin, in range: RangeID) {
    guard healthyCount(in: range) >= configuration.readQuorum else { return answer(origin, .noQuorum) }
    let id = beginCall()
    calls.reads[id] = ReadCall(key: key, range: range, origin: origin, startedAt: now)
    for replica in ring.preferenceList(of: range) where replica != configuration.id {
      send(.fetch(id, key), to: replica)
      if !isAlive(replica) { askStandIn(for: replica, read: id) }
    }
    whenDurable(batch(of: key), .ownReply(id))
  }

  /// Asks the next healthy node behind the preference list for what it keeps for an absent replica.
  private mutating func askStandIn(for replica: NodeID, read id: CallID) {
    guard configuration.isSloppy, let call = calls.reads[id], !call.standIns.values.contains(replica),
      let standIn = ring.fallbacks(of: call.range).first(where: { isAlive($0) && call.standIns[$0] == nil })
    else { return }
    calls.reads[id]?.standIns[standIn] = replica
    send(.fetch(id, call.key), to: standIn)
  }

  /// This node's own copy is on disk.
  mutating func ownReply(_ id: CallID) {
    if let call = calls.reads[id] { fetched(held(call.key), call: id, from: configuration.id) }
  }

  /// A node's answer.
  mutating func fetched(_ object: Object?, call id: CallID, from node: NodeID) {
    guard var call = calls.reads[id], !call.hasReplied(node) else { return }
    let object = object ?? Object(call.key.kind)
    guard object.kind == call.key.kind else { return }
    call.replies.append((node, object))
    calls.reads[id] = call
    guard let merged = call.merged else {
      if call.replies.count >= configuration.readQuorum, call.hasReplied(configuration.id) { merge(id, call) }
      return
    }
    // "The state machine waits for a small period of time to receive any outstanding responses" (§5).
    if object == merged { return isHeld(id, by: node) }
    absorb(object, at: call.key, by: .write)
    repair(node, with: held(call.key), call: id)
  }

  /// R nodes answered, this one among them: whoever lacks something of the merge gets it.
  private mutating func merge(_ id: CallID, _ call: ReadCall) {
    var call = call
    for reply in call.replies where reply.node != configuration.id { absorb(reply.object, at: call.key, by: .write) }
    let merged = held(call.key)
    call.phase = .repairing(merged, .reading(shown(of: merged, call)))
    call.holders = Set(call.replies.filter { $0.object == merged && $0.node != configuration.id }.map(\.node))
    calls.reads[id] = call
    for reply in call.replies where reply.node != configuration.id && reply.object != merged {
      repair(reply.node, with: merged, call: id)
    }
    whenDurable(batch(of: call.key), .ownRepair(id))
  }

  /// What the client sees of the merge: all of it.
  private func shown(of merged: Object, _ call: ReadCall) -> Reading {
    switch (configuration.bug, merged.reading, call.replies.first?.object.reading, call.replies.last?.object.reading) {
    case (.readAnswersLastReply, _, _, let last?): last
    case (.contextCoversUnread, .siblings(_, let context), .siblings(let values, _)?, _):
      .siblings(values: values, context: context)
    default: merged.reading
    }
  }

  /// "If stale versions were returned in any of the responses, the coordinator updates those nodes with the latest version.
  /// This process is called read repair" (§5). A stand-in is told for whom it keeps the object.
  private mutating func repair(_ node: NodeID, with object: Object, call id: CallID) {
    guard let call = calls.reads[id] else { return }
    let message =
      call.standIns[node].map { Message.hint(id, call.key, object, target: $0) } ?? .repair(id, call.key, object)
    whenDurable(batch(of: call.key), .send(message, to: node))
  }

  /// A node has all of what the read shows on its disk.
  mutating func isHeld(_ id: CallID, by node: NodeID) {
    guard var call = calls.reads[id] else { return }
    call.holders.insert(node)
    if case .repairing(let merged, let outcome) = call.phase, call.holders.count >= configuration.readQuorum,
      call.holders.contains(configuration.id)
    {
      answer(call.origin, outcome)
      call.phase = .answered(merged)
    }
    let isEverywhere = ring.preferenceList(of: call.range).allSatisfy(call.holders.contains)
    calls.reads[id] = isEverywhere ? nil : call
  }

  /// Some time has passed: others are asked in place of whoever has not answered.
  mutating func checkRead(_ id: CallID) {
    guard let call = calls.reads[id] else { return }
    for replica in ring.preferenceList(of: call.range) where replica != configuration.id && !call.hasReplied(replica) {
      detector.unanswered(by: replica, since: call.startedAt)
      if case .answered = call.phase { continue }
      askStandIn(for: replica, read: id)
    }
  }

  /// No more time.
  mutating func endRead(_ id: CallID) {
    guard let call = calls.reads.removeValue(forKey: id) else { return }
    if case .answered = call.phase { return }
    answer(call.origin, .noQuorum)
  }
}
