import Histories

/// Histories written down in tests, and shown where one is judged wrongly.
enum InvariantText {
  /// The history of lines like `0 ok read [1,2]`: process, type, function, value as JSON; a millisecond apart.
  static func history(_ text: String, keyed: Bool = false) throws -> History {
    var history = History(keyed: keyed)
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 3)
      guard parts.count == 4, let process = Int32(parts[0]), let type = EventType(name: String(parts[1])) else {
        throw ParseError(line: String(line))
      }
      history.append(
        Event(
          index: 0, time: Int64(history.count) * 1_000_000, process: ProcessID(process), type: type,
          function: String(parts[2]), value: try JSONReader.parse(Array(parts[3].utf8))))
    }
    return history
  }

  static func text(_ events: some Sequence<Event>) -> String {
    events.map { "\($0.process) \($0.type.name) \($0.function) \($0.value)" }.joined(separator: "\n")
  }

  struct ParseError: Error {
    var line: String
  }
}
