import Generators
import Histories

/// What the generator has heard of the registers: which values they had last, and which writes nobody has read back.
struct RegisterSightings: Sendable {
  /// The values of one key, the newest that completed first. Only a guess: completions do not come in the order in
  /// which operations took effect.
  struct Seen: Hashable, Sendable {
    var key: Int
    var latest: Int64
    var previous: Int64?
  }

  /// By slot; of the newest key heard of.
  private var seen: [Seen?]
  private var writes = RecentWrites()

  init(slots: Int) { seen = Array(repeating: nil, count: slots) }

  /// What was seen of this key.
  func of(_ key: Int, slot: Int) -> Seen? { seen[slot].flatMap { $0.key == key ? $0 : nil } }

  /// Takes in a completion.
  ///
  /// - Parameter value: without its key.
  mutating func note(_ event: ThreadEvent, key: Int, slot: Int, value: Value) {
    let type = event.event.type
    let isWrite = event.event.function != "read"
    if isWrite, type == .ok || type == .info { writes.remember(key: key, writer: event.thread) }
    let result = isWrite ? value.int ?? value.list?.last?.int : value.int
    if type == .ok, let result { see(result, key: key, slot: slot) }
  }

  /// The key of the newest write by another thread that qualifies; it is chased once only.
  mutating func takeChased(by reader: ThreadID, where qualifies: (Int) -> Bool) -> Int? {
    writes.take(by: reader, where: qualifies)
  }

  private mutating func see(_ value: Int64, key: Int, slot: Int) {
    guard let old = seen[slot], old.key >= key else {
      seen[slot] = Seen(key: key, latest: value)
      return
    }
    guard old.key == key, old.latest != value else { return }
    seen[slot] = Seen(key: key, latest: value, previous: old.latest)
  }
}
