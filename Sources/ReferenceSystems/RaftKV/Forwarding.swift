import ProtocolKit

/// Requests passed on between servers, on both sides.
///
/// The network may lose, repeat and reorder messages and servers forget when they crash; still no request may be
/// proposed twice, and "certainly not proposed" must be certain. What makes it so:
/// - A forward is addressed to the leader of one term, and only a leader of that very term proposes it. A term has one
///   leader, and a server that restarted never leads its old term again.
/// - Ids of one sender grow without end, also over its restarts. A server takes only ids above the highest it saw: copies
///   and stragglers are dropped without an answer, and the sender's deadline makes them `unknown`.
/// - So a server that refuses knows that it saw no copy before in this life, and will take none later. If it might have
///   led that term in an earlier life, it answers `unknown` instead.
struct Forwarding: Sendable {
  /// A forward that this server sent and that was not answered.
  struct Pending: Sendable {
    var request: RequestID
    var isRead: Bool
  }

  /// Forwards without an answer.
  var pending: [ForwardID: Pending] = [:]
  /// Ids and deadlines of forwards in the order of sending; those not in `pending` any more are skipped.
  var deadlines = FIFO<(id: ForwardID, deadline: Nanoseconds)>()
  /// Forwards sent in this life: the lower half of their ids.
  var counter: UInt32 = 0

  /// The highest id seen from each server in this life.
  var highestSeen: [NodeID: ForwardID] = [:]
}

extension Raft {
  /// Passes a request on to the leader, once. Refuses until the number of this life is on disk: the id depends on it.
  mutating func forward(_ operation: Operation, id request: RequestID, to leader: NodeID) {
    guard durability.persisted > 0 else {
      directives.append(.respond(request, .noLeader))
      return
    }
    guard forwarding.pending.count < configuration.limits.forwardsInFlightMax, forwarding.counter < .max else {
      directives.append(.respond(request, .overloaded))
      return
    }
    forwarding.counter += 1
    let id = ForwardID(lives) << 32 | ForwardID(forwarding.counter)
    forwarding.pending[id] = Forwarding.Pending(request: request, isRead: operation.isRead)
    forwarding.deadlines.append((id, now + configuration.requestTimeout))
    send(.forward(Forward(term: currentTerm, id: id, operation: operation)), to: leader)
  }

  /// Takes a request that another server passed on.
  mutating func answer(_ forward: Forward, from sender: NodeID) {
    guard forward.id > forwarding.highestSeen[sender, default: 0] else { return }
    forwarding.highestSeen[sender] = forward.id
    if role == .leader, forward.term == currentTerm {
      accept(forward.operation, origin: .peer(sender, forward.id))
    } else {
      let mayHaveLedBefore = forward.term <= bootTerm
      answer(.peer(sender, forward.id), mayHaveLedBefore ? .unknown : .noLeader)
    }
  }

  /// The leader's answer to a request that this server passed on.
  mutating func receive(_ reply: ForwardReply) {
    guard let pending = forwarding.pending.removeValue(forKey: reply.id) else { return }
    directives.append(.respond(pending.request, reply.outcome))
  }

  /// The leader is gone or another: what it was asked may have happened or not. A read has no effect either way.
  mutating func abandonForwards() {
    while let oldest = forwarding.deadlines.popFirst() { giveUp(oldest.id) }
  }

  /// Gives up what the leader did not answer in time; also forgets the deadlines of what it did answer.
  mutating func expireForwards() {
    while let oldest = forwarding.deadlines.first {
      guard oldest.deadline <= now || forwarding.pending[oldest.id] == nil else { return }
      forwarding.deadlines.popFirst()
      giveUp(oldest.id)
    }
  }

  /// The answer when none came: a read had no effect, but a write may have had one.
  private mutating func giveUp(_ id: ForwardID) {
    guard let pending = forwarding.pending.removeValue(forKey: id) else { return }
    directives.append(.respond(pending.request, pending.isRead ? .noLeader : .unknown))
  }
}
