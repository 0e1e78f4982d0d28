import Foundation
import Synchronization
import Systems

/// Answers HTTP questions outside of the history (is it ready? who leads?) on one thread of its own.
final class ProbeService: Sendable {
  /// Questions under way at once; more wait for their turn.
  static let slotsMax = 32
  /// How long the thread sleeps when nothing happens, in nanoseconds.
  static let idleNanosecondsMax: Int64 = 1_000_000_000

  private struct Question: Sendable {
    var request: HTTPRequest
    var answer: CheckedContinuation<HTTPResult, Never>
  }

  private struct State {
    var waiting: [Question] = []
    var closed = false
    var waker: Waker?
    /// Why nothing can be asked.
    var problem = "the run is over"
  }

  private let state = Mutex(State())

  /// Starts the thread, which makes the driver: it belongs to that thread.
  init() {
    let thread = Thread { [self] in
      do {
        var driver = try HTTPDriver(slots: Self.slotsMax)
        let waker = driver.waker
        state.withLock { $0.waker = waker }
        serve(&driver)
      } catch {
        refuse("\(error)")
      }
    }
    thread.name = "probes"
    thread.start()
  }

  func ask(_ request: HTTPRequest) async -> HTTPResult {
    await withCheckedContinuation { continuation in
      let (waker, refused) = state.withLock { state in
        if !state.closed { state.waiting.append(Question(request: request, answer: continuation)) }
        return (state.waker, state.closed ? state.problem : nil)
      }
      if let refused { continuation.resume(returning: .failure(.neverAsked(refused))) }
      waker?.wake()
    }
  }

  /// Ends the thread when the questions under way are answered.
  func close() {
    state.withLock { state in
      state.closed = true
      return state.waker
    }?.wake()
  }

  /// Without a driver every question fails, with the reason.
  private func refuse(_ problem: String) {
    let waiting = state.withLock { state in
      (state.closed, state.problem) = (true, problem)
      defer { state.waiting.removeAll() }
      return state.waiting
    }
    for question in waiting { question.answer.resume(returning: .failure(.neverAsked(problem))) }
  }

  private func serve(_ driver: inout HTTPDriver) {
    var open: [CheckedContinuation<HTTPResult, Never>?] = Array(repeating: nil, count: Self.slotsMax)
    while true {
      let closed = begin(&driver, &open)
      if closed, open.allSatisfy({ $0 == nil }) { return }
      try? driver.wait(untilNanoseconds: RunClock.monotonic() + Self.idleNanosecondsMax) { slot, result, _ in
        open[slot]?.resume(returning: result)
        open[slot] = nil
      }
    }
  }

  /// Gives waiting questions to free slots.
  private func begin(_ driver: inout HTTPDriver, _ open: inout [CheckedContinuation<HTTPResult, Never>?]) -> Bool {
    while let slot = open.firstIndex(where: { $0 == nil }) {
      let (question, closed) = state.withLock { state in
        (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.closed)
      }
      guard let question else { return closed }
      do {
        try driver.start(slot: slot, request: question.request)
        open[slot] = question.answer
      } catch {
        question.answer.resume(returning: .failure(.neverAsked("\(error)")))
      }
    }
    return false
  }
}
