/// What is wrong with a history file, and where.
public struct HistoryFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file's path or other name; nil where the caller knows it.
  public var file: String?
  /// 1-based; 0 where the file as a whole is meant: it is no regular file, it is too large, it holds no event.
  public let line: Int
  /// In bytes, 1-based.
  public let column: Int
  /// What was wrong, what was expected.
  public let message: String

  /// `file:line:column: message`, without what is not known.
  public var description: String {
    let place = line == 0 ? "" : "\(line):\(column): "
    return (file.map { line == 0 ? "\($0): " : "\($0):" } ?? "") + place + message
  }

  init(file: String? = nil, line: Int = 0, column: Int = 0, _ message: String) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }
}
