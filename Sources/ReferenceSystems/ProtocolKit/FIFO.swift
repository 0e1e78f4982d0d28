/// A first-in first-out queue with amortised constant-time operations: an array and the position of its head.
@frozen
public struct FIFO<Element: Sendable>: Sendable {
  @usableFromInline var storage: [Element] = []
  @usableFromInline var head = 0

  /// An empty queue.
  @inlinable
  public init() {}

  /// How many elements wait.
  @inlinable
  public var count: Int { storage.count - head }
  /// Whether none waits.
  @inlinable
  public var isEmpty: Bool { head == storage.count }
  /// The oldest; nil when there is none.
  @inlinable
  public var first: Element? { isEmpty ? nil : storage[head] }
  /// Oldest first.
  @inlinable
  public var elements: ArraySlice<Element> { storage[head...] }

  /// The element at this distance from the oldest.
  @inlinable
  public subscript(position: Int) -> Element {
    get { storage[head + position] }
    set { storage[head + position] = newValue }
  }

  /// The distance from the oldest of the first element that satisfies a condition.
  @inlinable
  public func firstIndex(where condition: (Element) -> Bool) -> Int? {
    elements.firstIndex(where: condition).map { $0 - head }
  }

  /// Puts an element behind the others.
  @inlinable
  public mutating func append(_ element: Element) { storage.append(element) }

  /// Removes and returns the oldest element; nil when there is none. The space of removed elements is given back once
  /// it is more than half of the storage.
  @discardableResult
  @inlinable
  public mutating func popFirst() -> Element? {
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
  @inlinable
  public mutating func drain() -> [Element] {
    defer {
      storage = []
      head = 0
    }
    return Array(elements)
  }
}
