import Histories
import RunStore

/// The exit codes of every command (DESIGN 3).
public enum ExitCode {
  public static let met: Int32 = 0
  public static let violation: Int32 = 1
  public static let unknown: Int32 = 2
  public static let threshold: Int32 = 3
  public static let usage: Int32 = 64
  public static let crash: Int32 = 70
  /// The environment failed: worth another try.
  public static let environment: Int32 = 75
  public static let interrupted: Int32 = 130

  /// The exit code that the claims' outcomes and the minimums amount to.
  public static func of(_ claims: [ClaimOutcome], minimums: [Minimum]) -> Int32 {
    if claims.contains(where: { $0.outcome == .missed }) { return violation }
    if claims.contains(where: { $0.verdict == .error }) { return environment }
    if claims.contains(where: { $0.outcome == .undecided }) { return unknown }
    return minimums.allSatisfy(\.reached) ? met : unknown
  }
}

extension ClaimOutcome.Outcome {
  /// What a verdict means to somebody who expected another.
  public static func of(_ verdict: Verdict, expecting expected: Verdict) -> ClaimOutcome.Outcome {
    switch verdict {
    case .valid, .invalid: verdict == expected ? .met : .missed
    case .unknown, .error: .undecided
    }
  }
}
