import Glibc
import Histories

/// What the output can show: decided once, handed to everything that draws.
public struct TerminalStyle: Hashable, Sendable {
  /// Whether lines may be rewritten.
  public var isTerminal: Bool
  /// Whether escape sequences for colours are understood and wanted.
  public var color: Bool
  /// Characters in a line.
  public var width: Int

  /// Width assumed where none can be asked.
  public static let defaultWidth = 80

  public init(isTerminal: Bool, color: Bool, width: Int = defaultWidth) {
    self.isTerminal = isTerminal
    self.color = color
    self.width = max(20, width)
  }

  /// Plain lines: a file, a pipe, a CI log.
  public static let plain = TerminalStyle(isTerminal: false, color: false)

  /// Asks the kernel about a descriptor, and the environment about colours.
  public static func detect(descriptor: Int32, environment: [String: String]) -> TerminalStyle {
    let isTerminal = isatty(descriptor) == 1
    return TerminalStyle(
      isTerminal: isTerminal, color: isTerminal && allowsColor(environment), width: columns(descriptor) ?? defaultWidth)
  }

  /// `NO_COLOR` with any text in it and `TERM=dumb` switch colours off (no-color.org).
  static func allowsColor(_ environment: [String: String]) -> Bool {
    (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  private static func columns(_ descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

/// Colours that read well on light and dark terminals.
enum TerminalColor: String {
  case red = "31"
  case green = "32"
  case yellow = "33"
  case bold = "1"
  case dim = "2"
}

extension Verdict {
  var color: TerminalColor {
    switch self {
    case .valid: .green
    case .invalid: .red
    case .unknown, .error: .yellow
    }
  }
}

extension TerminalStyle {
  /// `text` in a colour, where colours are wanted.
  func paint(_ text: String, _ color: TerminalColor) -> String {
    self.color ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
  }
}
