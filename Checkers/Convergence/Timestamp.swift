import Histories

/// Timestamps of writes: integers, or lists that are compared from the left, as [wall clock, counter, node].
enum Timestamp {
  /// Whether the value can be one.
  static func isOne(_ word: ValueWord, _ store: ValueStore) -> Bool {
    if store.int(word) != nil { return true }
    guard let parts = store.list(word), !parts.isEmpty else { return false }
    return parts.allSatisfy { store.int($0) != nil || store.string($0) != nil }
  }

  /// Whether the first comes before the second. An integer is a list of one, and comes before every text.
  static func precedes(_ first: ValueWord, _ second: ValueWord, _ store: ValueStore) -> Bool {
    if let first = store.int(first), let second = store.int(second) { return first < second }
    let (left, right) = (store.list(first) ?? [first], store.list(second) ?? [second])
    for (left, right) in zip(left, right) where left != right {
      switch (store.int(left), store.int(right)) {
      case (let left?, let right?): return left < right
      case (_?, nil): return true
      case (nil, _?): return false
      case (nil, nil): return (store.string(left) ?? "") < (store.string(right) ?? "")
      }
    }
    return left.count < right.count
  }
}
