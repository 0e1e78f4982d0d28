/// One rule at work on one link.
struct PacketStage {
  /// What is queued for a rate, at least: twenty full packets.
  static let queueBytesMin = 30_000.0
  static let queueSeconds = 0.2
  static let packetBytesMax = 1500

  let change: PacketChange
  let kind: PacketChange.Kind
  var tally = PacketTally()
  private var dice: PacketDice
  /// Whether the last packet was lost.
  private var wasLost = false
  /// When the last packet will have been sent at the rate, in nanoseconds.
  private var free = Int64.min
  private let tellsReceiver: Bool
  private let tellsSender: Bool

  /// - Parameter told: the directions of a reset; the others watch for segments only.
  init(_ change: PacketChange, seed: UInt64, flow: Flow, told: Set<Flow>) {
    self.change = change
    kind = change.kind
    dice = PacketDice(seed: seed, flow: flow)
    tellsReceiver = told.contains(flow)
    tellsSender = told.contains(flow.reversed)
  }

  /// Adds what this rule does to what those before it did; `last` is when the link's last packet that kept its place
  /// goes on.
  mutating func act(
    on packet: PacketHeader, _ judgement: inout Judgement, last: Int64, settled: inout SettledConnections
  ) {
    if !packet.isProbe { tally.seen += 1 }
    guard hits(packet, &judgement, last, &settled) else { return }
    if !packet.isProbe { tally.hit += 1 }
    judgement.fates.insert(PacketFates(kind))
  }

  private mutating func hits(
    _ packet: PacketHeader, _ judgement: inout Judgement, _ last: Int64, _ settled: inout SettledConnections
  ) -> Bool {
    switch change {
    case .reset:
      guard let segment = packet.segment, settled.isNew(packet.flow, segment) else { return false }
      judgement.resetsReceiver = tellsReceiver
      judgement.resetsSender = tellsSender
      return true
    case .slowClose(let seconds):
      guard let segment = packet.segment, segment.flags.contains(.fin) else { return false }
      judgement.release += nanoseconds(seconds)
      return true
    case .loss(let percent, let correlation): return isLost(percent / 100, correlation)
    case .corrupt(let percent):
      let first = packet.headerBytes * 8
      guard dice.happens(percent / 100), packet.isWhole, packet.length * 8 > first else { return false }
      judgement.flip = first + dice.number(below: packet.length * 8 - first)
      return true
    case .duplicate(let percent): return dice.happens(percent / 100) && packet.isWhole
    case .rate(let bits): return queue(packet, bits, &judgement)
    case .delay(let seconds, let jitter, let spread):
      let wait = nanoseconds(dice.delay(seconds, jitter: jitter, spread))
      judgement.release = max(last, judgement.release + wait)
      return true
    case .reorder(let percent, let seconds):
      guard dice.happens(percent / 100) else { return false }
      judgement.release += nanoseconds(seconds)
      return true
    }
  }

  /// A chain of two states whose share of losses is `share`, and whose neighbours correlate by `correlation`.
  private mutating func isLost(_ share: Double, _ correlation: Double) -> Bool {
    let probability = share * (1 - correlation) + (wasLost ? correlation : 0)
    wasLost = dice.happens(probability)
    return wasLost
  }

  /// Whether it waits behind others, or finds no room.
  private mutating func queue(_ packet: PacketHeader, _ bits: Double, _ judgement: inout Judgement) -> Bool {
    let begin = max(judgement.release, free)
    let waiting = Double(begin - judgement.release) / 1e9 * bits / 8
    guard waiting <= max(Self.queueBytesMin, Self.queueSeconds * bits / 8) else {
      judgement.fates.insert(.overflow)
      return true
    }
    let waited = begin > judgement.release
    free = begin + nanoseconds(Double(packet.length * 8) / bits)
    judgement.release = free
    return waited
  }

  private func nanoseconds(_ seconds: Double) -> Int64 { Int64(seconds * 1e9) }
}

/// TCP connections that a reset leaves alone: those that began after it came into force, and those that it has reset.
struct SettledConnections {
  /// Beyond it nothing more is reset: a connection that began meanwhile could not be told from an old one.
  static let countMax = 65_536

  private var connections: Set<Connection> = []

  /// Whether this segment belongs to a connection that must be reset; never again afterwards.
  mutating func isNew(_ flow: Flow, _ segment: TCPSegment) -> Bool {
    guard connections.count < Self.countMax, !segment.flags.contains(.rst) else { return false }
    let isFirst = connections.insert(Connection(flow, segment)).inserted
    // A SYN, answered or not, is of a connection that begins now.
    return isFirst && !segment.flags.contains(.syn) && segment.flags.contains(.ack)
  }
}
