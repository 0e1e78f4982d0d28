/// A binary heap of integers, the smallest first.
struct MinHeap {
  private var keys: [UInt64] = []

  var min: UInt64? { keys.first }

  mutating func reserveCapacity(_ count: Int) { keys.reserveCapacity(count) }

  mutating func push(_ key: UInt64) {
    keys.append(key)
    keys.withUnsafeMutableBufferPointer { keys in
      var place = keys.count - 1
      while place > 0, keys[(place - 1) / 2] > key {
        keys[place] = keys[(place - 1) / 2]
        place = (place - 1) / 2
      }
      keys[place] = key
    }
  }

  mutating func pop() -> UInt64? {
    guard let last = keys.popLast() else { return nil }
    if keys.isEmpty { return last }
    return keys.withUnsafeMutableBufferPointer { keys in
      let result = keys[0]
      var place = 0
      while true {
        var child = 2 * place + 1
        if child >= keys.count { break }
        if child + 1 < keys.count, keys[child + 1] < keys[child] { child += 1 }
        if keys[child] >= last { break }
        keys[place] = keys[child]
        place = child
      }
      keys[place] = last
      return result
    }
  }
}
