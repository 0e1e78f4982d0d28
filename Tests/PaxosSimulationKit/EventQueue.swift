import PaxosLog

/// What happens at some moment of simulated time.
enum Occurrence {
  case tick(node: Int, life: Int)
  case endOfBatch(node: Int, life: Int)
  case delivery(Message, from: Int, to: Int)
  case diskDone(node: Int, life: Int, sequence: PersistSequence)
  case snapshotDone(node: Int, life: Int, Snapshot)
  case request(Operation, id: RequestID, node: Int, life: Int)
  case restart(node: Int)
  case crash(node: Int, life: Int)
  case fault
  case heal(partition: Int)
  case invoke(client: Int)
  case clientTimeout(client: Int, request: RequestID)

  /// The node to which it happens inside the node itself: it waits while the node is paused.
  var pausableNode: Int? {
    switch self {
    case .tick(let node, _), .endOfBatch(let node, _), .diskDone(let node, _, _), .snapshotDone(let node, _, _),
      .request(_, _, let node, _):
      node
    case .delivery(_, _, let to): to
    case .restart, .crash, .fault, .heal, .invoke, .clientTimeout: nil
    }
  }
}

/// Occurrences by time, then by order of insertion: a binary heap of small keys beside a slab of payloads.
struct EventQueue {
  private struct Key {
    var time: Nanoseconds
    var order: UInt64
    var slot: Int
    static func < (a: Key, b: Key) -> Bool { a.time != b.time ? a.time < b.time : a.order < b.order }
  }

  private var heap: [Key] = []
  private var slots: [Occurrence?] = []
  private var freeSlots: [Int] = []
  private var inserted: UInt64 = 0

  mutating func insert(_ occurrence: Occurrence, at time: Nanoseconds) {
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
  mutating func popFirst() -> (time: Nanoseconds, occurrence: Occurrence)? {
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
