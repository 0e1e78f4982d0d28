import Generators
import Histories

/// Writes of keys in groups, each key once, and reads of whole groups.
///
/// Two readers that disagree on which of two writes came first prove a fork: each must read while some keys of the group
/// are written and some are not. So reads and writes of a group alternate, few groups live at a time, and a read names
/// the keys in an order of its own, as a database that reads them one by one would be caught by the order alone.
struct LongForkGenerator: Generator {
  /// Share of the operations that write, as long as the group has unwritten keys.
  static let writeShare = 1 / 3.0
  /// Reads of a group after its last write has begun.
  static let lateReads = 3

  /// Group g has the keys `g * size ..< (g + 1) * size`.
  private struct Group: Sendable {
    var number: Int
    /// The keys that were not written yet, the next one last.
    var unwritten: [Int]
    var readsLeft = LongForkGenerator.lateReads
  }

  private let size: Int
  private var groups: [Group] = []
  private var begun = 0
  private var stream: RandomStream
  private var lastValue: Int64 = 0

  /// - Parameters:
  ///   - live: groups in use at any time.
  ///   - size: keys of a group.
  init(live: Int, size: Int, stream: RandomStream) {
    (self.size, self.stream) = (size, stream)
    for _ in 0..<live { groups.append(newGroup()) }
  }

  mutating func next(_ context: Context) -> Next {
    guard !context.free.isEmpty else { return .pending(until: nil) }
    let slot = stream.below(groups.count)
    let isWrite = !groups[slot].unwritten.isEmpty && stream.unit() < Self.writeShare
    return GeneratedOperation(transaction: isWrite ? write(slot) : read(slot)).offered(in: context)
  }

  private mutating func write(_ slot: Int) -> [MicroOperation] {
    lastValue += 1
    return [MicroOperation("w", groups[slot].unwritten.removeLast(), .int(lastValue))]
  }

  private mutating func read(_ slot: Int) -> [MicroOperation] {
    let group = groups[slot]
    if group.unwritten.isEmpty {
      groups[slot].readsLeft -= 1
      if groups[slot].readsLeft == 0 { groups[slot] = newGroup() }
    }
    return Self.keys(of: group.number, size: size).shuffled(using: &stream).map { .read($0) }
  }

  private mutating func newGroup() -> Group {
    begun += 1
    return Group(number: begun - 1, unwritten: Self.keys(of: begun - 1, size: size).shuffled(using: &stream))
  }

  /// The keys of a group.
  static func keys(of group: Int, size: Int) -> Range<Int> { group * size..<(group + 1) * size }
}
