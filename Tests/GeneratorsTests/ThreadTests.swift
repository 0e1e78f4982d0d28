import Generators
import Histories
import Testing

@Suite struct ThreadTests {
  @Test func `clients and nemesis keep to their threads`() {
    let generator = race(forever("c").onClients(), forever("n").onNemesis()).limited(200)
    let events = simulate(generator, nemesis: true).events
    #expect(events.of("n").allSatisfy { $0.process.isNemesis })
    #expect(events.of("c").allSatisfy { !$0.process.isNemesis })
    #expect(events.of("n").count > 20 && events.of("c").count > 100)
  }

  @Test func `a part without threads is over`() {
    #expect(simulate(forever("n").onNemesis(), nemesis: false).end == .finished)
    #expect(simulate(forever("a").onThreads(ThreadSet(clients: 70..<80))).end == .finished)
  }

  @Test func `threads beyond the first 64 work too`() {
    let generator = forever("a").onThreads(ThreadSet(clients: 60..<70)).limited(100)
    let processes = Set(simulate(generator, clients: 150).events.map { Int($0.process.rawValue) })
    #expect(processes == Set(60..<70))
  }

  @Test func `events of other threads stay outside`() {
    var generator: any Generator = forever("a").untilOk().onThreads(ThreadSet(ThreadID(1)))
    _ = generator.next(moment(0))
    generator.update(moment(1), event(.ok, on: 0))
    #expect(peek(generator, moment(1)) != .exhausted)
    generator.update(moment(1), event(.ok, on: 1))
    #expect(peek(generator, moment(1)) == .exhausted)
  }

  @Test func `each thread runs the whole generator`() {
    for seed in 0..<10 as Range<UInt64> {
      let generator = eachThread(sequence(once("a"), once("b"), once("c")))
      let result = simulate(generator, clients: 6, nemesis: true, seed: seed, latency: 1...millisecond)
      #expect(result.end == .finished)
      for process in (-1)..<6 as Range<Int32> {
        let own = result.events.invocations.filter { $0.process.rawValue == process }
        #expect(own.functions == ["a", "b", "c"])
      }
    }
  }

  @Test func `each thread has its own state and hears only of itself`() {
    let generator = eachThread(forever("a").untilOk()).onClients()
    for seed in 0..<10 as Range<UInt64> {
      let result = simulate(generator, clients: 5, seed: seed, ok: 1, fail: 3)
      let oks = result.events.filter { $0.type == .ok }
      #expect(Set(oks.map(\.process)).count == 5 && oks.count == 5)
      #expect(result.end == .finished)
    }
  }

  @Test func `each thread may get a generator of its own`() {
    let generator = eachThread { thread in once("a", .int(Int64(thread.rawValue))) }
    let events = simulate(generator, clients: 4).events.invocations
    #expect(events.allSatisfy { $0.value == .int(Int64($0.process.rawValue)) } && events.count == 4)
  }

  @Test func `a thread with work for later does not hold up the others`() {
    let generator = eachThread { thread in
      once(GeneratedOperation("a", time: thread.rawValue == 0 ? 10 * second : 0))
    }
    #expect(simulate(generator, clients: 3).events.invocations.times == [0, 0, 10 * second])
  }

  @Test func `reserve keeps threads apart`() {
    for seed in 0..<20 as Range<UInt64> {
      let generator = reserve((2, forever("r")), (3, forever("w")), rest: forever("c")).onClients().limited(300)
      let events = simulate(generator, clients: 8, nemesis: true, seed: seed, latency: 1...millisecond, ok: 3, info: 1)
        .events
      func threads(_ function: String) -> Set<Int> { Set(events.of(function).map { Int($0.process.rawValue) % 8 }) }
      #expect(threads("r") == [0, 1])
      #expect(threads("w") == [2, 3, 4])
      #expect(threads("c") == [5, 6, 7])
    }
  }

  @Test func `a share that is stuck leaves the others running, and too few threads leave shares empty`() {
    let stuck = reserve((2, pending()), rest: forever("c").limited(10))
    #expect(simulate(stuck, clients: 3).events.invocations.count == 10)
    let few = reserve((1, once("a")), (5, once("b")), (2, once("c")))
    let result = simulate(few, clients: 3)
    #expect(result.events.invocations.functions.sorted() == ["a", "b"])
    #expect(result.end == .finished)
  }

  @Test func `reserved shares are told of their own events only`() {
    let generator = reserve((1, forever("a").untilOk()), rest: forever("b").untilOk())
    let result = simulate(generator, clients: 2, latency: millisecond...millisecond)
    #expect(result.events.filter { $0.type == .ok }.functions.sorted() == ["a", "b"])
    #expect(result.end == .finished)
  }
}

@Suite struct ThreadSetTests {
  /// Against Swift's own set, over random insertions and removals on both sides of the word border.
  @Test func `behaves as a set`() {
    for seed in 0..<50 as Range<UInt64> {
      var random = stream("set", seed: seed)
      var (set, other): (ThreadSet, ThreadSet) = (ThreadSet(), ThreadSet())
      var (model, otherModel): (Set<ThreadID>, Set<ThreadID>) = ([], [])
      for _ in 0..<200 {
        let thread = ThreadID(random.below(200) - 1)
        if random.below(2) == 0 {
          set.insert(thread)
          model.insert(thread)
        } else {
          set.remove(thread)
          model.remove(thread)
        }
        let second = ThreadID(random.below(200) - 1)
        other.insert(second)
        otherModel.insert(second)
      }
      func order(_ threads: Set<ThreadID>) -> [ThreadID] {
        threads.filter { !$0.isNemesis }.sorted() + threads.filter(\.isNemesis)
      }
      #expect(set.threads == order(model))
      #expect(set == ThreadSet(model) && set.count == model.count)
      #expect(set.intersection(other).threads == order(model.intersection(otherModel)))
      #expect(set.intersection(other) == ThreadSet(model.intersection(otherModel)))
      #expect(set.subtracting(other) == ThreadSet(model.subtracting(otherModel)))
      #expect(set.isEmpty == model.isEmpty)
      #expect((-1..<210).allSatisfy { set.contains(ThreadID($0)) == model.contains(ThreadID($0)) })
      let start = random.below(200)
      let clients = order(model).filter { !$0.isNemesis }
      #expect(set.clients.first(from: start) == clients.first { $0.rawValue >= start } ?? clients.first)
    }
  }

  @Test func `an emptied set equals one that was always empty`() {
    var set = ThreadSet(clients: 100..<101)
    set.remove(ThreadID(100))
    #expect(set == ThreadSet() && set.isEmpty)
    #expect(ThreadSet(nemesis: true).first(from: 3) == .nemesis)
  }
}
