/// Numbers as the reports print them: no locale, so that the same run makes the same text everywhere.
enum Numbers {
  /// `12,345`.
  static func grouped(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "-" : ""
    for (offset, digit) in digits.enumerated() {
      if offset > 0, (digits.count - offset).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// With exactly `digits` decimals, rounded half away from zero; `–` where there is no number.
  static func fixed(_ number: Double, digits: Int) -> String {
    var scale: Int64 = 1
    for _ in 0..<digits { scale *= 10 }
    guard number.isFinite, number.magnitude * Double(scale) < 1e18 else { return "–" }
    let scaled = Int64((number.magnitude * Double(scale)).rounded())
    let sign = number < 0 && scaled > 0 ? "-" : ""
    if digits == 0 { return "\(sign)\(scaled)" }
    let fraction = String(scaled % scale)
    return "\(sign)\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }

  /// `12.3 s`: a phase or a moment of a run, given in seconds.
  static func seconds(_ seconds: Double) -> String { fixed(seconds, digits: seconds < 1 ? 2 : 1) + " s" }

  /// `850 µs`, `3.4 ms`, `1.25 s`: a span between events, given in nanoseconds.
  static func span(nanoseconds: Int64) -> String {
    let value = Double(nanoseconds)
    switch nanoseconds.magnitude {
    case 0..<1_000: return "\(nanoseconds) ns"
    case 1_000..<1_000_000: return fixed(value / 1e3, digits: 0) + " µs"
    case 1_000_000..<1_000_000_000: return fixed(value / 1e6, digits: nanoseconds < 10_000_000 ? 1 : 0) + " ms"
    default: return fixed(value / 1e9, digits: 2) + " s"
    }
  }

  /// The same, given in microseconds; what overflows is as good as for ever.
  static func span(microseconds: Int64) -> String {
    let (nanoseconds, overflow) = microseconds.multipliedReportingOverflow(by: 1_000)
    return span(nanoseconds: overflow ? .max : nanoseconds)
  }

  /// `1 operation`, `2 operations`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }
}
