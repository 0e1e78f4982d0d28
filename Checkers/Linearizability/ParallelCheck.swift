import Dispatch
import Histories
import Synchronization

/// The objects of one history, decided on several threads under one budget.
///
/// Each search gets an equal part of the memory budget, whatever the others use, so that what fits does not depend on
/// scheduling. Time is the one thing that may differ between two checks.
@usableFromInline struct ParallelCheck: Sendable {
  private let operations: Operations
  private let budget: CheckBudget
  private let threads: Int
  private let cancellation: CheckCancellation?
  private let tuning: CheckTuning
  private let deadline: ContinuousClock.Instant

  @usableFromInline init(
    _ operations: Operations, budget: CheckBudget, threads: Int, cancellation: CheckCancellation?,
    tuning: CheckTuning
  ) {
    self.tuning = tuning
    self.operations = operations
    self.budget = budget
    self.cancellation = cancellation
    let objects = operations.history.keyed ? operations.history.keys.count : 1
    self.threads = max(1, min(threads, objects))
    deadline = ContinuousClock.now.advanced(by: .seconds(budget.secondsMax))
  }

  /// What the threads share: the next object to take, and what came out.
  fileprivate struct Board {
    var next = 0
    var decisions: [ObjectDecision?]
    /// Events of the violations found so far, the earliest `counterexamplesMax` of them, sorted.
    var violations: [Int] = []
    var malformed: MalformedHistory?
  }

  private final class SharedBoard: Sendable {
    private let board: Mutex<Board>

    init(count: Int) { board = Mutex(Board(decisions: Array(repeating: nil, count: count))) }

    func withLock<Result: Sendable>(_ body: (inout sending Board) -> sending Result) -> Result {
      board.withLock(body)
    }
  }

  /// Decides all objects.
  ///
  /// - Parameter lower: lowers the object with this key id, or the whole history for nil.
  @usableFromInline func decisions(
    lower: @escaping @Sendable (UInt32?) throws(MalformedHistory) -> LoweredObject
  ) throws(MalformedHistory) -> [ObjectDecision] {
    let keyed = operations.history.keyed
    let count = keyed ? operations.history.keys.count : 1
    if keyed { try requireKeys() }
    let board = SharedBoard(count: count)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while let object = board.withLock({ $0.take(count) }) {
        let key = keyed ? UInt32(object) : nil
        do throws(MalformedHistory) {
          let lowered = try lower(key)
          // Objects after a malformed one are only read, so that the earliest malformed operation is named.
          if board.withLock({ $0.malformed != nil }) { continue }
          let decision = decide(lowered, key.map { operations.history.keys[$0] }, board)
          board.withLock { $0.decisions[object] = decision }
        } catch {
          board.withLock { $0.note(error) }
        }
      }
    }
    let result = board.withLock { ($0.decisions, $0.malformed) }
    if let malformed = result.1 { throw malformed }
    return result.0.compactMap { $0 }
  }

  /// Every operation of a keyed history has a key.
  private func requireKeys() throws(MalformedHistory) {
    let history = operations.history
    for (position, invocation) in operations.invocations.enumerated()
    where operations.keyID(position) == nil && operations.outcome(position) != .fail {
      throw MalformedHistory(
        index: Int(invocation), message: "expected [key, value], not \(history.payload(at: Int(invocation)))")
    }
  }

  private func decide(_ object: LoweredObject, _ key: Value?, _ board: SharedBoard) -> ObjectDecision {
    let limits = SearchLimits(bytesMax: budget.bytesMax / threads, interruption: interruption)
    let checker = ObjectChecker(
      operations: operations, limits: limits, secondsMax: budget.secondsMax, tuning: tuning,
      isShown: { violation in board.withLock { $0.isAmongEarliest(violation) } })
    return checker.decide(object, key: key)
  }

  private func interruption() -> StopReason? {
    if cancellation?.isCancelled == true { return .cancelled }
    return ContinuousClock.now >= deadline ? .time : nil
  }
}

extension ParallelCheck.Board {
  fileprivate mutating func take(_ count: Int) -> Int? {
    guard next < count else { return nil }
    next += 1
    return next - 1
  }

  fileprivate mutating func note(_ error: MalformedHistory) {
    if let malformed, malformed.index <= error.index { return }
    malformed = error
  }

  /// Records the violation; false if `counterexamplesMax` earlier ones are known, so that this one is never shown.
  fileprivate mutating func isAmongEarliest(_ violation: Int) -> Bool {
    let place = violations.firstIndex { $0 > violation } ?? violations.count
    if place >= LinearizabilityChecker.counterexamplesMax { return false }
    violations.insert(violation, at: place)
    if violations.count > LinearizabilityChecker.counterexamplesMax { violations.removeLast() }
    return true
  }
}
