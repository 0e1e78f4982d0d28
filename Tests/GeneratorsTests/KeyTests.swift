import Generators
import Testing

@Suite struct KeyTests {
  /// Pearson's statistic of draws against the expected probabilities.
  private func chiSquare(_ distribution: KeyDistribution, _ expected: [Double], seed: UInt64, draws: Int) -> Double {
    var random = stream("draw", seed: seed)
    var counts = [Int](repeating: 0, count: expected.count)
    for _ in 0..<draws { counts[distribution.draw(&random)] += 1 }
    return zip(counts, expected).reduce(0) { sum, pair in
      let wanted = pair.1 * Double(draws)
      return sum + (Double(pair.0) - wanted) * (Double(pair.0) - wanted) / wanted
    }
  }

  /// 1 / 1^s, 1 / 2^s, … for s = 1, normalized: by division alone, apart from the code under test.
  private var harmonic: [Double] {
    let weights = (1...50).map { 1 / Double($0) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  // 85.4 is the 0.999 quantile of chi-square with 49 degrees of freedom.
  @Test(arguments: 0..<10 as Range<UInt64>)
  func `zipf frequencies are those of theory`(seed: UInt64) {
    #expect(chiSquare(.zipf(50, skew: 1), harmonic, seed: seed, draws: 20_000) < 85.4)
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `uniform frequencies are equal`(seed: UInt64) {
    #expect(chiSquare(.uniform(50), Array(repeating: 0.02, count: 50), seed: seed, draws: 20_000) < 85.4)
    #expect(chiSquare(.zipf(50, skew: 0), Array(repeating: 0.02, count: 50), seed: seed, draws: 20_000) < 85.4)
  }

  @Test func `the test can tell one distribution from another`() {
    #expect(chiSquare(.zipf(50, skew: 1.1), harmonic, seed: 1, draws: 50_000) > 85.4)
  }

  @Test func `a squared zipf has the ratios of squares`() {
    var random = stream("draw")
    let distribution = KeyDistribution.zipf(10, skew: 2)
    var counts = [Double](repeating: 0, count: 10)
    for _ in 0..<100_000 { counts[distribution.draw(&random)] += 1 }
    #expect(abs(counts[0] / counts[1] - 4) < 0.15)
    #expect(abs(counts[0] / counts[2] - 9) < 0.5)
  }

  @Test func `one key is always itself`() {
    var random = stream("draw")
    #expect(KeyDistribution.zipf(1, skew: 1).draw(&random) == 0)
    #expect(KeyDistribution.uniform(1).draw(&random) == 0)
  }

  @Test func `at any time so many keys live, each for its operations, none twice`() {
    for seed in 0..<5 as Range<UInt64> {
      var random = stream("keys", seed: seed)
      var keys = RotatingKeys(live: 7, opsPerKey: 13, distribution: .zipf(7, skew: 1))
      var uses: [Int: Int] = [:]
      var retired: Set<Int> = []
      for _ in 0..<2_000 {
        let before = keys.liveKeys
        let slot = keys.drawSlot(&random)
        let key = keys.take(slot)
        #expect(key == before[slot] && keys.slot(of: key) == slot && !retired.contains(key))
        uses[key, default: 0] += 1
        let live = keys.liveKeys
        #expect(Set(live).count == 7 && live.allSatisfy { keys.isLive($0) })
        if uses[key] == 13 {
          #expect(!live.contains(key) && !keys.isLive(key))
          retired.insert(key)
        }
      }
      #expect(uses.values.allSatisfy { $0 <= 13 })
      #expect(retired.count > 100)
    }
  }

  @Test func `keys without an end stay`() {
    var keys = RotatingKeys(live: 3, opsPerKey: 0, distribution: .uniform(3))
    for _ in 0..<1_000 { #expect(keys.take(2) == 2) }
    #expect(keys.liveKeys == [0, 1, 2])
  }

  @Test func `streams of different names or seeds are different, the same are the same`() {
    func first(_ name: String, _ seed: UInt64) -> UInt64 {
      var random = stream(name, seed: seed)
      return random.next()
    }
    #expect(first("a", 1) == first("a", 1))
    #expect(Set([first("a", 1), first("b", 1), first("a", 2), first("b", 2)]).count == 4)
  }
}
