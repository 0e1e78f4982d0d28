/// A claim as plans and command lines name it: `NAME`, or `WORKLOAD/NAME` for one workload alone.
public struct QualifiedClaim: Hashable, Sendable {
  /// nil: for any.
  public var workload: String?
  public var claim: String

  /// The part before the first slash is the workload; both may be names of nothing.
  public init(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    (workload, claim) = parts.count == 2 ? (parts[0], parts[1]) : (nil, text)
  }

  /// Whether it is one name, or two.
  public var isWellFormed: Bool { !claim.isEmpty && !claim.contains("/") && workload != "" }
}
