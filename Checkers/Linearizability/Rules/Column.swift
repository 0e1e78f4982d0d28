/// A fixed number of plain values that live as long as one decision: an array without copies, and without bounds checks
/// outside debug builds.
///
/// Rules index columns by value id and by position in the `ObjectHistory`, both dense and made by ourselves.
struct Column<Element: BitwiseCopyable>: ~Copyable {
  let count: Int
  private let storage: UnsafeMutablePointer<Element>

  init(repeating element: Element, count: Int) {
    self.count = count
    storage = .allocate(capacity: max(1, count))
    storage.initialize(repeating: element, count: count)
  }

  deinit { storage.deallocate() }

  @inline(__always) subscript(place: Int) -> Element {
    get {
      assert(place >= 0 && place < count)
      return storage[place]
    }
    nonmutating set {
      assert(place >= 0 && place < count)
      storage[place] = newValue
    }
  }

  @inline(__always) subscript(place: UInt32) -> Element {
    get { self[Int(place)] }
    nonmutating set { self[Int(place)] = newValue }
  }
}
