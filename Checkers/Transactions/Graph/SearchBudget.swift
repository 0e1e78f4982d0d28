/// What the searches of one check may still use together: wall time, until somebody ends them from outside.
///
/// Work that is linear in the history is not counted: it is done in any case. One thread uses it.
final class SearchBudget {
  /// Steps between two looks at the clock.
  private static let stepsPerLook = 1 << 14

  /// Why a verdict that needed more is `unknown`.
  let reason: String
  private let now: () -> ContinuousClock.Instant
  private let start: ContinuousClock.Instant
  private let end: ContinuousClock.Instant
  private let cancellation: CheckCancellation?
  private var stepsToLook = 0
  private(set) var isSpent = false

  /// - Parameter now: the clock, which tests replace.
  init(
    _ budget: CheckBudget = CheckBudget(), cancellation: CheckCancellation? = nil,
    now: @escaping () -> ContinuousClock.Instant = { .now }
  ) {
    reason = "the check's \(budget.secondsMax) s were over"
    self.now = now
    self.cancellation = cancellation
    start = now()
    end = start.advanced(by: .seconds(budget.secondsMax))
  }

  private init(_ whole: SearchBudget, until end: ContinuousClock.Instant) {
    (reason, now, start, self.end, cancellation) = (whole.reason, whole.now, whole.start, end, whole.cancellation)
  }

  /// A budget of its own that ends when this part of the time that is left is over.
  func share(_ part: Double) -> SearchBudget {
    let moment = now()
    let left = moment < end ? moment.duration(to: end) : .zero
    return SearchBudget(self, until: moment.advanced(by: left * part))
  }

  /// Notes that so many steps were done; false when the next ones must not be.
  func goesOn(after steps: Int) -> Bool {
    stepsToLook -= steps
    if stepsToLook <= 0 {
      stepsToLook = Self.stepsPerLook
      if cancellation?.isCancelled == true || now() >= end { isSpent = true }
    }
    return !isSpent
  }
}
