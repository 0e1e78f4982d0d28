import ArgumentParser

/// `LOW..HIGH`, in milliseconds.
public struct MillisecondRange: ExpressibleByArgument, CustomStringConvertible, Sendable {
  /// The least.
  public let low: UInt64
  /// The greatest.
  public let high: UInt64

  /// As a default value.
  public init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// nil for anything but two integers of 32 bits with two dots between.
  public init?(argument: String) {
    guard let dots = argument.firstRange(of: ".."), let low = UInt32(argument[..<dots.lowerBound]),
      let high = UInt32(argument[dots.upperBound...])
    else { return nil }
    self.init(low: UInt64(low), high: UInt64(high))
  }

  /// `LOW..HIGH`
  public var description: String { "\(low)..\(high)" }
  /// What help shows.
  public var defaultValueDescription: String { description }

  /// In nanoseconds.
  public var nanoseconds: (low: UInt64, high: UInt64) { (low * 1_000_000, high * 1_000_000) }
}
