import ProtocolKit

/// Names one write of one client, so that it takes effect once however often it is asked for (thesis §6.3).
public struct CommandID: Hashable, Sendable {
  /// The client's own number, from 1. New clients take higher numbers than those before them, such as the time.
  public var client: UInt64
  /// The client numbers its writes upwards and has one under way at a time.
  public var sequence: UInt64

  /// The write `sequence` of `client`.
  public init(client: UInt64, sequence: UInt64) {
    self.client = client
    self.sequence = sequence
  }
}

/// Bounds of the sessions. They belong to the state machine, so they must be the same on all servers.
public struct SessionLimits: Hashable, Sendable {
  /// Clients that are remembered. One more pushes out the one that was silent for the longest, counted in entries of the
  /// log and not by anybody's clock.
  public var sessionsMax = 4_096
  /// Bytes of all answers that are remembered; more push sessions out too.
  public var answerBytesMax = 64 << 20

  /// Room for all clients of some request time-outs.
  public init() {}
}

/// What took effect already: "the state machine tracks the latest serial number processed for each client, along with
/// the associated response" (§8, thesis §6.3). Part of the state machine: every server decides in the same way, from the
/// same prefix of the log, whether a command is a repetition.
///
/// A deviation: clients name themselves, instead of registering to be given a number by the log. So that nobody whose
/// session was pushed out can open it again with an old command, a number at or below the highest that was pushed out
/// opens no session any more; the thesis refuses unknown numbers for the same reason.
struct Sessions: Sendable {
  /// What one client did last.
  struct Session: Sendable {
    var sequence: UInt64
    var outcome: Outcome
    /// The entry of its latest command.
    var lastIndex: LogIndex
    fileprivate var digest: UInt64
    fileprivate var byteCount: Int
  }

  /// What is known of a command before it is applied.
  enum Lookup: Hashable, Sendable {
    /// It was not applied.
    case new
    /// It was applied, with this outcome.
    case done(Outcome)
    /// It comes after a later command of its client, or from a client whose session was pushed out.
    case forgotten
  }

  let limits: SessionLimits
  private(set) var byClient: [UInt64: Session] = [:]
  /// The highest number of a client whose session was pushed out.
  private(set) var forgottenClientMax: UInt64 = 0
  /// Digest of all that is remembered, independent of the dictionary's order.
  private(set) var hash: UInt64 = 0
  private var answerBytes = 0

  /// Nobody did anything yet, unless told otherwise.
  init(_ limits: SessionLimits, forgottenClientMax: UInt64 = 0) {
    self.limits = limits
    self.forgottenClientMax = forgottenClientMax
  }

  func lookup(_ id: CommandID) -> Lookup {
    guard let session = byClient[id.client] else { return id.client > forgottenClientMax ? .new : .forgotten }
    if id.sequence == session.sequence { return .done(session.outcome) }
    return id.sequence > session.sequence ? .new : .forgotten
  }

  /// Remembers the outcome of a command that took effect in entry `index`.
  mutating func record(_ id: CommandID, _ outcome: Outcome, at index: LogIndex) {
    remove(id.client)
    var writer = ByteWriter(capacity: 32)
    writer.write(id.client)
    writer.write(id.sequence)
    writer.write(index)
    writer.write(outcome)
    let session = Session(
      sequence: id.sequence, outcome: outcome, lastIndex: index, digest: digest(of: writer.bytes),
      byteCount: writer.bytes.count)
    byClient[id.client] = session
    hash ^= session.digest
    answerBytes += session.byteCount
    while byClient.count > limits.sessionsMax || answerBytes > limits.answerBytesMax { pushOutOldest() }
  }

  /// Indices differ, so there is no tie that the dictionary's order could decide.
  private mutating func pushOutOldest() {
    guard let oldest = byClient.min(by: { $0.value.lastIndex < $1.value.lastIndex })?.key else { return }
    remove(oldest)
    forgottenClientMax = max(forgottenClientMax, oldest)
  }

  private mutating func remove(_ client: UInt64) {
    guard let session = byClient.removeValue(forKey: client) else { return }
    hash ^= session.digest
    answerBytes -= session.byteCount
  }

  /// FNV-1a, finished with a mixer, because the exclusive or of digests needs independent bits.
  private func digest(of bytes: Bytes) -> UInt64 {
    mix64(bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
  }
}
