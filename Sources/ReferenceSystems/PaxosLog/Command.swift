/// Names a command for ever: a client and the number that it gave the command. However often the command is chosen, it
/// takes effect once (``Sessions``).
public struct CommandID: Hashable, Sendable {
  /// The client; below ``nodeClientBase`` for those that name themselves.
  public var client: UInt64
  /// Ascending within the client, from 1.
  public var sequence: UInt64

  /// The `sequence`-th command of `client`.
  public init(client: UInt64, sequence: UInt64) {
    self.client = client
    self.sequence = sequence
  }

  /// Clients from here on are nodes, which number the commands of clients that do not number theirs.
  public static let nodeClientBase: UInt64 = 1 << 63

  /// A node in one of its lives, as a client.
  static func client(node: NodeID, lives: UInt32) -> UInt64 {
    nodeClientBase | UInt64(node) << 32 & (nodeClientBase - 1) | UInt64(lives)
  }
}

/// A change of the state machine.
public enum Action: Hashable, Sendable {
  /// Adds a value to the end of a log and tells its index there.
  case append(log: Bytes, value: Bytes)
  /// Sets a register, whatever it held.
  case write(key: Bytes, value: Bytes)
  /// Compare and set, decided when it is applied. `from == nil` matches an absent key.
  case cas(key: Bytes, from: Bytes?, to: Bytes)

  /// Size in bytes, near enough to bound messages and memory.
  var byteCount: Int {
    switch self {
    case .append(let log, let value): log.count + value.count
    case .write(let key, let value): key.count + value.count
    case .cas(let key, let from, let to): key.count + (from?.count ?? 0) + to.count
    }
  }
}

/// "The sequence of state machine commands" (§3) is made of these.
public struct Command: Hashable, Sendable {
  /// Tells its repetitions from other commands.
  public var id: CommandID
  /// What it does the first time that it is applied.
  public var action: Action

  /// A command by its name.
  public init(id: CommandID, action: Action) {
    self.id = id
    self.action = action
  }
}

/// What a slot decides on.
public enum Value: Hashable, Sendable {
  /// "A special no-op command that leaves the state unchanged" (§3); fills the gaps that a failed leader left.
  case noop
  /// A client's.
  case command(Command)

  /// Size in bytes, near enough to bound messages and memory; ids and tags count as 24.
  var byteCount: Int {
    if case .command(let command) = self { return command.action.byteCount + 24 }
    return 1
  }
}

/// A question to the state machine.
public enum Query: Hashable, Sendable {
  /// The entries of a log with an index in `from ... through`; 1 is the first. Answered by
  /// ``Outcome/entries(first:_:)``, or by ``Outcome/tooManyEntries``.
  case entries(log: Bytes, from: UInt64, through: UInt64)
  /// Answered by ``Outcome/value(_:)``.
  case register(key: Bytes)
}

/// What a client asks for.
public enum Operation: Hashable, Sendable {
  /// Changes something. `id` is the client's own name for it; without one, it must not be asked for again.
  case update(Action, id: CommandID?)
  /// Linearizable.
  case read(Query)
  /// From this replica's own prefix of chosen values, however short, at once: to compare replicas.
  case readLocal(Query)
}

/// The answer to an ``Operation``. All are definite except ``unknown`` and ``expired``.
public enum Outcome: Hashable, Sendable {
  /// The value stands in the log at this index.
  case appended(index: UInt64)
  /// A part of a log, from index `first` on.
  case entries(first: UInt64, [Bytes])
  /// There are more than ``Limits/readEntriesMax`` of them: a part must be asked for.
  case tooManyEntries
  /// What a register holds; nil when it is absent.
  case value(Bytes?)
  /// The register was set.
  case written
  /// The compare-and-set was applied and changed nothing: the key is absent.
  case notFound
  /// The compare-and-set was applied and changed nothing: the key holds another value.
  case compareFailed
  /// Certainly without effect: no leader was found in time.
  case noLeader
  /// Certainly without effect: a limit of ``Limits`` is reached.
  case overloaded
  /// The command did nothing this time, but it is so old that it is not known whether it did before.
  case expired
  /// The operation may have happened, or may happen later.
  case unknown
}
