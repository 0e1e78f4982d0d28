/// Packets that no node sent: changed ones, and resets. Pure.
enum ForgedPacket {
  /// The packet with one bit turned over; its checksums stay as they were, so that they tell.
  static func flipped(_ bytes: UnsafeRawBufferPointer, bit: Int) -> [UInt8] {
    var copy = Array(bytes)
    copy[bit / 8] ^= 1 << UInt8(bit % 8)
    return copy
  }

  /// A reset that the segment's receiver believes: it comes in the segment's place, with its number (RFC 9293, section
  /// 3.10.7.4, and RFC 5961, section 3.2: exactly the next one expected).
  static func resetForReceiver(_ flow: Flow, _ segment: TCPSegment) -> [UInt8] {
    reset(
      flow, from: segment.fromPort, to: segment.toPort, sequence: segment.sequence,
      acknowledgement: segment.acknowledgement)
  }

  /// A reset that the segment's sender believes: numbered with what it says it expects next.
  static func resetForSender(_ flow: Flow, _ segment: TCPSegment) -> [UInt8] {
    reset(
      flow.reversed, from: segment.toPort, to: segment.fromPort, sequence: segment.acknowledgement,
      acknowledgement: segment.sequence &+ segment.span)
  }

  private static func reset(
    _ flow: Flow, from: UInt16, to: UInt16, sequence: UInt32, acknowledgement: UInt32
  ) -> [UInt8] {
    var ip: [UInt8] = [0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, PacketHeader.tcp, 0, 0]
    ip += bytes(flow.from) + bytes(flow.to)
    set(checksum(ip), in: &ip, at: 10)
    let flags = TCPSegment.Flags([.rst, .ack]).rawValue
    var tcp = bytes(UInt32(from) << 16 | UInt32(to)) + bytes(sequence) + bytes(acknowledgement)
    tcp += [0x50, flags, 0, 0, 0, 0, 0, 0]
    let pseudoHeader = bytes(flow.from) + bytes(flow.to) + [0, PacketHeader.tcp, 0, UInt8(tcp.count)]
    set(checksum(pseudoHeader + tcp), in: &tcp, at: 16)
    return ip + tcp
  }

  /// The Internet checksum (RFC 1071).
  static func checksum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for place in stride(from: 0, to: bytes.count, by: 2) {
      sum += UInt32(bytes[place]) << 8 | (place + 1 < bytes.count ? UInt32(bytes[place + 1]) : 0)
    }
    while sum > 0xFFFF { sum = sum >> 16 + sum & 0xFFFF }
    return ~UInt16(sum)
  }

  private static func bytes(_ number: UInt32) -> [UInt8] {
    [UInt8(number >> 24), UInt8(number >> 16 & 0xFF), UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)]
  }

  private static func set(_ number: UInt16, in bytes: inout [UInt8], at place: Int) {
    bytes[place] = UInt8(number >> 8)
    bytes[place + 1] = UInt8(number & 0xFF)
  }
}
