/// Why a text is not the quantity that was asked for: what was expected, and what came.
struct UnitProblem: Error, Hashable {
  let message: String
}

/// Quantities with units as plans and command lines write them.
public enum Units {
  private static let secondsPerUnit: [(unit: String, seconds: Double)] = [
    ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600),
  ]

  /// Seconds: `60s`, `500ms`, `1.5m`, `1h`. More than 0.
  static func duration(_ text: String, max: Double) throws(UnitProblem) -> Double {
    let problem = UnitProblem(message: "expected a duration such as 500ms, 20s, 2m or 1h, not '\(text)'")
    guard let (number, unit) = split(text) else { throw problem }
    guard !unit.isEmpty else {
      throw UnitProblem(message: "a duration needs a unit: write \(text)s, \(text)ms, \(text)m or \(text)h")
    }
    guard let factor = secondsPerUnit.first(where: { $0.unit == unit })?.seconds else { throw problem }
    let seconds = number * factor
    guard seconds > 0 else { throw UnitProblem(message: "a duration must be more than 0, not '\(text)'") }
    guard seconds >= 0.001 else { throw UnitProblem(message: "a duration must be at least 1ms, not '\(text)'") }
    guard seconds <= max else {
      throw UnitProblem(message: "a duration of at most \(plain(max))s is allowed here, not '\(text)'")
    }
    return seconds
  }

  /// Operations a second: `500/s`, `0.5/s`; on a command line also `500`.
  static func rate(_ text: String) throws(UnitProblem) -> Double {
    guard let (number, unit) = split(text), unit.isEmpty || unit == "/s" else {
      throw UnitProblem(message: "expected a rate such as 500/s, not '\(text)'")
    }
    guard number > 0, number <= PlanLimits.rateMax else {
      throw UnitProblem(
        message: "a rate must be more than 0/s and at most \(plain(PlanLimits.rateMax))/s, not '\(text)'")
    }
    return number
  }

  /// Client threads: `10`, or `2n` for two for each node.
  static func concurrency(_ text: String, nodes: Int) throws(UnitProblem) -> Int {
    let perNode = text.hasSuffix("n")
    guard let number = Int(perNode ? String(text.dropLast()) : text) else {
      throw UnitProblem(message: "expected a number of client threads such as 10, or 2n for two a node, not '\(text)'")
    }
    let (threads, overflow) = number.multipliedReportingOverflow(by: perNode ? nodes : 1)
    guard number > 0, !overflow, threads <= PlanLimits.concurrencyMax else {
      throw UnitProblem(message: "expected 1 to \(PlanLimits.concurrencyMax) client threads, not '\(text)'")
    }
    return threads
  }

  /// An integer in the range.
  static func integer(_ text: String, in range: ClosedRange<Int>, of what: String) throws(UnitProblem) -> Int {
    guard let number = Int(text), range.contains(number) else {
      throw UnitProblem(message: "expected \(range.lowerBound) to \(range.upperBound) \(what), not '\(text)'")
    }
    return number
  }

  static func seed(_ text: String) throws(UnitProblem) -> UInt64 {
    guard let seed = UInt64(text) else {
      throw UnitProblem(message: "expected a seed from 0 to \(UInt64.max), not '\(text)'")
    }
    return seed
  }

  /// A decimal number and what stands behind it. No exponents, no signs but a minus: `1e3s` is nobody's duration.
  static func split(_ text: String) -> (number: Double, unit: String)? {
    let digits = text.prefix { $0 == "-" || $0 == "." || ($0.isASCII && $0.isNumber) }
    guard let number = Double(digits), number.isFinite else { return nil }
    return (number, String(text.dropFirst(digits.count)))
  }

  /// A number as people write it: `20`, `2.5`.
  static func plain(_ number: Double) -> String {
    Int(exactly: number).map { "\($0)" } ?? "\(number)"
  }
}
