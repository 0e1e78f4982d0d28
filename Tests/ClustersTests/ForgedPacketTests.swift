import Testing

@testable import Clusters

@Suite struct ForgedPacketTests {
  /// A one's complement sum notices every single bit.
  @Test func everyTurnedBitBreaksTheChecksum() {
    let packet = TestPacket.tcp()
    #expect(TestPacket.isSound(packet))
    for bit in 160..<packet.count * 8 {
      let changed = packet.withUnsafeBytes { ForgedPacket.flipped($0, bit: bit) }
      #expect(changed != packet && !TestPacket.isSound(changed), "bit \(bit)")
    }
  }

  @Test func resetForTheReceiverComesInTheSegmentsPlace() throws {
    let header = try #require(TestPacket.header(TestPacket.tcp(sequence: 0xFFFF_FFFE, acknowledgement: 77)))
    let segment = try #require(header.segment)
    let reset = ForgedPacket.resetForReceiver(header.flow, segment)
    #expect(TestPacket.isSound(reset))
    let found = try #require(TestPacket.header(reset))
    #expect(found.flow == TestPacket.flow && found.length == 40)
    #expect(found.segment?.sequence == 0xFFFF_FFFE && found.segment?.acknowledgement == 77)
    #expect(found.segment?.flags == [.rst, .ack])
    #expect(found.segment?.fromPort == 40_000 && found.segment?.toPort == 9002)
  }

  /// Its number is what the sender said it expects; it acknowledges all of the segment, modulo 2³².
  @Test func resetForTheSenderIsWhatItExpectsNext() throws {
    let header = try #require(TestPacket.header(TestPacket.tcp(sequence: 0xFFFF_FFFE, acknowledgement: 77)))
    let reset = ForgedPacket.resetForSender(header.flow, try #require(header.segment))
    #expect(TestPacket.isSound(reset))
    let found = try #require(TestPacket.header(reset))
    #expect(found.flow == TestPacket.flow.reversed)
    #expect(found.segment?.sequence == 77 && found.segment?.acknowledgement == 3)
    #expect(found.segment?.fromPort == 9002 && found.segment?.toPort == 40_000)
  }

  @Test func connectionIsTheSameFromBothEnds() throws {
    let there = try #require(TestPacket.header(TestPacket.tcp()))
    let segment = try #require(there.segment)
    let back = try #require(TestPacket.header(ForgedPacket.resetForSender(there.flow, segment)))
    #expect(try Connection(there.flow, segment) == Connection(back.flow, #require(back.segment)))
    let other = try #require(TestPacket.header(TestPacket.tcp(fromPort: 40_001)))
    #expect(try Connection(there.flow, segment) != Connection(other.flow, #require(other.segment)))
  }

  @Test func strangeBytesAreNoPacketAndNoSegment() throws {
    let packet = TestPacket.tcp()
    for count in 0..<20 { #expect(TestPacket.header(packet, captured: count) == nil) }
    #expect(TestPacket.header([0x65] + packet.dropFirst()) == nil)
    #expect(TestPacket.header([0x44] + packet.dropFirst()) == nil)
    for count in 20..<40 { #expect(try #require(TestPacket.header(packet, captured: count)).segment == nil) }
    var fragment = packet
    fragment[7] = 1
    #expect(try #require(TestPacket.header(fragment)).segment == nil)
    let cut = try #require(TestPacket.header(packet, captured: 40))
    #expect(cut.length == packet.count && !cut.isWhole && cut.segment?.span == 5)
  }
}
