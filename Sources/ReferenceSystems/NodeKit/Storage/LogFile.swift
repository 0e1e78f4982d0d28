import Glibc

/// A system call failed: which, on what, and why.
public struct FileError: Error, CustomStringConvertible {
  /// The system call, and in words what it was for where its name does not tell.
  public let call: String
  /// What it was called on.
  public let path: String
  /// `errno`.
  public let code: Int32

  /// One line: call, path, and the system's words for the code.
  public var description: String { "\(call) \(path): \(String(cString: strerror(code)))" }
}

/// What ``WriteAheadLog`` needs of a file. Tests put a recorder in its place.
protocol LogFile: Sendable {
  /// Writes all bytes at `offset`.
  func write(_ bytes: [UInt8], at offset: Int) throws
  /// Makes everything written so far durable.
  func sync() throws
}

/// A file opened for reading and writing and locked against other processes. Closed when the last reference goes.
final class POSIXFile: LogFile {
  let path: String
  private let descriptor: Int32

  /// Opens or creates the file; its directory is created if need be. A new name is made durable in its directory.
  init(path: String) throws {
    self.path = path
    let directory = Self.directory(of: path)
    try Self.createDirectory(directory)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(call: "open", path: path, code: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      // Not closed here: every property is set, so throwing runs `deinit`, and a second close could hit a descriptor
      // that another thread has opened meanwhile.
      throw FileError(call: "lock (another process uses this data?)", path: path, code: errno)
    }
    try checkName()
    try Self.syncDirectory(directory)
  }

  /// Another process may have put another file in this one's place between the opening and the locking.
  private func checkName() throws {
    var named = stat()
    var opened = stat()
    guard stat(path, &named) == 0, fstat(descriptor, &opened) == 0, named.st_ino == opened.st_ino,
      named.st_dev == opened.st_dev
    else { throw FileError(call: "lock (another process replaced it just now)", path: path, code: EAGAIN) }
  }

  /// Gives a file another name, in the place of what had that name, and makes that durable.
  static func rename(_ path: String, to newPath: String) throws {
    guard Glibc.rename(path, newPath) == 0 else { throw FileError(call: "rename", path: path, code: errno) }
    try syncDirectory(directory(of: newPath))
  }

  /// Whether there is a file of this name.
  static func exists(_ path: String) throws -> Bool {
    if access(path, F_OK) == 0 { return true }
    guard errno == ENOENT else { throw FileError(call: "access", path: path, code: errno) }
    return false
  }

  /// Removes a file if there is one. Not durable: who finds it again removes it again.
  static func remove(_ path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else { throw FileError(call: "unlink", path: path, code: errno) }
  }

  deinit {
    // A process that another thread has just forked holds the descriptor too, until it runs its own program: closing
    // ours would leave the lock with it.
    _ = flock(descriptor, LOCK_UN)
    Glibc.close(descriptor)
  }

  /// Length in bytes.
  /// - Throws: ``FileError``.
  func size() throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(call: "fstat", path: path, code: errno) }
    return Int(status.st_size)
  }

  /// Up to `count` bytes at `offset`; fewer only at the end of the file.
  func read(count: Int, at offset: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = 0
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
        if got < 0, errno == EINTR { continue }
        guard got >= 0 else { throw FileError(call: "pread", path: path, code: errno) }
        if got == 0 { return }
        filled += got
      }
    }
  }

  /// Writes all bytes, however many calls it takes.
  func write(_ bytes: [UInt8], at offset: Int) throws {
    try bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let count = pwrite(
          descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written, off_t(offset + written))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw FileError(call: "pwrite", path: path, code: errno) }
        written += count
      }
    }
  }

  /// fdatasync: contents and length, but not the times, which recovery does not need.
  func sync() throws {
    guard fdatasync(descriptor) == 0 else { throw FileError(call: "fdatasync", path: path, code: errno) }
  }

  /// Cuts the file; durable after ``sync()``.
  func truncate(to size: Int) throws {
    guard ftruncate(descriptor, off_t(size)) == 0 else { throw FileError(call: "ftruncate", path: path, code: errno) }
  }

  /// The path without its last part; "." if it has only one.
  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes the directory and those above it, and makes their names durable.
  private static func createDirectory(_ path: String) throws {
    if try makeDirectory(path) { return }
    let parent = directory(of: path)
    if parent != path { try createDirectory(parent) }
    // The one above is there, or is a link to nothing, or a place such as /proc where nothing can be made.
    guard try makeDirectory(path) else { throw FileError(call: "mkdir", path: path, code: ENOENT) }
  }

  /// Makes one directory, and its name durable; false if the one above it is missing.
  private static func makeDirectory(_ path: String) throws -> Bool {
    if mkdir(path, 0o755) == 0 {
      try syncDirectory(directory(of: path))
      return true
    }
    switch errno {
    case EEXIST: return true
    case ENOENT: return false
    default: throw FileError(call: "mkdir", path: path, code: errno)
    }
  }

  /// A file's name survives a crash only when its directory was synced.
  private static func syncDirectory(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(call: "open", path: path, code: errno) }
    defer { Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(call: "fsync", path: path, code: errno) }
  }
}
