/// Why a run ended without a verdict about the system.
public enum RunFailure: Error, Sendable, CustomStringConvertible {
  /// The environment failed: exit 75, worth another try.
  case environment(String)
  /// A node did not start or did not become ready; the tail of its log says why.
  case node(name: String, problem: String, log: String, tail: [String])

  public var description: String {
    switch self {
    case .environment(let message): message
    case .node(let name, let problem, let log, let tail):
      (["node \(name) \(problem)", "the end of its log (\(log)):"]
        + (tail.isEmpty ? ["(empty)"] : tail).map { "  " + $0 })
        .joined(separator: "\n")
    }
  }
}
