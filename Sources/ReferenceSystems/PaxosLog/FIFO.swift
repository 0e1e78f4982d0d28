/// A first-in first-out queue with amortised constant-time operations: an array and the position of its head.
struct FIFO<Element: Sendable>: Sendable {
  private var storage: [Element] = []
  private var head = 0

  var count: Int { storage.count - head }
  var isEmpty: Bool { head == storage.count }
  var first: Element? { isEmpty ? nil : storage[head] }
  /// Oldest first.
  var elements: ArraySlice<Element> { storage[head...] }

  /// The element at this distance from the oldest.
  subscript(position: Int) -> Element {
    get { storage[head + position] }
    set { storage[head + position] = newValue }
  }

  /// The distance from the oldest of the first element that satisfies a condition.
  func firstIndex(where condition: (Element) -> Bool) -> Int? {
    elements.firstIndex(where: condition).map { $0 - head }
  }

  mutating func append(_ element: Element) { storage.append(element) }

  /// Removes and returns the oldest element; nil when there is none. The space of removed elements is given back once
  /// it is more than half of the storage.
  @discardableResult
  mutating func popFirst() -> Element? {
    guard head < storage.count else { return nil }
    let element = storage[head]
    head += 1
    if head == storage.count {
      storage.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 64, head * 2 > storage.count {
      storage.removeFirst(head)
      head = 0
    }
    return element
  }

  /// Removes everything and returns it, oldest first.
  mutating func drain() -> [Element] {
    defer {
      storage = []
      head = 0
    }
    return Array(elements)
  }
}
