/// What befell one packet: a bit for each kind of rule that hit it.
struct PacketFates: OptionSet, Hashable {
  var rawValue: UInt32

  init(rawValue: UInt32) { self.rawValue = rawValue }

  init(_ kind: PacketChange.Kind) {
    rawValue = 1 << UInt32(PacketChange.Kind.allCases.firstIndex(of: kind) ?? 0)
  }

  static let loss = PacketFates(.loss)
  static let reset = PacketFates(.reset)
  static let duplicate = PacketFates(.duplicate)
  static let rate = PacketFates(.rate)
  /// It found the queue of a rate full.
  static let overflow = PacketFates(rawValue: 1 << 8)

  /// It is a datagram of our own, which nobody's evidence counts.
  static let probe = PacketFates(rawValue: 1 << 9)

  var isDropped: Bool { !isDisjoint(with: [.loss, .overflow]) }

  /// What the packet filter knows it by: this value, under this mask, is on packets that were judged.
  static let judgedMark: UInt32 = 0x0FA0_0000
  static let judgedMask: UInt32 = 0x0FFF_0000

  var mark: UInt32 { Self.judgedMark | rawValue }
}

/// What is to be done with one packet.
struct Judgement: Hashable {
  var fates: PacketFates = []
  /// When it goes on, in nanoseconds; not after now: at once.
  var release: Int64
  /// The bit to turn over, counted from the packet's first.
  var flip: Int?
  /// Which ends of its connection are told that it is reset.
  var resetsReceiver = false
  var resetsSender = false
}
