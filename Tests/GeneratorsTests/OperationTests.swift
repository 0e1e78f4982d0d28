import Generators
import Histories
import Testing

@Suite struct OperationTests {
  @Test func `once gives one operation with time and thread filled in`() {
    var generator: any Generator = once("read", ["x", nil])
    let answer = generator.next(moment(7, busy: [ThreadID(0)]))
    #expect(answer == .operation(GeneratedOperation("read", ["x", nil], thread: ThreadID(1), time: 7)))
    #expect(generator.next(moment(8)) == .exhausted)
  }

  @Test func `nothing is lost while all threads are busy`() {
    var generator: any Generator = once("read")
    #expect(generator.next(moment(0, clients: 1, busy: [ThreadID(0)])) == .pending(until: nil))
    #expect(
      generator.next(moment(1, clients: 1)) == .operation(GeneratedOperation("read", thread: ThreadID(0), time: 1)))
  }

  @Test func `an operation for a busy thread waits for that thread`() {
    let generator = once(GeneratedOperation("read", thread: ThreadID(1)))
    #expect(peek(generator, moment(0, busy: [ThreadID(1)])) == .pending(until: nil))
    #expect(peek(generator, moment(0)) == .operation(GeneratedOperation("read", thread: ThreadID(1), time: 0)))
  }

  @Test func `an operation's own time is the earliest, never the past`() {
    let generator = once(GeneratedOperation("read", time: 50))
    #expect(peek(generator, moment(10)) == .operation(GeneratedOperation("read", thread: ThreadID(0), time: 50)))
    #expect(peek(generator, moment(90)) == .operation(GeneratedOperation("read", thread: ThreadID(0), time: 90)))
    #expect(simulate(generator).events.first?.time == 50)
  }

  @Test func `operations come in order, forever never ends, nothing is over at once`() {
    let listed = operations([GeneratedOperation("a"), GeneratedOperation("b"), GeneratedOperation("c")])
    #expect(simulate(listed).events.invocations.functions == ["a", "b", "c"])
    #expect(simulate(forever("a"), eventsMax: 1_001).end == .eventsMax)
    #expect(simulate(nothing()).end == .finished)
    #expect(simulate(nothing()).events.isEmpty)
  }

  @Test func `a generator that waits for an event that cannot come is called stalled`() {
    #expect(simulate(pending()).end == .stalled)
    let result = simulate(sequence(once("a"), pending()))
    #expect(result.events.count == 2)
    #expect(result.end == .stalled)
  }

  @Test func `produce draws from its stream, knows the moment, and ends with nil`() {
    let generator = produce(stream("p")) { context, stream in
      context.time < 5 * millisecond ? GeneratedOperation("w", .int(Int64(stream.below(1_000)))) : nil
    }
    let events = simulate(generator, clients: 2).events.invocations
    #expect(events.count == 10)
    var expected = stream("p")
    #expect(events.map(\.value) == (0..<10).map { _ in .int(Int64(expected.below(1_000))) })
  }

  @Test func `answers that the scheduler throws away cost no random numbers`() {
    // Each operation is asked for at least twice, at its planning and at its time; the values must not notice.
    let values = produce(stream("p")) { _, stream in GeneratedOperation("w", .int(Int64(stream.below(1 << 40)))) }
    let slow = simulate(values.limited(50).delayed(seconds: 0.5), clients: 5, latency: 1...(3 * second))
    let fast = simulate(values.limited(50), clients: 1)
    #expect(slow.events.invocations.map(\.value) == fast.events.invocations.map(\.value))
  }

  @Test func `a sleep keeps its thread and leaves no event`() {
    let result = simulate(sequence(once("a"), sleep(seconds: 1), once("b")), clients: 1)
    #expect(result.end == .finished)
    #expect(result.events.functions == ["a", "a", "b", "b"])
    #expect(result.events.times == [0, millisecond, millisecond + second, 2 * millisecond + second])
  }

  @Test func `a sleep leaves the other threads alone, and phases wait for it`() {
    let awake = simulate(sequence(sleep(seconds: 1), once("a")), clients: 2)
    #expect(awake.events.times == [0, millisecond])
    let phased = simulate(phases(sleep(seconds: 1), once("a")), clients: 2)
    #expect(phased.events.times == [second, second + millisecond])
  }

  @Test func `map changes operations and filter skips them`() {
    let numbers = operations((0..<10).map { GeneratedOperation("w", .int(Int64($0))) })
    let doubled = numbers.map { GeneratedOperation("d", .int(2 * ($0.value.int ?? 0))) }.filter { $0.value.int != 4 }
    let events = simulate(doubled).events.invocations
    #expect(events.map(\.value) == [0, 2, 6, 8, 10, 12, 14, 16, 18])
    #expect(events.allSatisfy { $0.function == "d" })
  }

  @Test func `map and filter leave sleeps alone`() {
    let generator = sequence(sleep(seconds: 2), once("a")).map { _ in GeneratedOperation("b") }
      .filter { $0.function == "b" }
    let events = simulate(generator, clients: 1).events
    #expect(events.functions == ["b", "b"])
    #expect(events.first?.time == 2 * second)
  }
}
