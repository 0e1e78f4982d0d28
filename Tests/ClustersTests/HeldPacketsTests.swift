import Testing

@testable import Clusters

@Suite struct HeldPacketsTests {
  private func packet(_ id: UInt32, at release: Int64, flow: Flow = TestPacket.flow, bytes: Int = 100) -> HeldPacket {
    HeldPacket(release: release, site: 0, flow: flow, mark: 0, act: .pass(id: id, nil), bytes: bytes)
  }

  private func drain(_ held: inout HeldPackets, at now: Int64) -> [UInt32] {
    var ids: [UInt32] = []
    while let next = held.pop(at: now) { if case .pass(let id, _) = next.act { ids.append(id) } }
    return ids
  }

  /// Against a sort, with many equal moments.
  @Test(arguments: 1...20) func comeOutByMomentAndThenInTheOrderOfTheirComing(_ seed: UInt64) {
    var dice = PacketDice(seed: seed, flow: TestPacket.flow)
    let moments = (0..<300).map { _ in Int64(dice.number(below: 50)) }
    var held = HeldPackets()
    for (id, moment) in moments.enumerated() { held.push(packet(UInt32(id), at: moment)) }
    let sorted = moments.indices.sorted { (moments[$0], $0) < (moments[$1], $1) }.map { UInt32($0) }
    let early = drain(&held, at: 20)
    #expect(early == sorted.filter { moments[Int($0)] <= 20 })
    #expect(held.next == moments.filter { $0 > 20 }.min())
    #expect(early + drain(&held, at: 50) == sorted)
    #expect(held.count == 0 && held.bytes == 0 && held.next == nil)
  }

  @Test func hurriedLinksGoNowInTheirOrderAndOthersWait() {
    var held = HeldPackets()
    held.push(packet(1, at: 900))
    held.push(packet(2, at: 800))
    held.push(packet(3, at: 700, flow: TestPacket.flow.reversed))
    held.hurry([TestPacket.flow], at: 10)
    #expect(drain(&held, at: 10) == [2, 1])
    #expect(held.count == 1 && held.bytes == 100 && held.next == 700)
    held.hurryAll(at: 11)
    #expect(drain(&held, at: 11) == [3])
  }

  @Test func isFullByBytesAndByNumber() {
    var held = HeldPackets()
    #expect(!held.isFull)
    held.push(packet(1, at: 1, bytes: HeldPackets.bytesMax))
    #expect(held.isFull)
    _ = drain(&held, at: 1)
    #expect(!held.isFull)
    for id in 0..<UInt32(HeldPackets.countMax) { held.push(packet(id, at: 1)) }
    #expect(held.isFull)
  }
}
