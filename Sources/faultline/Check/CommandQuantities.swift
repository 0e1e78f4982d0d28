import ArgumentParser

/// Seconds as a command line gives them: `500ms`, `60s`, `5m`, `1h`.
struct DurationArgument: CustomStringConvertible {
  /// The longest that can be asked for: a week.
  static let secondsMax = 7 * 24 * 3600.0

  var seconds: Double

  /// Rounded; at most `secondsMax`, which 64 bits hold.
  var nanoseconds: Int64 { Int64((seconds * 1e9).rounded()) }

  init(seconds: Double) { self.seconds = seconds }

  /// - Throws: `ValidationError` that says what is allowed.
  static func parse(_ argument: String) throws -> DurationArgument {
    guard let duration = DurationArgument(argument: argument) else {
      throw ValidationError(
        "it must be a number above 0 with its unit, ms, s, m or h, and a week at most: 500ms, 60s, 5m")
    }
    return duration
  }

  private init?(argument: String) {
    let units = ["ms": 0.001, "s": 1, "m": 60, "h": 3600]
    guard let (number, unit) = Quantity.split(argument), let factor = units[unit] else { return nil }
    guard number > 0, number * factor <= Self.secondsMax else { return nil }
    seconds = number * factor
  }

  var description: String { "\(Int(seconds))s" }
}

/// Bytes as a command line gives them: `512MB`, `1GB` (powers of ten), `1GiB` (powers of two).
struct BytesArgument: CustomStringConvertible {
  /// The most that can be asked for: an exabyte.
  static let bytesMax = 1e18

  var bytes: Int

  init(bytes: Int) { self.bytes = bytes }

  /// - Throws: `ValidationError` that says what is allowed.
  static func parse(_ argument: String) throws -> BytesArgument {
    guard let bytes = BytesArgument(argument: argument) else {
      throw ValidationError("it must be a number above 0 with its unit, from B to TB or KiB to TiB: 512MB, 1GB, 4GiB")
    }
    return bytes
  }

  private init?(argument: String) {
    let units: [String: Double] = [
      "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 0x1p10, "MiB": 0x1p20, "GiB": 0x1p30,
      "TiB": 0x1p40,
    ]
    guard let (number, unit) = Quantity.split(argument), let factor = units[unit] else { return nil }
    guard number > 0, number * factor <= Self.bytesMax else { return nil }
    bytes = Int(number * factor)
  }

  var description: String { "\(bytes / 1_000_000_000)GB" }
}

private enum Quantity {
  /// A decimal number and the letters behind it.
  static func split(_ text: String) -> (number: Double, unit: String)? {
    let digits = text.prefix { $0 == "." || ($0.isASCII && $0.isNumber) }
    guard let number = Double(digits), number.isFinite else { return nil }
    return (number, String(text.dropFirst(digits.count)))
  }
}
