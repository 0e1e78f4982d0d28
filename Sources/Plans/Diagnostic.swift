/// One thing that is wrong with a plan, and where.
public struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
  /// Where somebody has to look.
  public enum Place: Hashable, Sendable {
    /// Line and column from 1, columns in Unicode scalars.
    case file(String, line: Int, column: Int)
    /// The file as a whole.
    case wholeFile(String)
    /// An option of the command line, with its dashes.
    case option(String)
    /// The command's argument.
    case argument(String)
  }

  public let place: Place
  /// What was wrong, what was expected, and the nearest name where there is one.
  public let message: String

  public init(_ place: Place, _ message: String) {
    self.place = place
    self.message = message
  }

  public var description: String { "\(place): \(message)" }
}

extension Diagnostic.Place: CustomStringConvertible {
  public var description: String {
    switch self {
    case .file(let file, let line, let column): "\(file):\(line):\(column)"
    case .wholeFile(let text), .option(let text), .argument(let text): text
    }
  }

  /// Files before options, and within a file from top to bottom: compared element by element.
  var order: [Int] {
    switch self {
    case .argument: [0]
    case .wholeFile: [1]
    case .file(_, let line, let column): [2, line, column]
    case .option: [3]
    }
  }
}

/// Why there is no plan: everything that is wrong with it, in reading order. A bad plan is exit 64.
public struct PlanProblems: Error, Hashable, Sendable, CustomStringConvertible {
  /// At least one.
  public let diagnostics: [Diagnostic]

  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  /// One line each.
  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
