/// There is no log, or one without its header, beside a file that is only written when there is a log with a header. No crash
/// leaves that: to start would forget all that was promised and acknowledged.
public struct LogMissing: DataDamage, CustomStringConvertible {
  /// Where the log should be.
  public let path: String
  /// What its file has; nil if there is no file.
  public let bytes: Int?
  /// What shows that there was a log.
  public let witness: String

  /// What is wrong, and how that is known.
  public var description: String {
    "\(path) \(bytes.map { "has \($0) bytes and no header" } ?? "is missing"), but \(witness) is there: this server is not "
      + "new. Starting would lose acknowledged data"
  }
}
