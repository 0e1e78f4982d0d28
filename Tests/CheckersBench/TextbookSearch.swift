import Histories

/// The textbook's decision of one register: the search of Wing & Gong (1993) with Lowe's cache (2017), as the tools that
/// people use have it: a doubly linked list of calls and returns, a bit set of the operations done, and a cache of
/// (set, state).
///
/// Written as well as the algorithm allows, as a fair baseline: everything in flat arrays, the hash of the set kept up to
/// date by exclusive or of one random word an operation (Zobrist, 1970), no allocation but the growth of the cache.
struct TextbookSearch {
  enum Outcome { case valid, invalid, outOfTime, outOfMemory }

  private struct Call {
    /// 0 read, 1 write, 2 compare-and-set.
    var kind: UInt8
    var first: Int64
    var second: Int64
    var isRequired: Bool
  }

  /// The register before anything was written.
  private static let nothing = Int64.min

  private var calls: [Call] = []
  // The list, by entry; entry 0 is its head. A call has the place of its return in `match`, a return has 0.
  private var owner: [Int32] = [0]
  private var next: [Int32] = [0]
  private var previous: [Int32] = [0]
  private var match: [Int32] = [0]
  private var isCall: [Bool] = [true]
  private var cache: StateCache

  /// Bytes of the cache, at most, and now.
  let bytesMax: Int
  var bytes: Int { cache.bytes }

  /// - Parameter positions: the operations of one register.
  init(_ operations: Operations, _ positions: some Collection<UInt32>, bytesMax: Int) {
    self.bytesMax = bytesMax
    cache = StateCache(operations: 0)
    var events: [(index: Int, call: Int32, isReturn: Bool)] = []
    for position in positions {
      let outcome = operations.outcome(Int(position))
      let call = Self.call(operations[Int(position)], outcome)
      if outcome == .fail || (!call.isRequired && call.kind == 0) { continue }
      let id = Int32(calls.count)
      calls.append(call)
      events.append((Int(operations.invocations[Int(position)]), id, false))
      if call.isRequired, let completion = operations.completion(Int(position)) {
        events.append((completion, id, true))
      }
    }
    events.sort { $0.index < $1.index }
    var place = [Int32](repeating: 0, count: calls.count)
    for event in events {
      let entry = Int32(owner.count)
      owner.append(event.call)
      next.append(0)
      previous.append(entry - 1)
      match.append(0)
      isCall.append(!event.isReturn)
      next[Int(entry) - 1] = entry
      if event.isReturn { match[Int(place[Int(event.call)])] = entry } else { place[Int(event.call)] = entry }
    }
    cache = StateCache(operations: calls.count)
  }

  private static func call(_ operation: Operation, _ outcome: EventType) -> Call {
    func number(_ value: Value) -> Int64 { value.int ?? nothing }
    let isRequired = outcome == .ok
    switch operation.function {
    case "read", "get": return Call(kind: 0, first: number(operation.output), second: 0, isRequired: isRequired)
    case "write", "put": return Call(kind: 1, first: number(operation.input), second: 0, isRequired: isRequired)
    default:
      let pair = operation.input.keyedPair ?? (.null, .null)
      return Call(kind: 2, first: number(pair.key), second: number(pair.value), isRequired: isRequired)
    }
  }

  mutating func run(until deadline: ContinuousClock.Instant) -> Outcome {
    var state = Self.nothing
    var left = calls.count(where: \.isRequired)
    var stack: [(entry: Int32, state: Int64)] = []
    var entry = next[0]
    var steps = 0
    while left > 0 {
      steps += 1
      if steps & 0xFFFF == 0, ContinuousClock.now > deadline { return .outOfTime }
      let id = owner[Int(entry)]
      if entry != 0, isCall[Int(entry)] {
        if let after = apply(calls[Int(id)], state), cache.insert(adding: Int(id), state: after) {
          if cache.bytes > bytesMax { return .outOfMemory }
          stack.append((entry, state))
          state = after
          if calls[Int(id)].isRequired { left -= 1 }
          lift(entry)
          entry = next[0]
        } else {
          entry = next[Int(entry)]
        }
        continue
      }
      guard let last = stack.popLast() else { return .invalid }
      state = last.state
      let undone = owner[Int(last.entry)]
      cache.remove(Int(undone))
      if calls[Int(undone)].isRequired { left += 1 }
      unlift(last.entry)
      entry = next[Int(last.entry)]
    }
    return .valid
  }

