import CLinux
import Glibc
import Synchronization

/// A regular file beneath the layer, open for all its users at once, with what a power failure would take from it.
final class BackingFile: Sendable {
  private struct State {
    var unsynced = UnsyncedFile()
    var size: Int
  }

  /// One inode of the file system beneath; hard links share it.
  struct Key: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64

    init(_ info: stat) {
      device = UInt64(info.st_dev)
      inode = UInt64(info.st_ino)
    }
  }

  let key: Key
  let descriptor: Int32
  private let state: Mutex<State>

  /// Takes the descriptor over.
  init(descriptor: Int32, info: stat) {
    key = Key(info)
    self.descriptor = descriptor
    state = Mutex(State(size: Int(info.st_size)))
  }

  deinit { close(descriptor) }

  var isDurable: Bool { state.withLock { $0.unsynced.isDurable } }
  var keptBytes: Int { state.withLock { $0.unsynced.keptBytes } }

  /// Everything becomes durable.
  func settle() { state.withLock { $0.unsynced.settle() } }

  /// Returns 0 or an errno.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, mayGrow: () -> Int32) -> Int32 {
    state.withLock { state in
      let range = offset..<offset + bytes.count
      if range.upperBound > state.size {
        let error = mayGrow()
        if error != 0 { return error }
      }
      state.unsynced.willWrite(range, size: state.size, old: read)
      var done = 0
      while done < bytes.count {
        let count = pwrite(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, offset + done)
        if count < 0 && errno == EINTR { continue }
        // The size may have changed by the part that was written.
        guard count > 0 else { return refresh(&state, errno) }
        done += count
      }
      state.size = max(state.size, range.upperBound)
      return 0
    }
  }

  /// Returns 0 or an errno.
  func truncate(to size: Int, mayGrow: () -> Int32) -> Int32 {
    state.withLock { state in
      if size > state.size {
        let error = mayGrow()
        if error != 0 { return error }
      }
      state.unsynced.willChange(min(size, state.size)..<state.size, size: state.size, old: read)
      guard ftruncate(descriptor, size) == 0 else { return refresh(&state, errno) }
      state.size = size
      return 0
    }
  }

  /// fallocate(2): makes room, or a hole, or zeroes. Returns 0 or an errno.
  func allocate(_ range: Range<Int>, mode: Int32, mayGrow: () -> Int32) -> Int32 {
    state.withLock { state in
      let known = Int32(FL_ALLOCATE_KEEP_SIZE | FL_ALLOCATE_PUNCH_HOLE | FL_ALLOCATE_ZERO_RANGE)
      guard mode & ~known == 0 else { return EOPNOTSUPP }
      if range.upperBound > state.size {
        let error = mayGrow()
        if error != 0 { return error }
      }
      let clears = mode & Int32(FL_ALLOCATE_PUNCH_HOLE | FL_ALLOCATE_ZERO_RANGE) != 0
      state.unsynced.willChange(clears ? range : range.lowerBound..<range.lowerBound, size: state.size, old: read)
      return refresh(&state, fl_allocate(descriptor, mode, range.lowerBound, range.count))
    }
  }

  /// Makes all writes durable that ended before the call. Returns 0 or an errno.
  func sync(dataOnly: Bool) -> Int32 {
    let serial = state.withLock { $0.unsynced.syncBegins() }
    guard (dataOnly ? fdatasync(descriptor) : fsync(descriptor)) == 0 else { return errno }
    state.withLock { $0.unsynced.syncEnded(serial) }
    return 0
  }

  /// Goes back to what is durable, plus what survives of the last write. Nil where nothing was to be lost.
  func losePower(_ torn: TornWrite?) throws(DiskProblem) -> DiskLoss? {
    try state.withLock { state throws(DiskProblem) in
      let sizeBefore = state.size
      let survivors = (state.unsynced.lastWrite.flatMap { torn?.survivors(of: $0) } ?? []).map { ($0, read($0)) }
      guard let durable = state.unsynced.takeBack() else { return nil }
      let survivingBytes = survivors.reduce(0) { $0 + $1.1.count }
      var lostBytes = max(0, sizeBefore - durable.size) - survivingBytes
      var complete = ftruncate(descriptor, durable.size) == 0
      for write in durable.writes {
        let latest = read(write.offset..<write.offset + write.bytes.count)
        lostBytes += write.bytes.count - zip(latest, write.bytes).count { $0 == $1 }
        complete = complete && put(write.bytes, at: write.offset)
      }
      for (range, bytes) in survivors { complete = complete && put(bytes, at: range.lowerBound) }
      let error = refresh(&state, complete ? 0 : errno)
      guard error == 0 else { throw DiskProblem("taking back what was not synced", error) }
      return DiskLoss(
        path: "", lostBytes: max(0, lostBytes), survivingBytes: survivingBytes, sizeBefore: sizeBefore,
        sizeAfter: state.size)
    }
  }

  private func put(_ bytes: [UInt8], at offset: Int) -> Bool {
    pwrite(descriptor, bytes, bytes.count, offset) == bytes.count
  }

  private func read(_ range: Range<Int>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      count = max(0, pread(descriptor, buffer.baseAddress, range.count, range.lowerBound))
    }
  }

  /// The length as the file system has it; passes the errno on.
  private func refresh(_ state: inout State, _ error: Int32) -> Int32 {
    var info = stat()
    if fstat(descriptor, &info) == 0 { state.size = Int(info.st_size) }
    return error
  }
}

/// A call of the disk's server that failed.
struct DiskProblem: Error, Hashable, CustomStringConvertible {
  var call: String
  var errno: Int32

  init(_ call: String, _ errno: Int32) {
    self.call = call
    self.errno = errno
  }

  var description: String { "\(call): \(String(cString: fl_error_name(errno)))" }
}
