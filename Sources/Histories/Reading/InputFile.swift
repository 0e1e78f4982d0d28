import Glibc

/// The bytes of a file: mapped, or read into memory where there is nothing to map.
///
/// A file that another program cuts short while it is mapped ends this process (SIGBUS), as with every mapped file.
struct InputFile: ~Copyable {
  /// Bytes that one call of `read` asks for.
  private static let readBytesMax = 1 << 20

  private let storage: UnsafeMutableRawBufferPointer
  private let isMapped: Bool
  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(storage.assumingMemoryBound(to: UInt8.self)) }

  deinit {
    if isMapped { munmap(storage.baseAddress, storage.count) } else { storage.deallocate() }
  }

  private init(mapping descriptor: Int32, size: Int) throws(HistoryFileError) {
    guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
      throw Self.failure("cannot be mapped")
    }
    _ = madvise(address, size, MADV_SEQUENTIAL)
    storage = UnsafeMutableRawBufferPointer(start: address, count: size)
    isMapped = true
  }

  private init(copying bytes: [UInt8]) {
    storage = .allocate(byteCount: bytes.count, alignment: 1)
    storage.copyBytes(from: bytes)
    isMapped = false
  }

  /// Maps the regular file behind the descriptor.
  ///
  /// - Throws: where it is none, or larger than the limit.
  static func map(_ descriptor: Int32, bytesMax: Int) throws(HistoryFileError) -> InputFile {
    let status = try status(descriptor)
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw HistoryFileError("\(kind(status)); expected a file, or its contents on standard input")
    }
    guard status.st_size <= bytesMax else { throw tooLarge("\(status.st_size) bytes", bytesMax) }
    guard status.st_size > 0 else { return InputFile(copying: []) }
    return try InputFile(mapping: descriptor, size: Int(status.st_size))
  }

  /// Reads the descriptor to its end; a regular file from its start is mapped.
  ///
  /// - Parameter accepts: asked once for the first bytes, so that what is no history is refused before all is read.
  static func read(
    _ descriptor: Int32, bytesMax: Int, accepts: (UnsafeBufferPointer<UInt8>) throws(HistoryFileError) -> Void
  ) throws(HistoryFileError) -> InputFile {
    let status = try status(descriptor)
    if status.st_mode & S_IFMT == S_IFREG, lseek(descriptor, 0, SEEK_CUR) == 0 {
      return try map(descriptor, bytesMax: bytesMax)
    }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw HistoryFileError("a directory; expected a file") }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: readBytesMax)
    var isAccepted = false
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("cannot be read") }
      bytes.append(contentsOf: chunk[..<count])
      guard bytes.count <= bytesMax else { throw tooLarge("more than \(bytesMax) bytes", bytesMax) }
      if !isAccepted, bytes.count >= HistoryFormat.detectionBytesMax || count == 0 {
        isAccepted = true
        try bytes.withUnsafeBufferPointer(accepts)
      }
      if count == 0 { return InputFile(copying: bytes) }
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

  /// Opens for reading, without waiting for a writer where this is a pipe.
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
    HistoryFileError("\(size), more than the limit of \(bytesMax) bytes: split the history, or raise the limit")
  }

  private static func kind(_ status: stat) -> String {
    switch status.st_mode & S_IFMT {
    case S_IFDIR: "a directory"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "not a regular file"
    }
  }
}
