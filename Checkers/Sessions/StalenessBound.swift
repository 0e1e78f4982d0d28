/// How stale a read may be: `t<5s` in time, `k<3` in versions.
public enum StalenessBound: Hashable, Sendable, CustomStringConvertible {
  /// Nanoseconds for which the value may have been replaced when the read begins: less than this.
  case time(Int64)
  /// Later versions that may have been there when the read begins: fewer than this; 1 wants the latest.
  case versions(Int)

  public var description: String {
    switch self {
    case .time(let nanoseconds): "t<\(Self.text(nanoseconds))"
    case .versions(let count): "k<\(count)"
    }
  }

  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000), ("ns", 1),
  ]

  /// In the largest unit that it is a whole number of.
  private static func text(_ nanoseconds: Int64) -> String {
    let unit = units.first { nanoseconds % $0.nanoseconds == 0 } ?? ("ns", 1)
    return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
  }

  /// Reads `t<5s`, `t<250ms`, `k<3`; blanks count for nothing. Nil for anything else, zero among it.
  public init?(_ text: String) {
    let parts = text.filter { $0 != " " }.split(separator: "<", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    switch parts[0] {
    case "t":
      guard let nanoseconds = Self.nanoseconds(parts[1]) else { return nil }
      self = .time(nanoseconds)
    case "k":
      guard let count = Int(parts[1]), count >= 1 else { return nil }
      self = .versions(count)
    default: return nil
    }
  }

  private static func nanoseconds(_ text: Substring) -> Int64? {
    let digits = text.prefix { $0.isNumber || $0 == "." }
    guard let unit = units.first(where: { $0.name == text.dropFirst(digits.count) }), let number = Double(digits)
    else { return nil }
    let nanoseconds = (number * Double(unit.nanoseconds)).rounded()
    return nanoseconds >= 1 && nanoseconds < Double(Int64.max) ? Int64(nanoseconds) : nil
  }
}
