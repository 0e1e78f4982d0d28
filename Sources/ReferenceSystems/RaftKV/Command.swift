/// An operation that changes the state machine and therefore goes through the log.
public enum Command: Hashable, Sendable {
  /// Sets the key, whatever it held.
  case put(key: Bytes, value: Bytes)
  /// Compare and set, decided when it is applied. `from == nil` matches an absent key.
  case cas(key: Bytes, from: Bytes?, to: Bytes)
  /// Several keys at once.
  case transaction(Transaction)

  /// Size in bytes, near enough to bound messages and memory.
  var byteCount: Int {
    switch self {
    case .put(let key, let value): key.count + value.count
    case .cas(let key, let from, let to): key.count + (from?.count ?? 0) + to.count
    case .transaction(let transaction): transaction.byteCount
    }
  }
}

/// What a client asks for.
public enum Operation: Hashable, Sendable {
  /// Reads a key; linearizable, and never in the log (thesis §6.4).
  case get(key: Bytes)
  /// Changes something, by way of the log (§5.3): once, however often it is asked for, if the client names it. A
  /// transaction without an effect goes the way of reads instead.
  case write(Command, id: CommandID? = nil)
  /// Adds a server to the cluster or removes one, by way of the log (thesis §4.1).
  case changeMembers(MembershipChange)

  /// Whether it is without effect, so that not knowing its fate does no harm.
  var isRead: Bool { query != nil }

  /// What it asks for, when it changes nothing.
  var query: Query? {
    switch self {
    case .get(let key): .key(key)
    case .write(.transaction(let transaction), _): transaction.hasEffect ? nil : .transaction(transaction)
    case .write, .changeMembers: nil
    }
  }
}

/// What a read wants to know of the state machine.
enum Query: Hashable, Sendable {
  case key(Bytes)
  /// One without an effect.
  case transaction(Transaction)
}

/// The answer to an ``Operation``. All are definite except ``unknown``.
public enum Outcome: Hashable, Sendable {
  /// The value read. A read of an absent key gives ``notFound``.
  case value(Bytes)
  /// The list read, as ``value(_:)`` for a register.
  case list([Bytes])
  /// The transaction took effect; with what each of its reads gave, in order, nil for an absent key.
  case committed([StoredValue?])
  /// The transaction was carried out and changed nothing.
  case aborted(AbortReason)
  /// The write was applied.
  case written
  /// The compare-and-set was applied and changed nothing: the key is absent.
  case notFound
  /// The compare-and-set was applied and changed nothing: the key holds another value.
  case compareFailed
  /// A command of a client that named it, which now has no effect and whose answer is not remembered: it took effect
  /// before, or never will. A later command of the client has been applied, or its session was pushed out.
  case forgotten
  /// Certainly not proposed: no leader is known, or the node asked is not the leader any more.
  case noLeader
  /// Certainly not proposed: a change of the membership that cannot be made, or not now.
  case changeRefused(ChangeRefusal)
  /// Certainly not proposed: a limit of ``Limits`` is reached.
  case overloaded
  /// The operation may have happened, or may happen later.
  case unknown
}

/// What a log entry carries.
public enum Payload: Hashable, Sendable {
  /// Written by a new leader, so that it can commit its predecessors' entries (§5.4.2, §8).
  case noop
  /// Carries out a client's write when it is applied; one with a name only if it is new.
  case command(Command, id: CommandID? = nil)
  /// The members from here on, in use as soon as it is in a log (thesis §4.1).
  case configuration(Membership)

  var byteCount: Int {
    if case .command(let command, _) = self { return command.byteCount }
    return 0
  }
}

/// One position of the replicated log: "each entry contains a command and the term when it was received by the leader".
public struct Entry: Hashable, Sendable {
  /// The term of the leader that took it; with the index, it names the entry (Log Matching, figure 3).
  public var term: Term
  /// What to do when it is applied.
  public var payload: Payload

  /// An entry of the leader of `term`.
  public init(term: Term, payload: Payload) {
    self.term = term
    self.payload = payload
  }

  /// Size in bytes on the wire, near enough to bound messages: term, tags and lengths count as 32.
  var byteCount: Int { payload.byteCount + 32 }
}
