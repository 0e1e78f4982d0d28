@testable import Clusters

/// Packets as a wire carries them, for tests.
enum TestPacket {
  static let flow = Flow(from: 0xC612_000B, to: 0xC612_000C)

  static func tcp(
    _ flow: Flow = flow, fromPort: UInt16 = 40_000, sequence: UInt32 = 1000, acknowledgement: UInt32 = 5000,
    flags: TCPSegment.Flags = .ack, data: [UInt8] = Array("hello".utf8)
  ) -> [UInt8] {
    var segment = bytes(UInt32(fromPort) << 16 | 9002) + bytes(sequence) + bytes(acknowledgement)
    segment += [0x50, flags.rawValue, 0x10, 0, 0, 0, 0, 0] + data
    let sum = ForgedPacket.checksum(pseudoHeader(flow, 6, segment.count) + segment)
    segment[16] = UInt8(sum >> 8)
    segment[17] = UInt8(sum & 0xFF)
    return ip(flow, 6, segment)
  }

  /// Of so many bytes in all.
  static func datagram(_ flow: Flow = flow, bytes count: Int = 100) -> [UInt8] {
    ip(flow, 17, [0x9C, 0x40, 0x23, 0x29, 0, UInt8(count - 20 & 0xFF), 0, 0] + Array(repeating: 7, count: count - 28))
  }

  /// What every receiver checks first: both checksums are those of the content.
  static func isSound(_ packet: [UInt8]) -> Bool {
    let header = Int(packet[0] & 0xF) * 4
    guard ForgedPacket.checksum(Array(packet[..<header])) == 0 else { return false }
    let segment = Array(packet[header...])
    let pseudo = Array(packet[12..<20]) + [0, packet[9], UInt8(segment.count >> 8), UInt8(segment.count & 0xFF)]
    return ForgedPacket.checksum(pseudo + segment) == 0
  }

  static func header(_ packet: [UInt8], captured: Int = .max) -> PacketHeader? {
    packet.withUnsafeBytes { PacketHeader(UnsafeRawBufferPointer(rebasing: $0.prefix(captured)), length: packet.count) }
  }

  private static func ip(_ flow: Flow, _ transport: UInt8, _ content: [UInt8]) -> [UInt8] {
    let length = 20 + content.count
    var header: [UInt8] = [0x45, 0, UInt8(length >> 8), UInt8(length & 0xFF), 0, 1, 0x40, 0, 64, transport, 0, 0]
    header += bytes(flow.from) + bytes(flow.to)
    let sum = ForgedPacket.checksum(header)
    header[10] = UInt8(sum >> 8)
    header[11] = UInt8(sum & 0xFF)
    return header + content
  }

  private static func pseudoHeader(_ flow: Flow, _ transport: UInt8, _ count: Int) -> [UInt8] {
    bytes(flow.from) + bytes(flow.to) + [0, transport, UInt8(count >> 8), UInt8(count & 0xFF)]
  }

  private static func bytes(_ number: UInt32) -> [UInt8] {
    [UInt8(number >> 24), UInt8(number >> 16 & 0xFF), UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)]
  }
}
