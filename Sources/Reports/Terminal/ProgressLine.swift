/// How far a run is: everything that the progress line tells.
public struct ProgressState: Hashable, Sendable {
  /// What the run is doing: `load`, `recovery`, …; shown unless it is the load phase.
  public var phase: String
  /// Of the load phase.
  public var elapsedSeconds: Double
  public var totalSeconds: Double
  /// Completions so far.
  public var ok: Int
  public var fail: Int
  public var info: Int
  /// Completions a second, lately.
  public var rate: Double
  /// Active faults in words: `partition n1 n2 | n3 n4 n5`.
  public var faults: [String]

  public init(
    phase: String = "load", elapsedSeconds: Double, totalSeconds: Double, ok: Int, fail: Int, info: Int,
    rate: Double, faults: [String]
  ) {
    self.phase = phase
    self.elapsedSeconds = elapsedSeconds
    self.totalSeconds = totalSeconds
    self.ok = ok
    self.fail = fail
    self.info = info
    self.rate = rate
    self.faults = faults
  }
}

/// One line of progress: a pure function of the state.
public enum ProgressLine {
  /// `[12.3s/20s] 4,812 ok 31 fail 9 info  612 op/s  faults: partition n1 n2 | n3 n4 n5`, in at most the style's width.
  ///
  /// Too narrow a terminal loses the faults first, then the rate: the numbers at the front are what one waits for.
  public static func text(_ state: ProgressState, style: TerminalStyle) -> String {
    let width = style.isTerminal ? style.width - 1 : Int.max  // the last column would wrap on some terminals
    var line = ""
    var used = 0
    for part in parts(state) {
      let separator = used == 0 ? "" : part.separator
      let columns = TerminalText.width(separator) + TerminalText.width(part.text)
      if used + columns > width {
        let rest = width - used - TerminalText.width(separator)
        if part.mayBeCut, rest >= 12 {
          line += separator + painted(part, TerminalText.fit(part.text, columns: rest), style)
        }
        break
      }
      line += separator + painted(part, part.text, style)
      used += columns
    }
    return line
  }

  private struct Part {
    var text: String
    var separator = " "
    var color: TerminalColor?
    var mayBeCut = false
  }

  private static func painted(_ part: Part, _ text: String, _ style: TerminalStyle) -> String {
    part.color.map { style.paint(text, $0) } ?? text
  }

  private static func parts(_ state: ProgressState) -> [Part] {
    let total = Numbers.fixed(state.totalSeconds, digits: state.totalSeconds == state.totalSeconds.rounded() ? 0 : 1)
    var parts = [Part(text: "[\(Numbers.fixed(state.elapsedSeconds, digits: 1))s/\(total)s]", color: .dim)]
    if state.phase != "load" { parts.append(Part(text: VisibleText.clean(state.phase), color: .bold)) }
    parts.append(Part(text: "\(Numbers.grouped(state.ok)) ok", color: .green))
    parts.append(Part(text: "\(Numbers.grouped(state.fail)) fail"))
    parts.append(Part(text: "\(Numbers.grouped(state.info)) info", color: state.info > 0 ? .yellow : nil))
    parts.append(Part(text: "\(Numbers.fixed(state.rate, digits: 0)) op/s", separator: "  "))
    if !state.faults.isEmpty {
      let faults = state.faults.map { VisibleText.clean($0) }.joined(separator: ", ")
      parts.append(Part(text: "faults: \(faults)", separator: "  ", color: .red, mayBeCut: true))
    }
    return parts
  }
}

/// Decides when to write progress and how: one line rewritten on a terminal, a line now and then elsewhere.
///
/// Holds no clock and writes nothing: the caller asks with the time of now, and writes what it gets.
public struct ProgressWriter: Sendable {
  /// Between two lines where they stay, in nanoseconds.
  static let plainIntervalNanoseconds: Int64 = 10_000_000_000
  /// Between two states of the rewritten line, in nanoseconds.
  static let terminalIntervalNanoseconds: Int64 = 100_000_000

  private let style: TerminalStyle
  private var last: Int64?
  private var isOpen = false

  public init(style: TerminalStyle) { self.style = style }

  /// What to write now; nil while it is too early. Elsewhere than on a terminal the first line comes after 10 s.
  ///
  /// - Parameter now: nanoseconds of one monotonic clock.
  public mutating func update(_ state: ProgressState, now: Int64) -> String? {
    let interval = style.isTerminal ? Self.terminalIntervalNanoseconds : Self.plainIntervalNanoseconds
    guard let last else {
      self.last = now
      return style.isTerminal ? rewritten(state) : nil
    }
    guard now - last >= interval else { return nil }
    self.last = now
    return style.isTerminal ? rewritten(state) : ProgressLine.text(state, style: style) + "\n"
  }

  /// What to write before anything else is written to the terminal: it takes the open line away.
  public mutating func clear() -> String {
    guard isOpen else { return "" }
    isOpen = false
    return "\r\u{1B}[K"
  }

  private mutating func rewritten(_ state: ProgressState) -> String {
    isOpen = true
    return "\r" + ProgressLine.text(state, style: style) + "\u{1B}[K"
  }
}
