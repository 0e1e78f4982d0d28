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
    lines += orders(counterexample, style)
    for text in counterexample.explanation { lines += sentence("- " + text, style, indent: 2) }
    return lines.map { TerminalText.fit($0, columns: max(style.width * 4, 400)) }.joined(separator: "\n") + "\n"
  }

  private static func sentence(_ text: String, _ style: TerminalStyle, indent: Int = 0) -> [String] {
    TerminalText.wrap(Sentences.sentence(VisibleText.clean(text)), columns: style.width, indent: indent)
  }

  /// The longest orders that were found and what cannot follow them; a reason that was given is not given again.
  private static func orders(_ counterexample: Counterexample, _ style: TerminalStyle) -> [String] {
    var given: Set<Counterexample.Stuck> = []
    return counterexample.paths.enumerated().flatMap { number, path in
      let isNew = path.stuck.contains { !given.contains($0) }
      defer { given.formUnion(path.stuck) }
      return number == 0 || isNew ? order(path, counterexample, style) : []
    }
  }

  private static func order(
    _ path: Counterexample.Path, _ counterexample: Counterexample, _ style: TerminalStyle
  ) -> [String] {
    let steps = path.steps.map { step in
      "\(label(counterexample.operations[step.operation]))"
        + " \(bracketed(CounterexampleWords.state(step.state, in: counterexample)))"
    }
    let start = bracketed(CounterexampleWords.state(path.initial, in: counterexample))
    var lines =
      steps.isEmpty
      ? [] : sentence("Longest order, with states: " + ([start] + steps).joined(separator: " → "), style, indent: 2)
    for stuck in path.stuck.prefix(stuckMax) {
      let operation = counterexample.operations[stuck.operation]
      let next = steps.isEmpty ? "come first, in state \(start)" : "come next"
      lines += sentence(
        "- \(label(operation)) (\(CounterexampleWords.who(operation))) cannot \(next): \(stuck.reason)", style,
        indent: 2)
    }
    if path.stuck.count > stuckMax { lines.append("  - nor can \(path.stuck.count - stuckMax) more") }
    return lines
  }

  /// A list has its brackets already.
  private static func bracketed(_ state: String) -> String { state.hasPrefix("[") ? state : "[\(state)]" }

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
    var from = 0
    while from <= layout.width {
      if from > 0 { lines.append("") }
      let end = stripeEnd(from: from, columns: columns, rows)
      for (name, row) in zip(names, rows) {
        lines.append(TerminalText.pad(name, columns: gutter) + paint(row[min(from, row.count)..<end], style))
      }
      from = end
    }
    return lines
  }

  /// A character and whether it belongs to the violating operation.
  private struct Cell {
    var character: Character = " "
    var violates = false
    /// It and the one before it belong to one label, or to one short bar.
    var isJoined = false
  }

  /// Bars up to this many columns are not cut where a stripe ends.
  private static let wholeBarColumns = 30

  /// Where a stripe ends: between labels and short bars, if that leaves half of it.
  private static func stripeEnd(from: Int, columns: Int, _ rows: [[Cell]]) -> Int {
    let count = rows.first?.count ?? 0
    let widest = from + columns
    if widest >= count { return count }
    let clean = (from + columns / 2...widest).last { end in rows.allSatisfy { !$0[end].isJoined } }
    return clean ?? widest
  }

  private static func row(
    of lane: Int, _ counterexample: Counterexample, _ layout: CounterexampleLayout
  ) -> [Cell] {
    var cells = [Cell](repeating: Cell(), count: layout.width + 1)
    for index in counterexample.operations.indices where layout.lane[index] == lane {
      let text = interval(
        counterexample.operations[index], columns: layout.right(index) - layout.left(index) + 1,
        violates: index == counterexample.violation)
      let name = label(counterexample.operations[index])
      let isShort = text.count <= wholeBarColumns
      let nameStart = 1 + max(0, text.count - 2 - name.count) / 2
      for (offset, character) in text.enumerated() where layout.left(index) + offset < cells.count {
        let position = layout.left(index) + offset
        let meets = character == "|" && cells[position].character == "|"
        cells[position] = Cell(
          character: character, violates: index == counterexample.violation || (meets && cells[position].violates),
          isJoined: offset > (isShort ? 0 : nameStart) && offset < (isShort ? text.count : nameStart + name.count))
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
