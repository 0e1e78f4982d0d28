/// Occurrences by time, then by order of insertion: a binary heap of small keys beside a slab of payloads.
/// Times are simulated nanoseconds.
public struct EventQueue<Occurrence: Sendable>: Sendable {
  private struct Key {
    var time: UInt64
    var order: UInt64
    var slot: Int

    static func < (a: Key, b: Key) -> Bool { a.time != b.time ? a.time < b.time : a.order < b.order }
  }

  private var heap: [Key] = []
  private var slots: [Occurrence?] = []
  private var freeSlots: [Int] = []
  private var inserted: UInt64 = 0

  /// A queue in which nothing waits.
  public init() {}

  /// Plans an occurrence; of several at one time the first planned comes first.
  public mutating func insert(_ occurrence: Occurrence, at time: UInt64) {
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
      slots[slot] = occurrence
    } else {
      slot = slots.count
      slots.append(occurrence)
    }
    heap.append(Key(time: time, order: inserted, slot: slot))
    inserted += 1
    siftUp()
  }

  /// Removes the earliest occurrence; nil when there is none.
  public mutating func popFirst() -> (time: UInt64, occurrence: Occurrence)? {
    guard let first = heap.first, let occurrence = slots[first.slot] else { return nil }
    slots[first.slot] = nil
    freeSlots.append(first.slot)
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      siftDown()
    }
    return (first.time, occurrence)
  }

  private mutating func siftUp() {
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child] < heap[parent] else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func siftDown() {
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < heap.count else { return }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < heap[parent] else { return }
      heap.swapAt(child, parent)
      parent = child
    }
  }
}
