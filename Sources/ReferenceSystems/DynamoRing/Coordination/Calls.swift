import ProtocolKit

/// Who asked for something.
enum Origin: Sendable {
  /// A client of this node.
  case client(RequestID)
  /// A node that is no replica of the key, under its own number.
  case node(NodeID, CallID)
}

/// What this node waits for on behalf of clients. All calls have the same time to live, so that they time out in the order
/// in which they began.
struct Calls: Sendable {
  var writes: [CallID: WriteCall] = [:]
  var reads: [CallID: ReadCall] = [:]
  var forwards: [CallID: ForwardCall] = [:]
  /// Writes of this batch of events, by key; they are sent together when it ends.
  var gathered: [Key: [(origin: Origin, outcome: Outcome)]] = [:]
  /// Keys of these, in the order in which they came.
  var gatheredKeys: [Key] = []
  /// The number of the next call. Its upper half is the node's life, so that no late answer meets another call.
  var next: CallID = 0
  /// When to see who has not answered.
  var checks = FIFO<(time: Nanoseconds, id: CallID)>()
  /// When to give up.
  var deadlines = FIFO<(time: Nanoseconds, id: CallID)>()

  var count: Int { writes.count + reads.count + forwards.count + gatheredKeys.count }
}

extension DynamoNode {
  /// A new call's number, and its time.
  mutating func beginCall() -> CallID {
    calls.next += 1
    calls.checks.append((now + configuration.replyTimeout, calls.next))
    calls.deadlines.append((now + configuration.requestTimeout, calls.next))
    return calls.next
  }

  /// Looks after calls that wait for long.
  mutating func checkCalls() {
    while let check = calls.checks.first, check.time <= now {
      calls.checks.popFirst()
      checkWrite(check.id)
      checkRead(check.id)
      checkForward(check.id)
    }
    while let deadline = calls.deadlines.first, deadline.time <= now {
      calls.deadlines.popFirst()
      endWrite(deadline.id)
      endRead(deadline.id)
      endForward(deadline.id)
    }
  }

  /// What was sent under this number is on a node's disk.
  mutating func done(_ id: CallID, by node: NodeID) {
    if calls.writes[id] != nil { isStored(id, by: node) } else { isHeld(id, by: node) }
  }

  /// The one answer to whoever asked.
  mutating func answer(_ origin: Origin, _ outcome: Outcome) {
    switch origin {
    case .client(let id): directives.append(.respond(id, outcome))
    case .node(let node, let id): send(.forwarded(id, outcome, clock: clock.latest), to: node)
    }
  }
}
