import Glibc
import Logging

/// Writes each log message to stderr as one line of JSON: time (UTC), level, message, then the metadata.
public struct JSONLineLogHandler: LogHandler {
  /// Messages below it are not written.
  public var logLevel: Logger.Level = .info
  /// Goes with every message of this logger.
  public var metadata: Logger.Metadata = [:]
  /// Adds to it, message by message.
  public var metadataProvider: Logger.MetadataProvider?

  /// A handler without metadata at level `info`.
  public init() {}

  /// One piece of the metadata, as `Logger` sets it.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes one line. Of equal keys, the message's own metadata wins; keys are sorted.
  public func log(event: LogEvent) {
    var merged = metadata
    if let provided = metadataProvider?.get() { merged.merge(provided) { $1 } }
    if let own = event.metadata { merged.merge(own) { $1 } }
    var line = "{\"time\":\"\(Self.timestamp())\",\"level\":\"\(event.level)\",\"message\":"
    line += JSONText.quoted(event.message.description)
    for (key, value) in merged.sorted(by: { $0.key < $1.key }) {
      line += ",\(JSONText.quoted(key)):\(JSONText.quoted(value.description))"
    }
    line += "}\n"
    // One write per line: lines of several threads do not mix.
    line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// ISO 8601 with milliseconds.
  private static func timestamp() -> String {
    var now = WallClock.now
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = "\(parts.tm_year + 1900)-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
    let time = "\(padded(Int(parts.tm_hour), 2)):\(padded(Int(parts.tm_min), 2)):\(padded(Int(parts.tm_sec), 2))"
    return "\(date)T\(time).\(padded(now.tv_nsec / 1_000_000, 3))Z"
  }
}
