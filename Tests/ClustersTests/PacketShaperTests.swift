import Testing

@testable import Clusters

@Suite struct PacketShaperTests {
  static let seeds = (1...12).map { UInt64($0) }
  static let count = 2000
  let flow = TestPacket.flow

  /// The fates of packets that come a millisecond apart.
  private func run(
    _ changes: [PacketChange], seed: UInt64, count: Int = PacketShaperTests.count, spacing: Int64 = 1_000_000
  ) throws -> [Judgement] {
    let packet = try #require(TestPacket.header(TestPacket.datagram()))
    var shaper = PacketShaper()
    for change in changes { shaper.impose(change, on: [flow], seed: seed) }
    return try (0..<count).map { place in
      let judgement = shaper.judge(packet, at: Int64(place) * spacing)
      return try #require(judgement)
    }
  }

  private func share(_ judgements: [Judgement], _ fate: PacketFates) -> Double {
    Double(judgements.count { $0.fates.contains(fate) }) / Double(judgements.count)
  }

  /// Five standard deviations of a binomial share: one of a million runs of this whole test is beyond.
  private func tolerance(_ probability: Double, _ count: Int = PacketShaperTests.count) -> Double {
    5 * (probability * (1 - probability) / Double(count)).squareRoot()
  }

  @Test(arguments: [0.0, 1, 20, 50, 100])
  func shareOfEachChanceIsThatAskedFor(_ percent: Double) throws {
    let wanted = percent / 100
    for seed in Self.seeds {
      for (change, fate) in [
        (PacketChange.loss(percent: percent, correlation: 0), PacketFates.loss),
        (.duplicate(percent: percent), .duplicate), (.corrupt(percent: percent), PacketFates(.corrupt)),
        (.reorder(percent: percent, seconds: 1), PacketFates(.reorder)),
      ] {
        let found = share(try run([change], seed: seed), fate)
        #expect(abs(found - wanted) <= tolerance(wanted), "\(change) seed \(seed): \(found)")
      }
    }
  }

  /// Bursts change neither the share of losses (with the wider spread of correlated draws) nor hide their correlation.
  @Test func correlatedLossComesInBursts() throws {
    let (wanted, correlation) = (0.2, 0.6)
    let wider = ((1 + correlation) / (1 - correlation)).squareRoot()
    var both = 0.0
    var all = 0.0
    for seed in Self.seeds {
      let lost = try run([.loss(percent: 20, correlation: correlation)], seed: seed).map { $0.fates.contains(.loss) }
      let found = Double(lost.count { $0 }) / Double(lost.count)
      #expect(abs(found - wanted) <= tolerance(wanted) * wider, "seed \(seed): \(found)")
      both += Double(zip(lost, lost.dropFirst()).count { $0 && $1 })
      all += Double(lost.dropLast().count { $0 })
    }
    // P(lost | the one before was) = p + r (1 − p).
    #expect(abs(both / all - (wanted + correlation * (1 - wanted))) < 0.04)
  }

  @Test func samePacketsAndSeedMeetTheSameFate() throws {
    let changes: [PacketChange] = [
      .loss(percent: 10, correlation: 0.3), .delay(seconds: 0.05, jitterSeconds: 0.01, .pareto),
      .reorder(percent: 5, seconds: 0.01), .corrupt(percent: 5),
    ]
    #expect(try run(changes, seed: 9) == run(changes, seed: 9))
    #expect(try run(changes, seed: 9) != run(changes, seed: 10))
  }

  @Test func linksHaveStreamsOfTheirOwn() throws {
    var shaper = PacketShaper()
    shaper.impose(.loss(percent: 50, correlation: 0), on: [flow, flow.reversed], seed: 4)
    let there = try #require(TestPacket.header(TestPacket.datagram()))
    let back = try #require(TestPacket.header(TestPacket.datagram(flow.reversed)))
    let fates = (0..<200).map { time in (shaper.judge(there, at: time)?.fates, shaper.judge(back, at: time)?.fates) }
    #expect(fates.map(\.0) != fates.map(\.1))
  }

