import Generators
import Histories
import Testing

@Suite struct PacingTests {
  @Test func `delayed keeps the distance over all threads together`() {
    let times = simulate(forever("a").delayed(seconds: 0.5).limited(5), clients: 4).events.invocations.times
    #expect(times == [0, 1, 2, 3, 4].map { $0 * second / 2 })
  }

  @Test func `delayed makes nothing up after a stall`() {
    let times = simulate(forever("a").delayed(seconds: 1).limited(3), clients: 1, latency: (5 * second)...(5 * second))
      .events.invocations.times
    #expect(times == [0, 5 * second, 10 * second])
  }

  @Test func `staggered gaps are uniform between 0 and twice the mean`() {
    for seed in 0..<5 as Range<UInt64> {
      let generator = forever("a").staggered(seconds: 0.01, stream: stream("s", seed: seed)).limited(4_000)
      let times = simulate(generator, clients: 50).events.invocations.times
      let gaps = zip(times.dropFirst(), times).map { Double($0 - $1) / 1e6 }
      #expect(gaps.allSatisfy { $0 >= 0 && $0 <= 20.001 })
      // Mean 10 ms with a standard error of 20/√12/√4000 = 0.091 ms; a quarter of the gaps is below 5 ms.
      #expect(abs(gaps.reduce(0, +) / Double(gaps.count) - 10) < 0.46)
      #expect(abs(Double(gaps.count { $0 < 5 }) / 4_000 - 0.25) < 0.035)
    }
  }

  @Test func `the distance holds from the operation that was late`() {
    var generator: any Generator = forever("a").staggered(seconds: 1, stream: stream("s"))
    guard case .operation(let first) = generator.next(moment(0)) else { Issue.record("no operation"); return }
    #expect(first.time == 0)
    guard case .operation(let planned) = peek(generator, moment(0)), let due = planned.time else {
      Issue.record("no operation")
      return
    }
    // The same plan however often it is asked, and at its own time.
    #expect(peek(generator, moment(due / 2)) == .operation(planned))
    #expect(peek(generator, moment(due)) == .operation(planned))
    guard case .operation(let late) = generator.next(moment(due + second)) else { Issue.record("no operation"); return }
    #expect(late.time == due + second)
    guard case .operation(let next) = generator.next(moment(due + second)) else { Issue.record("no operation"); return }
    #expect(next.time ?? 0 > due + second)
  }

  @Test(arguments: RatePattern.allCases)
  func `a rate is kept however late the scheduler is`(pattern: RatePattern) {
    var generator: any Generator = forever("a").rate(1_000, pattern, stream: stream("r"))
    var now: Int64 = 0
    var count = 0
    while now < 20 * second {
      guard case .operation(let operation) = peek(generator, moment(now)), let time = operation.time else { break }
      // Every dispatch comes 0.7 ms late.
      now = max(now, time + 700_000)
      _ = generator.next(moment(now))
      count += 1
    }
    #expect(abs(Double(count) - 20_000) < (pattern == .metronome ? 5 : 500))
  }

  @Test func `a metronome does not drift by rounding`() {
    let times = simulate(forever("a").rate(3, .metronome, stream: stream("r")).limited(3_001)).events.invocations.times
    #expect(abs((times.last ?? 0) - 1_000 * second) <= 1)
  }

  @Test func `exponential gaps have the variance of independent clients`() {
    let generator = forever("a").rate(1_000, .poisson, stream: stream("r")).limited(20_000)
    let times = simulate(generator, clients: 50).events.invocations.times
    let gaps = zip(times.dropFirst(), times).map { Double($0 - $1) / 1e6 }
    let mean = gaps.reduce(0, +) / Double(gaps.count)
    let deviation = (gaps.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(gaps.count)).squareRoot()
    #expect(abs(mean - 1) < 0.05)
    #expect(abs(deviation - 1) < 0.05)
  }

  @Test func `after a stall at most the backlog is made up for`() {
    var generator: any Generator = forever("a").rate(1_000, .metronome, stream: stream("r"))
    _ = generator.next(moment(0))
    var atOnce = 0
    while case .operation(let operation) = generator.next(moment(10 * second)), operation.time == 10 * second {
      atOnce += 1
    }
    #expect(atOnce == Int(RatePattern.backlogMax / millisecond) + 1)
  }
}
