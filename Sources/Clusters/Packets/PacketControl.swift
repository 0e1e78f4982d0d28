/// Making the network between nodes bad, short of cutting it.
///
/// Rules of different kinds add up: a link may be slow and lossy at once. Of each kind one rule is in force at a time.
public protocol PacketControl: Sendable {
  /// From now on the rule holds, beside those of other kinds; one of its own kind is replaced.
  ///
  /// Throws, and then nothing has changed: `ClusterError.unknownNode`, `.linkToItself`, `.badPacketRule`, or what the
  /// environment refused.
  func impose(_ rule: PacketRule) async throws
  /// Ends the rule of a kind and says what it did; nil where none is in force.
  ///
  /// Packets that are held back on its links go on at once, in their order.
  func lift(_ kind: PacketChange.Kind) async throws -> PacketEffects?
}

/// What happens to packets on some links.
public struct PacketRule: Hashable, Sendable {
  public var change: PacketChange
  /// Directed. Of a reset: the directions in which it is told.
  public var links: Set<Link>
  /// Every random decision follows from it: the same packets in the same order meet the same fate.
  public var seed: UInt64

  public init(_ change: PacketChange, on links: Set<Link>, seed: UInt64) {
    self.change = change
    self.links = links
    self.seed = seed
  }
}

/// How a random delay is spread.
public enum DelaySpread: String, Hashable, Sendable, CaseIterable {
  /// Evenly, from the jitter less than the delay to the jitter more.
  case uniform
  /// With the jitter as the standard deviation.
  case normal
  /// The delay is the least; beyond it a Pareto tail (shape 3, Lomax form) scaled by the jitter: half of the jitter on
  /// average, seldom several times the jitter, at most ten times.
  case pareto
}

/// A kind of bad network, with its measure.
///
/// A percentage is of packets, as a wire carries them: at most 1500 bytes, whatever the sender's kernel handed over at
/// once. No delay, however it is spread, changes the order of packets; that is what `reorder` is for.
public enum PacketChange: Hashable, Sendable {
  case delay(seconds: Double, jitterSeconds: Double, DelaySpread)
  /// `correlation` from 0 to 1: of one packet's loss with the next one's, so that losses come in bursts.
  case loss(percent: Double, correlation: Double)
  case duplicate(percent: Double)
  /// The chosen packets wait for `seconds`; those behind them go on.
  case reorder(percent: Double, seconds: Double)
  /// One bit beyond the IP header is turned over, under an unchanged checksum.
  case corrupt(percent: Double)
  /// Each link carries so many bits a second; what finds its queue full (0.2 s of traffic, and at least 30,000 bytes) is
  /// dropped.
  case rate(bitsPerSecond: Double)
  /// TCP connections that exist already are reset at their next packet, each once.
  case reset
  /// Packets that close a TCP connection (FIN) wait for `seconds`.
  case slowClose(seconds: Double)

  /// In the order in which they act on a packet.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case loss
    case corrupt
    case duplicate
    case rate
    case reset
    case slowClose
    case delay
    case reorder
  }

  public var kind: Kind {
    switch self {
    case .delay: .delay
    case .loss: .loss
    case .duplicate: .duplicate
    case .reorder: .reorder
    case .corrupt: .corrupt
    case .rate: .rate
    case .reset: .reset
    case .slowClose: .slowClose
    }
  }
}

extension PacketChange {
  /// The longest wait that a rule may ask for: beyond it packets pile up without bound.
  public static let secondsMax = 60.0

  /// Why these numbers are none; nil: they can be used.
  var problem: String? {
    switch self {
    case .delay(let seconds, let jitter, _): wait(seconds) ?? wait(jitter)
    case .loss(let percent, let correlation):
      share(percent) ?? ((0...1).contains(correlation) ? nil : "a correlation is from 0 to 1, not \(correlation)")
    case .duplicate(let percent), .corrupt(let percent): share(percent)
    case .reorder(let percent, let seconds): share(percent) ?? wait(seconds)
    case .rate(let bits):
      (1000...1e11).contains(bits) ? nil : "a rate is from 1000 to 100,000,000,000 bits a second, not \(bits)"
    case .reset: nil
    case .slowClose(let seconds): wait(seconds)
    }
  }

  private func wait(_ seconds: Double) -> String? {
    (0...Self.secondsMax).contains(seconds) ? nil : "packets wait for 0 to \(Self.secondsMax) s, not \(seconds) s"
  }

  private func share(_ percent: Double) -> String? {
    (0...100).contains(percent) ? nil : "a percentage is from 0 to 100, not \(percent)"
  }
}
