/// Integers as lists of them are mostly written: a few digits, without sign, and a delimiter of both formats behind them.
extension ByteScanner {
  /// Digits whose value is less than 2⁶⁰, so that it fits the word of an integer.
  private static let digitsMax = 18

  /// The word of such an integer; nil where something else comes next, and then nothing is taken.
  ///
  /// It needs nothing of what a value may be otherwise. Up to seven digits are read at once; that takes eight bytes from
  /// here, and where the text ends before, the last few numbers take the longer way.
  @inline(__always)
  mutating func plainInteger() -> ValueWord? {
    guard position + 8 <= end else { return longerInteger() }
    let text = UInt64(littleEndian: UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self))
    // What a digit leaves of each byte, and the high bit of each that is none.
    let digits = text ^ 0x3030_3030_3030_3030
    let others = (digits &+ 0x7676_7676_7676_7676 | digits) & 0x8080_8080_8080_8080
    let count = others.trailingZeroBitCount / 8
    if count == 8 { return longerInteger() }
    guard count > 0, Self.isDelimiter(UInt8(truncatingIfNeeded: text >> UInt64(8 * count))) else { return nil }
    guard count == 1 || digits & 0xFF != 0 else { return nil }
    position += count
    return ValueWord(ValueWord.Tag.int, Self.number(digits << UInt64(64 - 8 * count)))
  }

  /// The number that eight digits make, the first of them in the lowest byte: pairs, then fours, then all.
  @inline(__always)
  private static func number(_ digits: UInt64) -> UInt64 {
    let pairs = digits &* 10 &+ digits >> 8
    let high = (pairs & 0x0000_00FF_0000_00FF) &* (100 + 1_000_000 << 32)
    let low = (pairs >> 16 & 0x0000_00FF_0000_00FF) &* (1 + 10_000 << 32)
    return (high &+ low) >> 32
  }

  @inline(never)
  private mutating func longerInteger() -> ValueWord? {
    var place = position
    let digitsEnd = min(end, position + Self.digitsMax)
    var magnitude: UInt64 = 0
    while place < digitsEnd {
      let digit = base[place] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      magnitude = magnitude &* 10 &+ UInt64(digit)
      place += 1
    }
    guard place > position, place < end, Self.isDelimiter(base[place]) else { return nil }
    guard place == position + 1 || base[position] != UInt8(ascii: "0") else { return nil }
    position = place
    return ValueWord(ValueWord.Tag.int, magnitude)
  }

  /// Whether a number may end before this byte in both formats; what else may end one is left to the longer way.
  @inline(__always)
  private static func isDelimiter(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == 0x0A
      || byte == UInt8(ascii: "}") || byte == UInt8(ascii: ")")
  }
}
