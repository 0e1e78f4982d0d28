import Glibc

/// The bytes of a file, read into memory.
///
/// Not mapped: a file that another program cuts short while it is mapped ends this process (SIGBUS). Reading from the
/// page cache costs a tenth of what scanning costs.
struct InputFile: ~Copyable {
  /// Bytes that one call of `read` asks for.
  private static let readBytesMax = 64 << 20
  /// Room at first where the size is not known.
  private static let roomBytesMin = 1 << 20
  /// Linux's SEEK_HOLE, which Swift's Glibc does not have.
  private static let seekHole: Int32 = 4

  private var base: UnsafeMutableRawPointer?
  private var room = 0
  private var count = 0

  var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeRawBufferPointer(start: base, count: count).assumingMemoryBound(to: UInt8.self)
  }

  deinit { free(base) }

  /// Reads the descriptor to its end.
  ///
  /// - Parameter isKnown: asked for the first bytes, with more of them as long as it answers no, so that what is no
  ///   history is refused before all of it is read; its second argument is true where no more come.
  /// - Throws: where the descriptor cannot be read, gives more bytes than the limit, or is a file with holes.
  init(
    reading descriptor: Int32, bytesMax: Int,
    isKnown: (UnsafeBufferPointer<UInt8>, _ isAll: Bool) throws(HistoryFileError) -> Bool
  ) throws(HistoryFileError) {
    let status = try Self.status(descriptor)
    try Self.requireContent(status, descriptor, bytesMax)
    // One byte more than the file has, to see its end without growing.
    let isFile = status.st_mode & S_IFMT == S_IFREG
    try reserve(isFile ? max(Int(status.st_size) + 1, Self.roomBytesMin) : Self.roomBytesMin)
    var asked = [HistoryFormat.detectionBytesMax, HistoryFormat.logDetectionBytesMax][...]
    while true {
      if count == room { try reserve(min(room * 2, bytesMax + 1)) }
      let wanted = min(room, asked.first ?? .max) - count
      let got = try Self.read(descriptor, base, at: count, min(wanted, Self.readBytesMax), waits: !isFile)
      count += got
      guard count <= bytesMax else { throw Self.tooLarge("more than \(bytesMax) bytes", bytesMax) }
      if let threshold = asked.first, got == 0 || count >= threshold {
        if try isKnown(bytes, got == 0) { asked = [] } else { asked.removeFirst() }
      }
      if got == 0 { return }
    }
  }

  private mutating func reserve(_ bytes: Int) throws(HistoryFileError) {
    guard let grown = realloc(base, bytes) else { throw Self.failure("does not fit into memory (\(bytes) bytes)") }
    (base, room) = (grown, bytes)
  }

  /// - Parameter waits: the descriptor may have nothing yet, and may be one that does not wait by itself.
  private static func read(
    _ descriptor: Int32, _ base: UnsafeMutableRawPointer?, at offset: Int, _ count: Int, waits: Bool
  ) throws(HistoryFileError) -> Int {
    while true {
      if waits {
        // A named pipe that nobody has opened for writing yet would read as empty.
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&wanted, 1, -1) < 0, errno != EINTR { throw failure("cannot be read") }
      }
      let got = Glibc.read(descriptor, base.map { $0 + offset }, count)
      if got >= 0 { return got }
      if errno != EINTR, errno != EAGAIN { throw failure("cannot be read") }
    }
  }

  /// Refuses what would be read for nothing: a directory, too large a file, and one with blocks that were never written,
  /// which read as NUL bytes and can be larger than any memory.
  private static func requireContent(
    _ status: stat, _ descriptor: Int32, _ bytesMax: Int
  ) throws(HistoryFileError) {
    guard status.st_mode & S_IFMT != S_IFDIR else { throw HistoryFileError("a directory; expected a file") }
    guard status.st_mode & S_IFMT == S_IFREG else { return }
    guard status.st_size <= bytesMax else { throw tooLarge("\(status.st_size) bytes", bytesMax) }
    let here = lseek(descriptor, 0, SEEK_CUR)
    let hole = lseek(descriptor, here, seekHole)
    _ = lseek(descriptor, here, SEEK_SET)
    guard hole < 0 || hole >= status.st_size else {
      throw HistoryFileError("a hole begins at byte \(hole + 1): from there on, nothing was written for a while")
    }
  }

  /// Refuses paths of devices and sockets, which could go on for ever.
  static func requireReadable(_ descriptor: Int32) throws(HistoryFileError) {
    let status = try status(descriptor)
    guard [S_IFREG, S_IFIFO].contains(status.st_mode & S_IFMT) else {
      throw HistoryFileError("\(kind(status)); expected a file, or its contents on standard input")
    }
  }

  private static func status(_ descriptor: Int32) throws(HistoryFileError) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("cannot be looked at") }
    return status
  }

  static func isDirectory(_ descriptor: Int32) throws(HistoryFileError) -> Bool {
    try status(descriptor).st_mode & S_IFMT == S_IFDIR
  }

  /// Opens for reading, without waiting for a writer where this is a pipe: reading waits.
  static func open(_ path: String) throws(HistoryFileError) -> Int32 {
    guard !path.utf8.contains(0) else { throw HistoryFileError("a path cannot hold a NUL byte") }
    let descriptor = Glibc.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("cannot be opened") }
    return descriptor
  }

  private static func failure(_ what: String) -> HistoryFileError {
    HistoryFileError("\(what): \(String(cString: strerror(errno)))")
  }

  private static func tooLarge(_ size: String, _ bytesMax: Int) -> HistoryFileError {
    HistoryFileError("\(size), more than the limit of \(bytesMax) bytes: split the history")
  }

  private static func kind(_ status: stat) -> String {
    switch status.st_mode & S_IFMT {
    case S_IFDIR: "a directory"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "not a regular file"
    }
  }
}
