import Generators
import Histories
import Synchronization
import Testing

@testable import Runs

/// The line between the loop and those who wait for it.
@Suite(.timeLimit(.minutes(1))) struct LoopControlTests {
  private struct Broken: Error, Equatable {}

  private final class Waiters: Sendable {
    let wentOn = Atomic<Int>(0)
    var count: Int { wentOn.load(ordering: .relaxed) }
  }

  private let event = Event(index: 0, time: 1, process: .nemesis, type: .info, function: "start-kill", value: nil)

  /// Starts some who wait for idle; back when each of them waits or has gone on. Returns how many went on.
  private func waitForIdle(_ control: LoopControl, _ count: Int = 1) async -> Int {
    let before = control.waiting
    let waiters = Waiters()
    for _ in 0..<count {
      Task {
        await control.untilIdle()
        waiters.wentOn.add(1, ordering: .relaxed)
      }
    }
    while control.waiting - before + waiters.count < count { await Task.yield() }
    return waiters.count
  }

  @Test func `everybody who waits for idle goes on`() async {
    let control = LoopControl()
    #expect(await waitForIdle(control, 3) == 0)
    control.becameIdle()
    #expect(control.waiting == 0)
    #expect(await waitForIdle(control) == 1)
  }

  @Test func `everybody who waits goes on when the loop ends without ever being idle`() async throws {
    let control = LoopControl()
    #expect(await waitForIdle(control, 2) == 0)
    let ends = (0..<2).map { _ in Task { try await control.untilEnd().count } }
    while control.waiting < 4 { await Task.yield() }
    control.end(.success(History([event])))
    try #require(control.waiting == 0)
    for task in ends { #expect(try await task.value == 1) }
  }

  @Test func `an error reaches everybody who waits for the end, before it and after it`() async {
    let control = LoopControl()
    let early = Task { try await control.untilEnd().count }
    while control.waiting < 1 { await Task.yield() }
    control.end(.failure(Broken()))
    await #expect(throws: Broken()) { try await early.value }
    await #expect(throws: Broken()) { try await control.untilEnd() }
    #expect(await waitForIdle(control) == 1)
  }

  @Test func `the history can be had again and again after the end`() async throws {
    let control = LoopControl()
    control.end(.success(History([event, event])))
    #expect(try await control.untilEnd().count == 2)
    #expect(try await control.untilEnd().count == 2)
    #expect(await waitForIdle(control) == 1)
  }

  @Test func `commands come out once, in the order in which they were posted`() {
    let control = LoopControl()
    control.post(.record(event))
    control.post(.stop)
    let names = control.drain().map { command in
      switch command {
      case .record(let event): event.function
      case .replace: "replace"
      case .stop: "stop"
      }
    }
    #expect(names == ["start-kill", "stop"])
    #expect(control.drain().isEmpty)
  }

  @Test func `a command wakes the loop until it has ended`() {
    let control = LoopControl()
    let wakes = Mutex(0)
    control.post(.record(event))  // before there is anybody to wake: it waits to be drained
    control.attach { wakes.withLock { $0 += 1 } }
    control.post(.record(event))
    control.post(.stop)
    #expect(wakes.withLock { $0 } == 2)
    #expect(control.drain().count == 3)
    control.end(.success(History()))
    control.post(.record(event))
    #expect(wakes.withLock { $0 } == 2)
    #expect(control.drain().isEmpty, "nobody will ever take it")
  }

  @Test func `idle does not count while a command waits`() async {
    let control = LoopControl()
    #expect(await waitForIdle(control) == 0)
    control.post(.replace { _ in nothing() })
    control.becameIdle()
    #expect(control.waiting == 1, "the next phase has not begun")
    _ = control.drain()
    control.becameIdle()
    #expect(control.waiting == 0)
  }

  @Test func `the next phase has to be waited for again`() async {
    let control = LoopControl()
    control.becameIdle()
    control.post(.replace { _ in nothing() })
    #expect(await waitForIdle(control) == 0)
    _ = control.drain()
    control.becameIdle()
    #expect(control.waiting == 0)
  }

  @Test func `an event of the nemesis does not end idleness`() async {
    let control = LoopControl()
    control.becameIdle()
    control.post(.record(event))
    #expect(await waitForIdle(control) == 1)
  }

  @Test func `a phase posted after the end is not waited for`() async {
    let control = LoopControl()
    control.end(.success(History()))
    control.post(.replace { _ in nothing() })
    #expect(await waitForIdle(control) == 1)
  }
}
