import Generators
import Histories
import Testing

@Suite struct SequenceTests {
  @Test func `a sequence goes on while the last operations still run, phases do not`() {
    let latency = (10 * millisecond)...(10 * millisecond)
    let loose = simulate(sequence(once("a"), once("b")), latency: latency).events
    #expect(loose.of("b").first?.time == 0)
    let strict = simulate(phases(once("a"), once("b")), latency: latency).events
    #expect(strict.of("b").first?.time == 10 * millisecond)
  }

  @Test func `a phase waits for the slowest thread`() {
    for seed in 0..<20 as Range<UInt64> {
      let generator = phases(forever("a").limited(30), forever("b").limited(30), once("c"))
      let events = simulate(generator, clients: 7, seed: seed, latency: 1...(50 * millisecond)).events
      for (before, after) in [("a", "b"), ("b", "c")] {
        let end = events.lastIndex { $0.function == before } ?? .max
        #expect(end < events.firstIndex { $0.function == after } ?? -1)
      }
      #expect(events.invocations.count == 61)
    }
  }

  @Test func `synchronized waits once, then lets its child run`() {
    var generator: any Generator = forever("a").synchronized()
    #expect(generator.next(moment(0, busy: [ThreadID(1)])) == .pending(until: nil))
    #expect(generator.next(moment(0)) == .operation(GeneratedOperation("a", thread: ThreadID(0), time: 0)))
    #expect(
      generator.next(moment(0, busy: [ThreadID(0)]))
        == .operation(GeneratedOperation("a", thread: ThreadID(1), time: 0)))
  }

  @Test func `synchronized minds only the threads of its own part`() {
    let generator = race(forever("n").limited(1).onNemesis(), phases(once("a"), once("b")).onClients())
    let events = simulate(generator, nemesis: true, latency: second...second).events
    #expect(events.of("b").first?.time == second)
  }

  @Test func `an empty phase is skipped, at the end too`() {
    let result = simulate(phases(nothing(), once("a"), nothing()))
    #expect(result.events.functions == ["a", "a"])
    #expect(result.end == .finished)
  }

  @Test func `flipFlop alternates until one side is through`() {
    let generator = flipFlop(forever("a"), forever("b").limited(2))
    #expect(simulate(generator).events.invocations.functions == ["a", "b", "a", "b", "a"])
  }

  @Test func `flipFlop counts a sleep to the operation after it`() {
    let generator = flipFlop(sequence(sleep(seconds: 1), once("start")).cycled(), forever("stop")).limited(4)
    let events = simulate(generator, clients: 1).events.invocations
    #expect(events.functions == ["start", "stop", "start", "stop"])
    #expect(events.of("start").times == [second, 2 * second + 2 * millisecond])
  }

  @Test func `cycled begins again, so many times or without end`() {
    let pair = sequence(once("a"), once("b"))
    #expect(simulate(pair.cycled(times: 2)).events.invocations.functions == ["a", "b", "a", "b"])
    #expect(simulate(pair.cycled().limited(5)).events.invocations.functions == ["a", "b", "a", "b", "a"])
    #expect(simulate(pair.cycled(times: 0)).events.isEmpty)
  }

  @Test func `a cycle of nothing ends`() {
    #expect(simulate(nothing().cycled()).end == .finished)
    #expect(simulate(once("a").filter { _ in false }.cycled()).end == .finished)
  }

  @Test func `rounds of a made cycle differ, those of a copied one do not`() {
    let round: @Sendable (Int) -> any Generator = { round in
      produce(stream("round/\(round)")) { _, stream in GeneratedOperation("w", .int(Int64(stream.below(1 << 30)))) }
        .limited(3)
    }
    let made = simulate(cycle(times: 2, round)).events.invocations.map(\.value)
    #expect(Set(made).count == 6)
    let copied = simulate(round(0).cycled(times: 2)).events.invocations.map(\.value)
    #expect(copied[0..<3] == copied[3..<6])
  }
}
