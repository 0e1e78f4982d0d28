import Histories
import Plans
import Workloads

/// What a run's plan says of its history, where that is checked as any other: in place of options.
extension ResolvedPlan {
  /// The state that the system's objects began with, where the workload has a parameter for it: `--initial`.
  var initial: Value? { choice.parameters[Workload.firstIndexParameter] }

  /// How long a message that was delivered is its receiver's, in nanoseconds, where the workload has a parameter for it:
  /// `--visibility-timeout`.
  var visibilityTimeout: Int64? {
    guard case .double(let seconds)? = choice.parameters[Workload.visibilityParameter] else { return nil }
    return Int64(seconds * 1_000_000_000)
  }
}
