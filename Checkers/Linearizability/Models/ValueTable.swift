import Histories

/// Interns the values of one object's operations as dense ids, in order of first use.
///
/// Small integers, the values of most workloads, skip hashing.
public struct ValueTable: Sendable {
  /// Integers below this are found by position; 4 KiB at most.
  private static let directMax = 1024
  private static let none = UInt32.max

  private var values: [Value] = []
  private var direct: [UInt32] = []
  private var ids: [Value: UInt32] = [:]

  public init() {}

  public var count: Int { values.count }

  /// The value's id, a new one if it was never seen.
  public mutating func intern(_ value: Value) -> UInt32 {
    if case .int(let number) = value, number >= 0, number < Int64(Self.directMax) {
      return intern(small: Int(number), value)
    }
    if let id = ids[value] { return id }
    let id = add(value)
    ids[value] = id
    return id
  }

  public subscript(id: UInt32) -> Value { values[Int(id)] }

  private mutating func intern(small number: Int, _ value: Value) -> UInt32 {
    while direct.count <= number { direct.append(Self.none) }
    if direct[number] == Self.none { direct[number] = add(value) }
    return direct[number]
  }

  private mutating func add(_ value: Value) -> UInt32 {
    values.append(value)
    return UInt32(values.count - 1)
  }
}
