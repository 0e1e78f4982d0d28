/// What one rule did while it was in force.
public struct PacketEffects: Hashable, Sendable {
  /// What the kernel's packet filter counted of the packets that the rule hit: dropped, or sent on late, changed, twice.
  public var affected: PacketCount
  /// What was decided, by link: every link of the rule, in use or not.
  public var links: [Link: PacketTally]
  /// What datagrams of our own met on some of the links.
  public var probe: ProbeReport
  /// How counters of the kernels' TCP and UDP grew meanwhile, by node, `Link.controller` among them.
  public var stacks: [String: StackCounters]
  /// Packets of all rules' links that passed as they were: there was no room to hold them back, or to show them to us.
  public var passed: Int

  public init(
    affected: PacketCount, links: [Link: PacketTally], probe: ProbeReport = ProbeReport(),
    stacks: [String: StackCounters] = [:], passed: Int = 0
  ) {
    self.affected = affected
    self.links = links
    self.probe = probe
    self.stacks = stacks
    self.passed = passed
  }
}

/// A number of packets and their bytes, IP headers included.
public struct PacketCount: Hashable, Sendable {
  public var packets: Int
  public var bytes: Int

  public init(packets: Int = 0, bytes: Int = 0) {
    self.packets = packets
    self.bytes = bytes
  }

  static func + (left: PacketCount, right: PacketCount) -> PacketCount {
    PacketCount(packets: left.packets + right.packets, bytes: left.bytes + right.bytes)
  }

  /// How much this counter grew since it was `start`.
  func since(_ start: PacketCount) -> PacketCount {
    PacketCount(packets: max(0, packets - start.packets), bytes: max(0, bytes - start.bytes))
  }
}

/// What a rule did on one link.
public struct PacketTally: Hashable, Sendable {
  public var seen: Int
  public var hit: Int

  public init(seen: Int = 0, hit: Int = 0) {
    self.seen = seen
    self.hit = hit
  }
}

/// What became of datagrams that the harness itself sent through a rule's links, in pairs, and timed at their arrival.
///
/// They are sent and received by sockets that know nothing of the rule: what they meet, the system meets.
public struct ProbeReport: Hashable, Sendable {
  /// How many links were probed: all, or that many spread evenly over all.
  public var links: Int
  public var sent: Int
  /// Different ones.
  public var received: Int
  /// Those that came more than once.
  public var duplicated: Int
  /// Those that came after one that was sent later.
  public var late: Int
  /// The middle one of the times from sending to arrival, in nanoseconds; nil where nothing arrived.
  public var medianNanoseconds: Int64?

  public init(
    links: Int = 0, sent: Int = 0, received: Int = 0, duplicated: Int = 0, late: Int = 0,
    medianNanoseconds: Int64? = nil
  ) {
    self.links = links
    self.sent = sent
    self.received = received
    self.duplicated = duplicated
    self.late = late
    self.medianNanoseconds = medianNanoseconds
  }
}

/// Counters of one network namespace's TCP and UDP.
public struct StackCounters: Hashable, Sendable {
  /// Segments and datagrams thrown away for their checksum.
  public var checksumErrors: Int
  /// Connections that ended without being closed.
  public var resets: Int
  /// Segments sent again.
  public var retransmitted: Int
  /// Segments that came before their time.
  public var outOfOrder: Int

  public init(checksumErrors: Int = 0, resets: Int = 0, retransmitted: Int = 0, outOfOrder: Int = 0) {
    self.checksumErrors = checksumErrors
    self.resets = resets
    self.retransmitted = retransmitted
    self.outOfOrder = outOfOrder
  }
}
