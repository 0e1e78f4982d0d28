/// Words of the lists and maps that are open while a text is read.
///
/// It grows as an array does, and is written to for every value of a history: an array would ask at each whether anybody
/// shares it. Whoever makes one deallocates it.
struct WordStack: BitwiseCopyable {
  private var base: UnsafeMutablePointer<UInt64>
  private(set) var count = 0
  private var capacity: Int

  /// - Parameter capacity: words that it holds before it grows; at least 1.
  init(capacity: Int = 256) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  func deallocate() { base.deallocate() }

  @inline(__always)
  mutating func append(_ word: UInt64) {
    if count == capacity { grow() }
    base[count] = word
    count += 1
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * capacity)
    larger.moveInitialize(from: base, count: count)
    base.deallocate()
    base = larger
    capacity *= 2
  }

  /// Drops everything but the first `count` words.
  @inline(__always)
  mutating func cut(to count: Int) {
    precondition(count <= self.count)
    self.count = count
  }

  subscript(place: Int) -> UInt64 {
    get {
      precondition(place >= 0 && place < count)
      return base[place]
    }
    set {
      precondition(place >= 0 && place < count)
      base[place] = newValue
    }
  }

  /// The words from `mark` on, until the stack is written to.
  @inline(__always)
  func words(from mark: Int) -> UnsafeBufferPointer<UInt64> {
    precondition(mark <= count)
    return UnsafeBufferPointer(start: base + mark, count: count - mark)
  }
}
