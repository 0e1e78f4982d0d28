import Generators

/// The writes that completed last and that nobody was sent after yet.
///
/// What a fault does to a write shows at once or never: a lost write until the next one hides it, a stale read until the
/// replica catches up. So part of the reads *chase* a write: they go to its key, from another thread than the writer's,
/// and so mostly through another node.
struct RecentWrites: Sendable {
  /// Writes remembered; older ones are forgotten.
  static let writesMax = 8

  private struct Write: Sendable {
    var key: Int
    var writer: ThreadID
  }

  /// The newest last.
  private var writes: [Write] = []

  /// Takes in a write that happened, or may have.
  mutating func remember(key: Int, writer: ThreadID) {
    if writes.count == Self.writesMax { writes.removeFirst() }
    writes.append(Write(key: key, writer: writer))
  }

  /// The key of the newest write by another thread that qualifies; it is chased once only.
  mutating func take(by reader: ThreadID, where qualifies: (Int) -> Bool) -> Int? {
    guard let index = writes.lastIndex(where: { $0.writer != reader && qualifies($0.key) }) else { return nil }
    return writes.remove(at: index).key
  }
}
