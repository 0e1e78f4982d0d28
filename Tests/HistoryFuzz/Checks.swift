import Histories

/// What must hold for every input, whatever it is.
struct Checks {
  let format: HistoryFormat?
  private(set) var accepted = 0
  private(set) var lenientOnly = 0

  init(_ format: HistoryFormat?) { self.format = format }

  /// Says what is wrong with how the input was read; nil if nothing is.
  mutating func problem(_ input: [UInt8]) -> String? {
    let strict = Result { () throws(HistoryFileError) in try HistoryReader(format: format).read(input) }
    let lenient = Result { () throws(HistoryFileError) in try HistoryReader(format: format, isLenient: true).read(input)
    }
    switch strict {
    case .success(let read):
      accepted += 1
      return problem(strict: read) ?? problem(lenient: lenient, strict: read)
    case .failure(let error):
      if let problem = problem(error, input) { return problem }
      guard case .success(let read) = lenient else { return nil }
      lenientOnly += 1
      return read.skipped.total > 0 ? problem(strict: read) : "lenient reading accepts and skips nothing: \(error)"
    }
  }

  private func problem(strict read: ReadHistory) -> String? {
    let events = Self.lines(read.history)
    if read.lines.count != read.history.count { return "\(read.lines.count) lines of \(read.history.count) events" }
    do throws(PairingError) { _ = try Operations(read.history) } catch { return "does not pair: \(error)" }
    if Self.lines(read.history.splittingKeys()) != events { return "splitting by key changes the events" }
    do throws(HistoryFileError) {
      let again = try HistoryReader(format: .jsonLines).read(events)
      return Self.lines(again.history) == events ? nil : "events change when written and read again"
    } catch {
      // A value at the limit is wrapped once more where its key was a field.
      return error.message.hasPrefix("nested deeper") ? nil : "what we wrote cannot be read: \(error)"
    }
  }

  private func problem(lenient: Result<ReadHistory, HistoryFileError>, strict: ReadHistory) -> String? {
    switch lenient {
    case .failure(let error): "lenient reading refuses what strict reading accepts: \(error)"
    case .success(let read) where read.skipped.total > 0: "lenient reading skips in what is right: \(read.skipped)"
    case .success(let read):
      Self.lines(read.history) == Self.lines(strict.history) ? nil : "lenient reading gives other events"
    }
  }

  /// An error is about a place in the input.
  private func problem(_ error: HistoryFileError, _ input: [UInt8]) -> String? {
    if error.line == 0 {
      let isAboutTheWhole = error.message == "holds no event" || error.message.hasPrefix("this is gzip")
      return isAboutTheWhole ? nil : "an error without a line: \(error)"
    }
    let lines = input.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard error.line <= lines.count else { return "an error after the end: \(error)" }
    return error.column >= 1 && error.column <= lines[error.line - 1].count + 1
      ? nil : "an error beside its line: \(error)"
  }

  static func lines(_ history: History) -> [UInt8] {
    var bytes: [UInt8] = []
    for event in history.events { JSONLines.append(event, to: &bytes) }
    return bytes
  }

  /// Whether `JSONReader` reads again what it read.
  static func problem(json input: [UInt8]) -> String? {
    guard let value = try? JSONReader.parse(input) else { return nil }
    guard let again = try? JSONReader.parse(value.json) else { return "JSON that we wrote cannot be read" }
    return again.json == value.json ? nil : "JSON changes when written and read again"
  }
}
