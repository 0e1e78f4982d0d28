/// Integer keys of which a fixed number is alive at any time; each retires after so many operations.
///
/// Searching checkers pay for the length of one key's history, not for that of the run: short-lived keys keep a long
/// run checkable, as Jepsen's independent keys do. There are `live` slots; slot s holds the keys s, s + live, s + 2
/// live, …, one after the other, so a key tells its slot and no table is needed.
public struct RotatingKeys: Sendable {
  /// Keys alive at any time.
  public let live: Int
  /// Operations on a key before it retires; 0: never.
  public let opsPerKey: Int
  private let distribution: KeyDistribution
  /// Operations on each slot so far.
  private var used: [Int]

  public init(live: Int, opsPerKey: Int, distribution: KeyDistribution) {
    precondition(live >= 1 && distribution.count == live, "the distribution chooses among the \(live) live keys")
    precondition(opsPerKey >= 0, "operations per key are at least 0, not \(opsPerKey)")
    self.live = live
    self.opsPerKey = opsPerKey
    self.distribution = distribution
    used = Array(repeating: 0, count: live)
  }

  /// The live key of a slot in 0..<live.
  public func key(in slot: Int) -> Int { slot + live * (opsPerKey == 0 ? 0 : used[slot] / opsPerKey) }

  /// The slot of a key that was or is alive.
  public func slot(of key: Int) -> Int { key % live }

  /// Whether the key is alive.
  public func isLive(_ key: Int) -> Bool { key >= 0 && self.key(in: slot(of: key)) == key }

  /// The keys alive now, by slot.
  public var liveKeys: [Int] { (0..<live).map { key(in: $0) } }

  /// Draws a slot.
  public func drawSlot(_ stream: inout RandomStream) -> Int { distribution.draw(&stream) }

  /// The live key of a slot, for one operation, which is counted.
  public mutating func take(_ slot: Int) -> Int {
    let key = key(in: slot)
    used[slot] += 1
    return key
  }
}
