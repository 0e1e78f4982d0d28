/// What the rules need to know of an IPv4 packet.
struct PacketHeader: Hashable {
  static let tcp: UInt8 = 6
  /// The type of service that our own datagrams have: a code point that stands for nothing (RFC 2474, section 6).
  static let probeService: UInt8 = 0xCC

  var flow: Flow
  /// Of the IP header, in bytes.
  var headerBytes: Int
  /// Of the packet, in bytes.
  var length: Int
  /// Whether all of its bytes are at hand.
  var isWhole: Bool
  /// Whether it is a datagram of our own.
  var isProbe: Bool
  /// The start of its TCP header, where it has a whole one.
  var segment: TCPSegment?

  /// Nil where the bytes are no IPv4 packet.
  init?(_ bytes: UnsafeRawBufferPointer, length: Int) {
    guard bytes.count >= 20, bytes[0] >> 4 == 4 else { return nil }
    let header = Int(bytes[0] & 0xF) * 4
    guard header >= 20, header <= bytes.count else { return nil }
    flow = Flow(from: bytes.number32(at: 12), to: bytes.number32(at: 16))
    headerBytes = header
    self.length = max(length, bytes.count)
    isProbe = bytes[1] == Self.probeService
    isWhole = bytes.count == self.length
    // Only the first fragment has the transport's header.
    let isFirst = bytes.number16(at: 6) & 0x1FFF == 0
    if bytes[9] == Self.tcp, isFirst, bytes.count >= header + 20 {
      segment = TCPSegment(bytes, at: header, packetBytes: self.length)
    }
  }
}

/// A TCP header (RFC 9293, section 3.1).
struct TCPSegment: Hashable {
  var fromPort: UInt16
  var toPort: UInt16
  var sequence: UInt32
  var acknowledgement: UInt32
  var flags: Flags
  /// How far the sequence numbers go on behind it: its data, SYN and FIN.
  var span: UInt32

  struct Flags: OptionSet, Hashable {
    var rawValue: UInt8
    static let fin = Flags(rawValue: 0x01)
    static let syn = Flags(rawValue: 0x02)
    static let rst = Flags(rawValue: 0x04)
    static let ack = Flags(rawValue: 0x10)
  }

  init(_ bytes: UnsafeRawBufferPointer, at start: Int, packetBytes: Int) {
    fromPort = bytes.number16(at: start)
    toPort = bytes.number16(at: start + 2)
    sequence = bytes.number32(at: start + 4)
    acknowledgement = bytes.number32(at: start + 8)
    flags = Flags(rawValue: bytes[start + 13])
    let data = packetBytes - start - Int(bytes[start + 12] >> 4) * 4
    span = UInt32(max(0, data)) + (flags.contains(.syn) ? 1 : 0) + (flags.contains(.fin) ? 1 : 0)
  }
}

/// Both ends of a TCP connection, whichever way its packets go.
struct Connection: Hashable {
  private var low: UInt64
  private var high: UInt64

  init(_ flow: Flow, _ segment: TCPSegment) {
    let from = UInt64(flow.from) << 16 | UInt64(segment.fromPort)
    let to = UInt64(flow.to) << 16 | UInt64(segment.toPort)
    (low, high) = (min(from, to), max(from, to))
  }
}

extension UnsafeRawBufferPointer {
  /// Most significant byte first.
  func number16(at place: Int) -> UInt16 { UInt16(self[place]) << 8 | UInt16(self[place + 1]) }

  /// Most significant byte first.
  func number32(at place: Int) -> UInt32 { UInt32(number16(at: place)) << 16 | UInt32(number16(at: place + 2)) }
}
