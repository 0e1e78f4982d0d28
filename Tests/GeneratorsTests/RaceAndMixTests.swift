import Generators
import Histories
import Testing

@Suite struct RaceTests {
  @Test func `the soonest operation wins`() {
    let generator = race(
      once(GeneratedOperation("late", time: 30)), once(GeneratedOperation("early", time: 10)),
      once(GeneratedOperation("middle", time: 20)))
    #expect(simulate(generator).events.invocations.functions == ["early", "middle", "late"])
  }

  @Test func `of equals each is served in turn`() {
    let generator = race(forever("a"), forever("b"), forever("c")).limited(9)
    #expect(simulate(generator).events.invocations.functions == ["a", "b", "c", "a", "b", "c", "a", "b", "c"])
  }

  @Test func `losers are as if they had never been asked`() {
    let values: @Sendable (String) -> any Generator = { name in
      produce(stream(name)) { _, stream in GeneratedOperation(name, .int(Int64(stream.below(1 << 40)))) }.limited(40)
    }
    let races: [any Generator] = [
      race(values("a"), values("b").delayed(seconds: 0.0003)),
      race(
        values("a").delayed(seconds: 0.01), values("b").delayed(seconds: 0.007), values("c").delayed(seconds: 0.002)),
    ]
    for race in races {
      let mixed = simulate(race, latency: 1...millisecond).events.invocations
      for name in Set(mixed.functions) {
        #expect(mixed.of(name).map(\.value) == simulate(values(name)).events.invocations.map(\.value))
      }
    }
  }

  @Test func `a pending child is asked again in time`() {
    // The limit ends at 1 s; only then can its phase go on, though the sibling's operation is due at 5 s.
    let waiting = sequence(once("a"), pending()).timeLimited(seconds: 1)
    let generator = race(phases(waiting, once("b")), once(GeneratedOperation("c", time: 5 * second)))
    let events = simulate(generator).events
    #expect(events.of("b").first?.time == second)
    #expect(events.of("c").first?.time == 5 * second)
  }

  @Test func `over when all are, pending while one is`() {
    #expect(simulate(race(once("a"), once("b"))).end == .finished)
    #expect(simulate(race(once("a"), pending())).end == .stalled)
    #expect(simulate(race([])).end == .finished)
  }

  @Test func `all children are told of events`() {
    let generator = race(forever("a").untilOk(), once("b"))
    #expect(simulate(generator, clients: 1).end == .finished)
  }

  @Test func `a nemesis with a schedule of its own beside a load`() {
    let faults = sequence(sleep(seconds: 1), once("start"), sleep(seconds: 1), once("stop")).cycled().onNemesis()
    let load = forever("r").delayed(seconds: 0.01).onClients()
    let events = simulate(race(load, faults).timeLimited(seconds: 5), nemesis: true).events
    #expect(events.invocations.filter(\.process.isNemesis).functions == ["start", "stop", "start", "stop"])
    #expect(events.invocations.of("r").count == 500)
  }
}

@Suite struct MixTests {
  @Test func `shares follow the weights`() {
    for seed in 0..<5 as Range<UInt64> {
      let generator = mix(
        stream("m", seed: seed), [(5, forever("a")), (3, forever("b")), (2, forever("c")), (0, forever("never"))])
      let functions = simulate(generator.limited(10_000)).events.invocations.functions
      let chiSquare = [("a", 5_000.0), ("b", 3_000.0), ("c", 2_000.0)].reduce(0.0) { sum, share in
        let difference = Double(functions.count { $0 == share.0 }) - share.1
        return sum + difference * difference / share.1
      }
      #expect(chiSquare < 13.8)  // 2 degrees of freedom, p = 0.001
      #expect(!functions.contains("never"))
    }
  }

  @Test func `an exhausted child drops out, a pending one is passed over`() {
    let result = simulate(mix(stream("m"), once("a"), forever("b").limited(20), pending()))
    #expect(result.events.invocations.functions.sorted() == ["a"] + Array(repeating: "b", count: 20))
    #expect(result.end == .stalled)
    #expect(simulate(mix(stream("m"), once("a"), once("b"))).end == .finished)
    #expect(simulate(mix(stream("m"), [(0, forever("a"))])).end == .finished)
  }

  @Test func `children are told of events`() {
    #expect(simulate(mix(stream("m"), forever("a").untilOk(), once("b"))).end == .finished)
  }
}
