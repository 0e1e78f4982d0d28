import Generators
import Histories
import Testing

@Suite struct LimitTests {
  @Test(arguments: [0, 1, 7, 500])
  func `limited gives exactly so many operations`(count: Int) {
    for seed in 0..<10 as Range<UInt64> {
      let result = simulate(
        forever("a").limited(count), clients: 5, seed: seed, latency: 1...millisecond, ok: 1, fail: 1, info: 1)
      #expect(result.events.invocations.count == count)
      #expect(result.end == .finished)
    }
  }

  @Test func `sleeps do not count against a limit`() {
    let generator = sequence(sleep(seconds: 1), once("a")).cycled().limited(3)
    #expect(
      simulate(generator, clients: 1).events.invocations.times
        == [1, 2, 3].map { $0 * second + ($0 - 1) * millisecond })
  }

  @Test func `a time limit counts from the first operation and never dispatches at or after its end`() {
    for seed in 0..<20 as Range<UInt64> {
      let late = operations([GeneratedOperation("first", time: 3 * second)])
      let generator = sequence(late, forever("a").staggered(seconds: 0.01, stream: stream("s", seed: seed)))
        .timeLimited(seconds: 2)
      let result = simulate(generator, seed: seed, latency: 1...(20 * millisecond))
      #expect(result.end == .finished)
      #expect(result.events.first?.time == 3 * second)
      let last = result.events.invocations.last?.time ?? 0
      #expect(last < 5 * second && last > 4 * second)
    }
    // The boundary itself: operations at 0, 1 and 2 s, and a limit of exactly 2 s.
    let times = simulate(forever("a").delayed(seconds: 1).timeLimited(seconds: 2)).events.invocations.times
    #expect(times == [0, second])
  }

  @Test func `an absolute end holds even if nothing was ever dispatched`() {
    let result = simulate(phases(pending().ending(at: second), once("b")))
    #expect(result.events.first?.time == second)
    #expect(result.end == .finished)
    #expect(simulate(forever("a").ending(at: 0)).events.isEmpty)
  }

  @Test func `a time limit ends a child that has gone quiet`() {
    let result = simulate(phases(sequence(once("a"), pending()).timeLimited(seconds: 1), once("b")))
    #expect(result.events.of("b").first?.time == second)
    #expect(result.end == .finished)
  }

  @Test func `a time limit waits for what an event may still bring before its end`() {
    // The later operation of the race lies behind the limit; the answer to "a" makes another come within it.
    let later = GeneratedOperation("late", time: 9 * second)
    let generator = race(sequence(once("a"), phases(once("b"))), once(later)).timeLimited(seconds: 5)
    let events = simulate(generator, latency: second...second).events
    #expect(events.invocations.functions == ["a", "b"])
  }

  @Test func `a sleep is cut short at the time limit`() {
    let generator = phases(sequence(once("a"), sleep(seconds: 100)).timeLimited(seconds: 1), once("b"))
    #expect(simulate(generator).events.of("b").first?.time == second)
  }

  @Test func `untilOk goes on through failures and ends with the first ok`() {
    for seed in 0..<30 as Range<UInt64> {
      let result = simulate(forever("a").untilOk(), clients: 1, seed: seed, ok: 1, fail: 2, info: 2)
      let completions = result.events.filter { $0.type != .invoke }
      #expect(completions.last?.type == .ok)
      #expect(completions.dropLast().allSatisfy { $0.type != .ok })
      #expect(result.end == .finished)
    }
  }

  @Test func `untilOk is not fooled by the success of somebody else's operation`() {
    var generator: any Generator = forever("a").untilOk()
    generator.update(moment(0), event(.ok, on: 1))
    #expect(generator.next(moment(0)) == .operation(GeneratedOperation("a", thread: ThreadID(0), time: 0)))
    generator.update(moment(1), event(.ok, on: 1))
    #expect(peek(generator, moment(1)) != .exhausted)
    generator.update(moment(2), event(.ok, on: 0))
    #expect(generator.next(moment(2)) == .exhausted)
  }
}
