/// How far a time namespace's clocks are ahead of the machine's, in nanoseconds (time_namespaces(7)).
struct ClockOffsets: Hashable, Sendable {
  var monotonic: Int64
  var boot: Int64

  init(monotonic: Int64, boot: Int64) {
    self.monotonic = monotonic
    self.boot = boot
  }

  /// The lines of `/proc/PID/timens_offsets`: a clock's name, seconds, and nanoseconds that are added to these.
  init?(kernel text: String) {
    var offsets: [Substring: Int64] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard words.count == 3, let seconds = Int64(words[1]), let nanoseconds = Int64(words[2]) else { return nil }
      let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
      guard !overflow else { return nil }
      offsets[words[0]] = whole + nanoseconds
    }
    guard let monotonic = offsets["monotonic"], let boot = offsets["boottime"] else { return nil }
    self.init(monotonic: monotonic, boot: boot)
  }

  /// What is written there.
  var kernelText: String { Self.line("monotonic", monotonic) + Self.line("boottime", boot) }

  private static func line(_ clock: String, _ offset: Int64) -> String {
    let (seconds, rest) = offset.quotientAndRemainder(dividingBy: 1_000_000_000)
    // The second number is never negative.
    return rest < 0 ? "\(clock) \(seconds - 1) \(rest + 1_000_000_000)\n" : "\(clock) \(seconds) \(rest)\n"
  }
}
