/// The configurations between the beginning and where a depth-first search is, each with the next alternative to try.
///
/// Behind a pointer: the search touches it at every step, and an array in a class is checked for overlapping accesses
/// each time.
final class FrameStack {
  private struct Storage {
    var frames: UnsafeMutablePointer<UInt64>
    var count = 0
    var capacity: Int
  }

  private let storage: UnsafeMutablePointer<Storage>

  init() {
    storage = .allocate(capacity: 1)
    storage.initialize(to: Storage(frames: .allocate(capacity: 256), capacity: 256))
  }

  deinit {
    storage.pointee.frames.deallocate()
    storage.deallocate()
  }

  var count: Int { storage.pointee.count }
  /// Bytes allocated.
  var bytes: Int { storage.pointee.capacity * 8 }

  @inline(__always) func row(_ place: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: storage.pointee.frames[place] >> 32)
  }

  /// The number of the next alternative, which is counted; nil if it is not below the limit.
  @inline(__always) func nextCursor(_ place: Int, below end: UInt32) -> UInt32? {
    let cursor = UInt32(truncatingIfNeeded: storage.pointee.frames[place])
    if cursor >= end { return nil }
    storage.pointee.frames[place] += 1
    return cursor
  }

  @inline(__always) func append(_ row: UInt32) {
    if storage.pointee.count == storage.pointee.capacity { grow() }
    storage.pointee.frames[storage.pointee.count] = UInt64(row) << 32
    storage.pointee.count += 1
  }

  func removeLast() { storage.pointee.count -= 1 }

  private func grow() {
    let capacity = storage.pointee.capacity * 2
    let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
    larger.moveInitialize(from: storage.pointee.frames, count: storage.pointee.count)
    storage.pointee.frames.deallocate()
    storage.pointee.frames = larger
    storage.pointee.capacity = capacity
  }
}
