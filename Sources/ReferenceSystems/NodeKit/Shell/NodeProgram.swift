import Logging

/// Number of a client's request, from 1 on, while its process lives.
public typealias ClientRequestID = UInt64

/// What a bundled server is besides its shell: a protocol core, and how its messages, records and answers are written.
/// It has no clock, socket or disk of its own; the shell that calls it has them.
public protocol NodeProgram: SendableMetatype {
  /// What the writer of a snapshot says of it when the file is complete.
  associatedtype Saved: Sendable

  /// Something happened. An error that is thrown for a received message drops it, as if the network had lost it; no
  /// other input may throw.
  mutating func handle(_ input: NodeInput<Saved>, in shell: NodeShell<Self>) throws

  /// A client asks; the answer goes to ``NodeShell/respond(to:_:)``, at once or later.
  mutating func handle(_ request: ClientRequest, id: ClientRequestID, in shell: NodeShell<Self>)
}

/// What a shell tells its program.
public enum NodeInput<Saved: Sendable>: Sendable {
  /// Time passed; told every ten milliseconds.
  case tick
  /// Nothing more is ready to be read: what gathered should go to the disk and to the peers now.
  case endOfBatch
  /// A peer's message.
  case received([UInt8], from: UInt32)
  /// Every record up to this sequence number is on disk.
  case persisted(UInt64)
  /// A snapshot is on disk.
  case saved(Saved)
}

/// What a server knows before its program runs, and how it gathers that from the disk: first every record of the log, then
/// the snapshot if there is one, then ``program(at:_:)``.
public protocol NodeRecovery {
  associatedtype Program: NodeProgram

  /// What to do about damaged or missing data (``DataDamage``): a sentence or two without the last full stop.
  static var damageAdvice: String { get }

  /// Takes a record of the write-ahead log, in the order of writing.
  mutating func replay(record: [UInt8]) throws

  /// Takes the snapshot's file; throws if it is damaged.
  mutating func restore(snapshot: [UInt8]) throws

  /// The program with all that was recovered.
  /// - Parameters:
  ///   - now: as ``NodeShell/now``, nanoseconds.
  ///   - logger: for one line on what was found.
  mutating func program(at now: UInt64, _ logger: Logger) throws -> Program
}

/// Where a server is, and who its peers are.
public struct NodePlace: Sendable {
  /// The system's name, such as `paxos-log`: data of another system is refused.
  public var system: String
  /// The server's number.
  public var id: UInt32
  /// Where clients connect.
  public var listen: Endpoint
  /// Where the other servers connect.
  public var peerListen: Endpoint
  /// All servers by number, this one included.
  public var peers: [UInt32: Endpoint]
  /// The directory of all that outlives the process; made if it is missing.
  public var data: String
  /// What the program is told the time by.
  public var clock: NodeClock
  /// False only for a planted bug: records count as durable when they are written.
  public var syncsLog: Bool

  public init(
    system: String, id: UInt32, listen: Endpoint, peerListen: Endpoint, peers: [UInt32: Endpoint], data: String,
    clock: NodeClock = .monotonic, syncsLog: Bool = true
  ) {
    self.system = system
    self.id = id
    self.listen = listen
    self.peerListen = peerListen
    self.peers = peers
    self.data = data
    self.clock = clock
    self.syncsLog = syncsLog
  }
}

/// The snapshot's file does not hold what was written. To start without it would forget what the server promised.
public struct SnapshotDamaged: DataDamage, CustomStringConvertible {
  let path: String
  let reason: String
  public var description: String { "\(path) is damaged: \(reason)" }
}
