/// Collects everything that is wrong with one plan, so that its author sees all of it at once.
final class ProblemSink {
  let file: String
  private let lines: [Substring]
  private(set) var diagnostics: [Diagnostic] = []
  /// What is no problem, but must be known of the plan that was made.
  private(set) var notices: [String] = []

  init(_ source: PlanSource) {
    file = source.file
    lines = source.text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// In reading order, each once.
  var problems: PlanProblems? {
    guard !diagnostics.isEmpty else { return nil }
    var seen: Set<Diagnostic> = []
    let unique = diagnostics.filter { seen.insert($0).inserted }
    let ordered = unique.enumerated().sorted { left, right in
      (left.element.place.order + [left.offset]).lexicographicallyPrecedes(right.element.place.order + [right.offset])
    }
    return PlanProblems(ordered.map(\.element))
  }

  func notice(_ text: String) { notices.append(text) }

  func report(_ message: String, at mark: YAMLMark) { report(message, at: place(mark)) }

  func report(_ message: String, at place: Diagnostic.Place) { diagnostics.append(Diagnostic(place, message)) }

  /// What an option of the command line says; nil where it cannot be read, which is reported.
  func option<Quantity>(_ name: String, _ parse: () throws(UnitProblem) -> Quantity) -> Quantity? {
    do {
      return try parse()
    } catch {
      report(error.message, at: .option(name))
      return nil
    }
  }

  func place(_ mark: YAMLMark) -> Diagnostic.Place { .file(file, line: mark.line, column: mark.column) }

  /// Reports something at a column (from 1) of a scalar's own text.
  ///
  /// The place is exact where the text stands in the file as it is. Block scalars and texts with escapes do not: then
  /// the place is their beginning, and the message says the column.
  func report(_ message: String, in node: YAMLNode, column: Int) {
    if let start = start(of: node) {
      report(message, at: YAMLMark(line: start.line, column: start.column + column - 1))
    } else {
      report("\(message) (at character \(column) of the text)", at: node.mark)
    }
  }

  /// Where the text of a scalar begins, behind its quote; nil where the file spells it otherwise.
  private func start(of node: YAMLNode) -> YAMLMark? {
    guard let scalar = node.scalar, lines.indices.contains(node.mark.line - 1) else { return nil }
    var rest = lines[node.mark.line - 1].unicodeScalars.dropFirst(node.mark.column - 1)
    var start = node.mark
    if rest.first == "'" || rest.first == "\"" {
      rest = rest.dropFirst()
      start.column += 1
    }
    return rest.starts(with: scalar.text.unicodeScalars) ? start : nil
  }
}
