import Testing

@testable import Clusters

@Suite struct PacketResetTests {
  let flow = TestPacket.flow

  private func shaper(told: Set<Flow>) -> PacketShaper {
    var shaper = PacketShaper()
    shaper.impose(.reset, on: told, seed: 1)
    return shaper
  }

  private func judge(_ shaper: inout PacketShaper, _ packet: [UInt8]) throws -> Judgement {
    let header = try #require(TestPacket.header(packet))
    let judgement = shaper.judge(header, at: 0)
    return try #require(judgement)
  }

  @Test func connectionThatExistsIsResetOnceAtBothEnds() throws {
    var shaper = shaper(told: [flow, flow.reversed])
    let first = try judge(&shaper, TestPacket.tcp())
    #expect(first.fates == .reset && first.resetsReceiver && first.resetsSender)
    let later = try judge(&shaper, TestPacket.tcp(sequence: 1005))
    #expect(later.fates.isEmpty)
    let other = try judge(&shaper, TestPacket.tcp(fromPort: 41_000))
    #expect(other.fates == .reset)
  }

  @Test func connectionThatBeginsNowLives() throws {
    var shaper = shaper(told: [flow, flow.reversed])
    let opening = try judge(&shaper, TestPacket.tcp(flags: .syn, data: []))
    #expect(opening.fates.isEmpty)
    let established = try judge(&shaper, TestPacket.tcp())
    #expect(established.fates.isEmpty)
  }

  @Test func packetsThatAreNoPartOfAConnectionPass() throws {
    var shaper = shaper(told: [flow])
    let datagram = try judge(&shaper, TestPacket.datagram())
    #expect(datagram.fates.isEmpty)
    let reset = try judge(&shaper, TestPacket.tcp(flags: [.rst, .ack]))
    #expect(reset.fates.isEmpty)
    // A reset on its way must not keep ours from being sent.
    let data = try judge(&shaper, TestPacket.tcp())
    #expect(data.fates == .reset)
  }

  /// One end only: a packet of either direction gives the numbers.
  @Test func onlyTheAskedEndIsTold() throws {
    var there = shaper(told: [flow])
    let forward = try judge(&there, TestPacket.tcp())
    #expect(forward.resetsReceiver && !forward.resetsSender)
    var back = shaper(told: [flow.reversed])
    #expect(back.flows == [flow, flow.reversed])
    let answer = try judge(&back, TestPacket.tcp())
    #expect(!answer.resetsReceiver && answer.resetsSender && answer.fates == .reset)
  }

  @Test func actsReplaceThePacketAndAnswerTheSenderAtOnce() throws {
    let packet = TestPacket.tcp()
    let header = try #require(TestPacket.header(packet))
    let judgement = Judgement(fates: .reset, release: 50, resetsReceiver: true, resetsSender: true)
    let acts = packet.withUnsafeBytes { judgement.acts(on: $0, header, id: 3) }
    #expect(acts.map(\.release) == [50, .min])
    guard case .pass(3, let passing?) = acts[0].act, case .send(let answer) = acts[1].act else {
      Issue.record("\(acts)")
      return
    }
    #expect(TestPacket.header(passing)?.segment?.flags.contains(.rst) == true)
    #expect(TestPacket.header(answer)?.flow == flow.reversed)
    // One connection is counted once.
    #expect(acts.map(\.fates) == [.reset, []])
  }

  @Test func copyFollowsItsPacketAndAloneIsCounted() throws {
    let packet = TestPacket.datagram()
    let header = try #require(TestPacket.header(packet))
    let judgement = Judgement(fates: [.duplicate, PacketFates(.delay)], release: 50)
    let acts = packet.withUnsafeBytes { judgement.acts(on: $0, header, id: 3) }
    #expect(acts.map(\.release) == [50, 50] && acts.map(\.fates) == [PacketFates(.delay), .duplicate])
    if case .send(let copy) = acts[1].act { #expect(copy == packet) }
  }

  @Test func closingPacketsWaitAndOthersPassThem() throws {
    var shaper = PacketShaper()
    shaper.impose(.slowClose(seconds: 2), on: [flow], seed: 1)
    let closing = try judge(&shaper, TestPacket.tcp(flags: [.fin, .ack]))
    #expect(closing.release == 2_000_000_000 && closing.fates == PacketFates(.slowClose))
    let judged8 = try judge(&shaper, TestPacket.tcp())
    #expect(judged8 == Judgement(release: 0))
  }
}
