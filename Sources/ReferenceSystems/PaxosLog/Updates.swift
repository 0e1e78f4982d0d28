import ProtocolKit

/// Commands of this node's clients that were not answered.
struct Updates: Sendable {
  /// One command, for which a client may have asked more than once.
  struct Pending: Sendable {
    var command: Command
    var requests: [RequestID]
    var deadline: Nanoseconds
    /// When it was last passed on or proposed; nil before the first time, when it certainly had no effect.
    var sentAt: Nanoseconds?
  }

  var pending: [CommandID: Pending] = [:]
  /// In the order of arrival, which is that of the deadlines; those not in `pending` any more are skipped.
  var order = FIFO<CommandID>()
  /// To be passed on or proposed, oldest first.
  var unsent = FIFO<CommandID>()
  /// Commands that this node named in this life.
  var counter: UInt64 = 0
}

/// Requests of clients: any node takes them, and the leader proposes them (§3: "a client sends commands to the leader").
///
/// A command that is passed on has no answer: the node that was asked sees it chosen and applies it like all others do.
/// If that does not happen it sends the command again, to another leader too, as it takes effect once however often it is
/// chosen (``Sessions``). It gives up at the deadline, and then says that the outcome is unknown.
extension MultiPaxos {
  /// Takes a request of a client of this node.
  mutating func request(_ operation: Operation, id: RequestID) {
    switch operation {
    case .update(let action, let name): accept(action, name, request: id)
    case .read(let query) where configuration.bug == .staleLocalRead: answer(query, request: id)
    case .read(let query): accept(query, request: id)
    case .readLocal(let query): answer(query, request: id)
    }
  }

  /// From what this node has applied.
  mutating func answer(_ query: Query, request id: RequestID) {
    directives.append(.respond(id, machine.answer(to: query, entriesMax: configuration.limits.readEntriesMax)))
  }

  private mutating func accept(_ action: Action, _ name: CommandID?, request: RequestID) {
    if let name, updates.pending[name] != nil {
      updates.pending[name]?.requests.append(request)
      return
    }
    guard updates.pending.count < configuration.limits.requestsInFlightMax else {
      directives.append(.respond(request, .overloaded))
      return
    }
    let id = name ?? nextCommandID()
    updates.pending[id] = Updates.Pending(
      command: Command(id: id, action: action), requests: [request], deadline: now + configuration.requestTimeout)
    updates.order.append(id)
    updates.unsent.append(id)
  }

  private mutating func nextCommandID() -> CommandID {
    updates.counter += 1
    return CommandID(client: CommandID.client(node: configuration.id, lives: lives), sequence: updates.counter)
  }

  /// Proposes what waits, or passes it on to the leader. Not before the number of this life is on disk: names depend on it.
  mutating func sendUpdates() {
    guard let leader, durability.persisted > 0 else { return }
    var commands: [Command] = []
    var bytes = 0
    while let id = updates.unsent.first, role != .leader || mayPropose {
      updates.unsent.popFirst()
      guard let command = updates.pending[id]?.command else { continue }
      updates.pending[id]?.sentAt = now
      if role == .leader {
        propose(command)
        continue
      }
      commands.append(command)
      bytes += command.action.byteCount + 24
      if commands.count >= configuration.limits.messageSlotsMax || bytes >= configuration.limits.messageBytesMax {
        send(.forward(commands), to: leader)
        commands = []
        bytes = 0
      }
    }
    if !commands.isEmpty { send(.forward(commands), to: leader) }
  }

  /// A command was applied here.
  mutating func finish(_ id: CommandID, _ outcome: Outcome) {
    guard let pending = updates.pending.removeValue(forKey: id) else { return }
    for request in pending.requests { directives.append(.respond(request, outcome)) }
  }

  /// After a snapshot took the place of applying slot by slot.
  mutating func finishUpdatesFoundInSessions() {
    for id in updates.order.elements {
      if case .done(let outcome) = machine.sessions.lookup(id) { finish(id, outcome) }
    }
  }

  /// There is a new leader, or none: whatever was sent to the old one may be lost.
  mutating func askAgain() {
    updates.unsent = FIFO()
    for id in updates.order.elements where updates.pending[id] != nil { updates.unsent.append(id) }
    reads.askAgain()
  }

  /// Sends again what has waited for some heartbeat intervals, and gives up what has waited too long.
  mutating func requestTick() {
    while let id = updates.order.first {
      guard let pending = updates.pending[id] else {
        updates.order.popFirst()
        continue
      }
      guard pending.deadline <= now else { break }
      updates.order.popFirst()
      finish(id, pending.sentAt == nil ? .noLeader : .unknown)
    }
    expireReads()
    if role != .leader { resendOverdue() }
  }

  private mutating func resendOverdue() {
    let patience = 4 * configuration.heartbeatInterval
    for id in updates.order.elements {
      guard let sentAt = updates.pending[id]?.sentAt, sentAt + patience <= now else { continue }
      updates.pending[id]?.sentAt = now
      updates.unsent.append(id)
    }
    if let askedAt = reads.askedAt, askedAt + patience <= now { reads.askAgain() }
  }
}