  @Test(arguments: DelaySpread.allCases)
  func delaysAreSpreadAsAsked(_ spread: DelaySpread) {
    var dice = PacketDice(seed: 11, flow: flow)
    let count = 20_000
    let delays = (0..<count).map { _ in dice.delay(0.1, jitter: 0.02, spread) }
    let mean = delays.reduce(0, +) / Double(count)
    let deviation = (delays.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)).squareRoot()
    switch spread {
    case .uniform:
      #expect(delays.allSatisfy { (0.08...0.12).contains($0) })
      #expect(abs(mean - 0.1) < 0.0006 && abs(deviation - 0.02 / 3.0.squareRoot()) < 0.0004)
    case .normal: #expect(abs(mean - 0.1) < 0.0009 && abs(deviation - 0.02) < 0.0006)
    case .pareto:
      #expect(delays.allSatisfy { (0.1...0.300_001).contains($0) })
      // Lomax, shape 3: half of the scale on average, and 1/8 of the draws beyond the whole of it.
      #expect(abs(mean - 0.11) < 0.001)
      #expect(abs(Double(delays.count { $0 > 0.12 }) / Double(count) - 0.125) < 0.012)
    }
  }

  @Test func delayedPacketsKeepTheirOrder() throws {
    for seed in Self.seeds {
      let all = try run([.delay(seconds: 0.01, jitterSeconds: 0.02, .normal)], seed: seed, count: 500)
      #expect(zip(all, all.dropFirst()).allSatisfy { $0.release <= $1.release })
      #expect(all.enumerated().allSatisfy { $1.release >= Int64($0) * 1_000_000 })
    }
  }

  @Test func reorderedPacketsAreOvertakenAndOthersAreNotHeldUp() throws {
    for seed in Self.seeds {
      let all = try run([.reorder(percent: 20, seconds: 0.01)], seed: seed, count: 500)
      for (place, judgement) in all.enumerated() {
        let isHeld = judgement.fates.contains(PacketFates(.reorder))
        #expect(judgement.release == Int64(place) * 1_000_000 + (isHeld ? 10_000_000 : 0))
      }
      let order = all.indices.sorted { (all[$0].release, $0) < (all[$1].release, $1) }
      #expect(order != Array(all.indices))
    }
  }

  /// 100 bytes a millisecond are 800,000 bits a second: at an eighth of that the queue grows until it is full.
  @Test func rateQueuesAndThenDrops() throws {
    let all = try run([.rate(bitsPerSecond: 100_000)], seed: 1, count: 2000)
    #expect(all[0].release == 8_000_000)
    let sent = all.filter { !$0.fates.isDropped }
    #expect(zip(sent, sent.dropFirst()).allSatisfy { $1.release - $0.release == 8_000_000 })
    #expect(all.dropFirst().allSatisfy { $0.fates.contains(PacketFates(.rate)) })
    let first = try #require(all.firstIndex { $0.fates.contains(.overflow) })
    // It is full when 30,000 bytes more have come than gone: n − n / 8 packets of 100 bytes.
    #expect(abs(Double(first) - 300 / (1 - 1 / 8.0)) < 3)
    let idle = try run([.rate(bitsPerSecond: 8_000_000)], seed: 1, count: 100)
    #expect(idle.allSatisfy { $0.fates.isEmpty })
  }

  @Test func fullShareOfLossDelaysNothingElse() throws {
    let all = try run(
      [.delay(seconds: 1, jitterSeconds: 0, .uniform), .loss(percent: 100, correlation: 0)], seed: 2, count: 10)
    #expect(all.enumerated().allSatisfy { $1 == Judgement(fates: .loss, release: Int64($0) * 1_000_000) })
  }

  @Test func effectsAddUpAndEndOneByOne() throws {
    let packet = try #require(TestPacket.header(TestPacket.datagram()))
    var shaper = PacketShaper()
    shaper.impose(.delay(seconds: 0.1, jitterSeconds: 0, .uniform), on: [flow], seed: 1)
    shaper.impose(.duplicate(percent: 100), on: [flow, flow.reversed], seed: 1)
    #expect(shaper.flows == [flow, flow.reversed] && shaper.needsWholePackets)
    let both = shaper.judge(packet, at: 5)
    #expect(both?.fates == [PacketFates(.delay), .duplicate] && both?.release == 100_000_005)
    let lifted = shaper.lift(.duplicate)
    #expect(lifted == [flow: PacketTally(seen: 1, hit: 1), flow.reversed: PacketTally()])
    #expect(shaper.flows == [flow] && !shaper.needsWholePackets)
    let single = shaper.judge(packet, at: 6)
    #expect(single?.fates == PacketFates(.delay))
    let last = shaper.lift(.delay)
    #expect(last == [flow: PacketTally(seen: 2, hit: 2)])
    let nothing = (shaper.judge(packet, at: 7), shaper.lift(.delay))
    #expect(nothing.0 == nil && nothing.1.isEmpty)
  }

  @Test func packetsOfOurOwnAreHitButNotCounted() throws {
    var bytes = TestPacket.datagram()
    bytes[1] = PacketHeader.probeService
    let probe = try #require(TestPacket.header(bytes))
    var shaper = PacketShaper()
    shaper.impose(.loss(percent: 100, correlation: 0), on: [flow], seed: 1)
    let judgement = shaper.judge(probe, at: 0)
    #expect(judgement?.fates == [.loss, .probe])
    let tallies = shaper.lift(.loss)
    #expect(tallies == [flow: PacketTally()])
  }

  @Test func headersAloneAreNeitherChangedNorCopied() throws {
    let header = try #require(TestPacket.header(TestPacket.datagram(bytes: 200), captured: 128))
    var shaper = PacketShaper()
    shaper.impose(.corrupt(percent: 100), on: [flow], seed: 1)
    shaper.impose(.duplicate(percent: 100), on: [flow], seed: 1)
    let judgement = shaper.judge(header, at: 0)
    #expect(judgement == Judgement(release: 0))
  }
}