  private func apply(_ call: Call, _ state: Int64) -> Int64? {
    switch call.kind {
    case 0: call.first == state ? state : nil
    case 1: call.first
    default: call.first == state ? call.second : nil
    }
  }

  private mutating func lift(_ call: Int32) {
    unlink(call)
    if match[Int(call)] != 0 { unlink(match[Int(call)]) }
  }

  private mutating func unlift(_ call: Int32) {
    if match[Int(call)] != 0 { link(match[Int(call)]) }
    link(call)
  }

  private mutating func unlink(_ entry: Int32) {
    next[Int(previous[Int(entry)])] = next[Int(entry)]
    if next[Int(entry)] != 0 { previous[Int(next[Int(entry)])] = previous[Int(entry)] }
  }

  private mutating func link(_ entry: Int32) {
    next[Int(previous[Int(entry)])] = entry
    if next[Int(entry)] != 0 { previous[Int(next[Int(entry)])] = entry }
  }
}

/// The pairs of a set of operations and a state that were met, and the set that grows and shrinks.
private struct StateCache {
  private let words: Int
  private var stride: Int { words + 2 }
  private var done: [UInt64]
  private let keys: [UInt64]
  private var hash: UInt64 = 0
  /// By entry: the set, the state, and the hash of both.
  private var rows: [UInt64] = []
  private var count = 0
  /// Open addressing: entry plus one, or 0, with the upper half of its hash.
  private var table: [UInt64]

  init(operations: Int) {
    words = (operations + 63) / 64
    done = Array(repeating: 0, count: words)
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    keys = (0..<operations).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    table = Array(repeating: 0, count: 1024)
  }

  var bytes: Int { (rows.capacity + table.capacity) * 8 }

  /// Adds the operation to the set; false (and the set as before) if set and state were met.
  mutating func insert(adding operation: Int, state: Int64) -> Bool {
    toggle(operation)
    if (count + 1) * 2 > table.count { grow() }
    let key = mixed(state)
    var place = Int(key & UInt64(table.count - 1))
    while table[place] != 0 {
      if table[place] >> 32 == key >> 32, isRow(Int(table[place] & 0xFFFF_FFFF) - 1, state) {
        toggle(operation)
        return false
      }
      place = (place + 1) & (table.count - 1)
    }
    rows.append(contentsOf: done)
    rows.append(UInt64(bitPattern: state))
    rows.append(key)
    count += 1
    table[place] = key & ~0xFFFF_FFFF | UInt64(count)
    return true
  }

  mutating func remove(_ operation: Int) { toggle(operation) }

  private mutating func toggle(_ operation: Int) {
    done[operation >> 6] ^= 1 << UInt64(operation & 63)
    hash ^= keys[operation]
  }

  private func mixed(_ state: Int64) -> UInt64 {
    let mixed = (hash ^ UInt64(bitPattern: state) &* 0x9E37_79B9_7F4A_7C15) &* 0xD6E8_FEB8_6659_FD93
    return mixed ^ mixed >> 32
  }

  private func isRow(_ row: Int, _ state: Int64) -> Bool {
    let start = row * stride
    guard rows[start + words] == UInt64(bitPattern: state) else { return false }
    for word in 0..<words where rows[start + word] != done[word] { return false }
    return true
  }

  private mutating func grow() {
    table = Array(repeating: 0, count: table.count * 2)
    for row in 0..<count {
      let key = rows[row * stride + words + 1]
      var place = Int(key & UInt64(table.count - 1))
      while table[place] != 0 { place = (place + 1) & (table.count - 1) }
      table[place] = key & ~0xFFFF_FFFF | UInt64(row + 1)
    }
  }
}
