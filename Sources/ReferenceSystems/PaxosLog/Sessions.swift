import ProtocolKit

/// Bounds of the sessions; part of what the state machine is, so all nodes must have the same.
public struct SessionLimits: Hashable, Sendable {
  /// Clients that are remembered. One more pushes out the one that was silent for the longest.
  public var sessionsMax = 4_096
  /// How far below its highest number a client's commands are remembered, for clients that name themselves.
  public var clientWindow: UInt64 = 64
  /// The same for nodes, which have many commands under way at once.
  public var nodeWindow: UInt64 = 4_096

  /// Bounds for clients with one command at a time.
  public init() {}
}

/// What took effect already. Part of the state machine: every node decides in the same way, from the same prefix, whether
/// a command is a repetition.
///
/// So that no client whose session was pushed out opens it again with an old command, which would take effect twice, a
/// number at or below the highest that was pushed out opens no session any more. Nodes are no such clients: each of their
/// lives has a number of its own, and they are not silent.
public struct Sessions: Sendable {
  /// What one client did.
  struct Session: Sendable {
    /// Its highest number so far.
    var highest: UInt64
    /// The slot of its latest command.
    var lastSlot: Slot
    /// Answers by number, within the client's window.
    var outcomes: [UInt64: Outcome]
  }

  /// What is known of a command before it is applied.
  enum Lookup: Hashable, Sendable {
    /// It was not applied.
    case new
    /// It was applied, with this outcome.
    case done(Outcome)
    /// It is below the window of its client: nobody remembers.
    case forgotten
  }

  let limits: SessionLimits
  var clients: [UInt64: Session] = [:]
  /// The highest number of a client whose session was pushed out.
  private(set) var forgottenClientMax: UInt64
  /// Digest of all answers that are remembered.
  private(set) var hash: UInt64 = 0

  init(_ limits: SessionLimits, forgottenClientMax: UInt64 = 0) {
    self.limits = limits
    self.forgottenClientMax = forgottenClientMax
  }

  func lookup(_ id: CommandID) -> Lookup {
    guard let session = clients[id.client] else { return id.client > forgottenClientMax ? .new : .forgotten }
    if let outcome = session.outcomes[id.sequence] { return .done(outcome) }
    return isForgotten(id, by: session) ? .forgotten : .new
  }

  /// Remembers the outcome of a command that took effect in `slot`.
  mutating func record(_ id: CommandID, _ outcome: Outcome, at slot: Slot) {
    if clients[id.client] == nil, clients.count >= limits.sessionsMax { evictOldest() }
    var session = clients.removeValue(forKey: id.client) ?? Session(highest: 0, lastSlot: 0, outcomes: [:])
    session.lastSlot = slot
    session.outcomes[id.sequence] = outcome
    hash ^= Self.digest(id, outcome)
    if id.sequence > session.highest {
      let previous = session.highest
      session.highest = id.sequence
      forget(below: previous, of: id.client, &session)
    }
    clients[id.client] = session
  }

  /// Puts back what a snapshot says about a client.
  mutating func restore(_ client: UInt64, highest: UInt64, lastSlot: Slot, _ outcomes: [UInt64: Outcome]) {
    clients[client] = Session(highest: highest, lastSlot: lastSlot, outcomes: outcomes)
    for (sequence, outcome) in outcomes { hash ^= Self.digest(CommandID(client: client, sequence: sequence), outcome) }
  }

  private func window(of client: UInt64) -> UInt64 {
    client >= CommandID.nodeClientBase ? limits.nodeWindow : limits.clientWindow
  }

  private func isForgotten(_ id: CommandID, by session: Session) -> Bool {
    session.highest >= window(of: id.client) && id.sequence <= session.highest - window(of: id.client)
  }

  /// Drops what the window left behind as the highest number grew from `previous`.
  private mutating func forget(below previous: UInt64, of client: UInt64, _ session: inout Session) {
    let window = window(of: client)
    guard session.highest >= window else { return }
    let floor = session.highest - window
    let oldFloor = previous >= window ? previous - window : 0
    let forgotten =
      floor - oldFloor <= UInt64(session.outcomes.count)
      ? Array(oldFloor...floor) : session.outcomes.keys.filter { $0 <= floor }
    for sequence in forgotten {
      guard let outcome = session.outcomes.removeValue(forKey: sequence) else { continue }
      hash ^= Self.digest(CommandID(client: client, sequence: sequence), outcome)
    }
  }

  /// Slots differ, so there is no tie that the dictionary's order could decide.
  private mutating func evictOldest() {
    guard let oldest = clients.min(by: { $0.value.lastSlot < $1.value.lastSlot }) else { return }
    clients[oldest.key] = nil
    if oldest.key < CommandID.nodeClientBase { forgottenClientMax = max(forgottenClientMax, oldest.key) }
    for (sequence, outcome) in oldest.value.outcomes {
      hash ^= Self.digest(CommandID(client: oldest.key, sequence: sequence), outcome)
    }
  }

  private static func digest(_ id: CommandID, _ outcome: Outcome) -> UInt64 {
    var digest = Digest()
    digest.fold(id.client)
    digest.fold(id.sequence)
    switch outcome {
    case .appended(let index): digest.fold(index)
    case .written: digest.fold(UInt64.max)
    case .notFound: digest.fold(UInt64.max - 1)
    default: digest.fold(UInt64.max - 2)
    }
    return digest.value
  }
}

/// FNV-1a, finished with a mixer, because the exclusive or of digests needs independent bits.
struct Digest {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The digest of what was folded in so far.
  var value: UInt64 { mix64(state) }

  mutating func fold(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }

  mutating func fold(_ number: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { fold(UInt8(truncatingIfNeeded: number &>> UInt64(shift))) }
  }

  /// The length keeps [1,2][] apart from [1][2].
  mutating func fold(_ bytes: Bytes) {
    fold(UInt64(bytes.count))
    for byte in bytes { fold(byte) }
  }
}
