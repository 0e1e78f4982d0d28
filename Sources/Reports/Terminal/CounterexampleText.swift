import Histories

/// A counterexample drawn with characters: lanes of processes, intervals as `|--w 3--|`, then the explanation.
///
///     process 0 on n1  |--w 1--|
///     process 1 on n2             |==r → 0==|
///
/// An operation that must have happened is drawn with `-`, one that may have with `.`, the violation with `=`, one that
/// is only context with spaces; one that never returned ends in `>`.
public enum CounterexampleText {
  /// Operations drawn, at most: a picture with more is for the page.
  static let operationsMax = 24
  private static let labelColumns = 22
  /// Operations listed that cannot come next.
  private static let stuckMax = 6

  /// The drawing with its explanation; ends with a line feed. Wider drawings than the style's width are cut into
  /// stripes, one below the other.
  public static func draw(_ counterexample: Counterexample, style: TerminalStyle) -> String {
    guard counterexample.problem == nil else {
      return "The counterexample cannot be drawn: \(counterexample.problem ?? "").\n"
    }
    var lines = sentence(counterexample.summary.capitalizedFirst, style)
    lines += sentence(CounterexampleWords.initial(counterexample), style)
    lines.append("")
    if counterexample.operations.count <= operationsMax {
      lines += picture(counterexample, style)
    } else {
      lines.append("(\(counterexample.operations.count) operations: the report draws them)")
    }
    lines.append("")
    lines += order(counterexample, style)
    for text in counterexample.explanation { lines += sentence("- " + text, style, indent: 2) }
    return lines.map { TerminalText.fit($0, columns: max(style.width * 4, 400)) }.joined(separator: "\n") + "\n"
  }

  private static func sentence(_ text: String, _ style: TerminalStyle, indent: Int = 0) -> [String] {
    TerminalText.wrap(Sentences.sentence(VisibleText.clean(text)), columns: style.width, indent: indent)
  }

  /// The longest order that was found and what cannot follow it.
  private static func order(_ counterexample: Counterexample, _ style: TerminalStyle) -> [String] {
    guard let path = counterexample.paths.first else { return [] }
    let steps = path.steps.map { step in
      "\(label(counterexample.operations[step.operation])) [\(CounterexampleWords.state(step.state))]"
    }
    let start = "[\(CounterexampleWords.state(path.initial))]"
    var lines = TerminalText.wrap(
      "Longest order, with states: " + ([start] + steps).joined(separator: " → "), columns: style.width, indent: 2)
    for stuck in path.stuck.prefix(stuckMax) {
      let operation = counterexample.operations[stuck.operation]
      lines += sentence(
        "- \(label(operation)) (\(CounterexampleWords.who(operation))) cannot come next: \(stuck.reason)", style,
        indent: 2)
    }
    if path.stuck.count > stuckMax { lines.append("  - nor can \(path.stuck.count - stuckMax) more") }
    return lines
  }

  private static func label(_ operation: Counterexample.Operation) -> String {
    VisibleText.short(operation.label, characters: labelColumns)
  }

  // MARK: the picture

  private static func picture(_ counterexample: Counterexample, _ style: TerminalStyle) -> [String] {
    let layout = CounterexampleLayout(
      counterexample, measure: .init(gapMin: 1, gapPerDecade: 1, labelPadding: 4, characterWidth: 1), label: label)
    let names = layout.lanes.map { lane in
      let node = lane.node.map { " on \(VisibleText.short($0, characters: 10))" } ?? ""
      return "process \(VisibleText.short(lane.process, characters: 8))\(node)"
    }
    let gutter = (names.map(TerminalText.width).max() ?? 0) + 2
    let rows = layout.lanes.indices.map { row(of: $0, counterexample, layout) }
    let columns = max(10, style.width - gutter)
    var lines: [String] = []
    for from in stride(from: 0, through: layout.width, by: columns) {
      if from > 0 { lines.append("") }
      for (name, row) in zip(names, rows) {
        let stripe = row.dropFirst(from).prefix(columns)
        lines.append(TerminalText.pad(name, columns: gutter) + paint(stripe, style))
      }
    }
    return lines
  }

  /// A character and whether it belongs to the violating operation.
  private struct Cell {
    var character: Character = " "
    var violates = false
  }

  private static func row(
    of lane: Int, _ counterexample: Counterexample, _ layout: CounterexampleLayout
  ) -> [Cell] {
    var cells = [Cell](repeating: Cell(), count: layout.width + 1)
    for index in counterexample.operations.indices where layout.lane[index] == lane {
      let text = interval(
        counterexample.operations[index], columns: layout.right(index) - layout.left(index) + 1,
        violates: index == counterexample.violation)
      for (offset, character) in text.enumerated() where layout.left(index) + offset < cells.count {
        let position = layout.left(index) + offset
        let meets = character == "|" && cells[position].character == "|"
        cells[position] = Cell(
          character: character, violates: index == counterexample.violation || (meets && cells[position].violates))
      }
    }
    return cells
  }

  /// `|--w 3--|`, exactly `columns` characters.
  private static func interval(_ operation: Counterexample.Operation, columns: Int, violates: Bool) -> String {
    let fill: Character = violates ? "=" : fill(operation.role)
    let text = label(operation)
    let room = max(0, columns - 2 - text.count)
    let before = String(repeating: fill, count: room / 2)
    let after = String(repeating: fill, count: room - room / 2)
    return "|\(before)\(text)\(after)" + (operation.completion == nil ? ">" : "|")
  }

  private static func fill(_ role: Counterexample.Operation.Role) -> Character {
    switch role {
    case .required: "-"
    case .optional: "."
    case .context: " "
    }
  }

  private static func paint(_ cells: ArraySlice<Cell>, _ style: TerminalStyle) -> String {
    var line = ""
    var rest = cells
    while let first = rest.first {
      let run = rest.prefix { $0.violates == first.violates }
      let text = String(run.map(\.character))
      line += first.violates ? style.paint(text, .red) : text
      rest = rest.dropFirst(run.count)
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}
