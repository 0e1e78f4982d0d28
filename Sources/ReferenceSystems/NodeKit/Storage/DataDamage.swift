/// The disk does not hold what was written to it, and no crash explains that. Its description says what is wrong; what is to be
/// done depends on the system, which adds its advice.
public protocol DataDamage: Error {}

/// Why a server does not start on its data, and what to do about it.
public struct DataRefused: Error, CustomStringConvertible {
  /// What is wrong.
  public let damage: any DataDamage
  /// What to do: a sentence or two without the last full stop.
  public let advice: String
  /// One line for the operator.
  public var description: String { "\(damage). \(advice)" }
}
