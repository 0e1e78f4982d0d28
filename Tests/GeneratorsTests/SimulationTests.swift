import Generators
import Histories
import Testing

@Suite struct SimulationTests {
  /// A bit of everything, so that a rule broken anywhere shows.
  private func everything(seed: UInt64) -> any Generator {
    let streams = RandomStreams(seed: seed)
    let writes = produce(streams.stream("write")) { _, stream in
      GeneratedOperation("write", .keyed(.int(Int64(stream.below(5))), .int(Int64(stream.below(100)))))
    }
    let load = reserve(
      (2, mix(streams.stream("mix"), writes, forever("read"), forever("cas").untilOk())), rest: eachThread(writes))
    let faults = sequence(sleep(seconds: 0.2), flipFlop(once("start"), once("stop")), sleep(seconds: 0.1)).cycled()
    return phases(
      race(load.rate(500, .poisson, stream: streams.stream("rate")).onClients(), faults.onNemesis())
        .timeLimited(seconds: 2),
      once("heal").onNemesis(), eachThread(forever("read").untilOk().limited(20)).onClients())
  }

  private func run(seed: UInt64) -> (events: [Event], end: Simulation.End) {
    simulate(
      everything(seed: seed), clients: 6, nemesis: true, seed: seed, latency: 1...(20 * millisecond), ok: 6, fail: 2,
      info: 2)
  }

  @Test func `one seed, one history, to the byte`() {
    var histories: Set<[UInt8]> = []
    for seed in 0..<10 as Range<UInt64> {
      let bytes = run(seed: seed).events.jsonLines
      #expect(bytes == run(seed: seed).events.jsonLines)
      histories.insert(bytes)
    }
    #expect(histories.count == 10)
  }

  @Test func `histories are well formed: paired, in order, no process number twice`() throws {
    for seed in 0..<15 as Range<UInt64> {
      let result = run(seed: seed)
      #expect(result.end == .finished)
      #expect(result.events.count > 500)
      #expect(result.events.map(\.index) == Array(0..<result.events.count))
      #expect(zip(result.events, result.events.dropFirst()).allSatisfy { $0.time <= $1.time })
      _ = try Operations(History(result.events))
      var ended: Set<ProcessID> = []
      var threads: [Int32: ProcessID] = [:]
      var isBroken = false
      for event in result.events where !event.process.isNemesis {
        let thread = event.process.rawValue % 6
        isBroken = isBroken || ended.contains(event.process) || threads[thread] ?? event.process > event.process
        threads[thread] = event.process
        if event.type == .info { ended.insert(event.process) }
      }
      #expect(!isBroken)
      #expect(ended.count > 10)
    }
  }

  @Test func `stopping at limits`() {
    var simulation = Simulation(clients: 2)
    simulation.eventsMax = 11
    let system = RandomSystem(stream("system"), latency: second...second)
    let byCount = simulation.run(forever("a"), against: system)
    #expect(byCount.events.count == 11 && byCount.end == .eventsMax)
    simulation.eventsMax = 1_000
    simulation.timeMax = 3 * second
    let byTime = simulation.run(forever("a"), against: system)
    #expect(byTime.events.last?.time == 3 * second && byTime.end == .timeMax)
  }

  @Test func `outcomes follow their shares and the nemesis ends info`() {
    let events = simulate(
      race(forever("a").onClients(), once("n").onNemesis()).limited(3_000), nemesis: true, ok: 2, fail: 1, info: 1
    ).events.filter { $0.type != .invoke }
    #expect(abs(events.count { $0.type == .ok } - 1_500) < 110)
    #expect(abs(events.count { $0.type == .fail } - 750) < 100)
    #expect(events.of("n").map(\.type) == [.info])
  }
}
