import CLinux
import Glibc
import Synchronization

/// Answers the kernel's requests for one mount: each operation is the same one on the directory beneath.
///
/// Any number of threads may call it at once.
final class FuseHandler: Sendable {
  /// What an open call gave: a regular file, or a directory's listing.
  enum Handle: Sendable {
    case file(BackingFile)
    case listing(DirectoryListing)
  }

  /// Nobody else changes the directory, so the kernel may believe what it was told for this long.
  static let validSeconds: UInt64 = 3600
  /// Most bytes of one write: fewer would make large writes slow.
  static let writeBytesMax = 256 << 10

  let backing: Backing
  private let handles = Mutex<(byNumber: [UInt64: Handle], last: UInt64)>(([:], 0))

  init(_ backing: Backing) { self.backing = backing }

  /// Does what is asked and fills the reply. Nil: the kernel wants no answer.
  func handle(_ request: FuseRequest, _ reply: inout FuseReply) -> Int32? {
    do throws(FuseError) {
      switch fuse_opcode(rawValue: request.header.opcode) {
      case FUSE_FORGET, FUSE_BATCH_FORGET:
        try forget(request)
        return nil
      // A signal to a process that waits: what it waits for ends by itself soon.
      case FUSE_INTERRUPT: return nil
      case FUSE_INIT: try start(request, &reply)
      case FUSE_DESTROY: break
      default: try operate(request, &reply)
      }
      return 0
    } catch {
      return error.errno
    }
  }

  private func operate(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    switch fuse_opcode(rawValue: request.header.opcode) {
    case FUSE_LOOKUP: try lookUp(request, &reply)
    case FUSE_GETATTR: try getAttributes(request, &reply)
    case FUSE_SETATTR: try setAttributes(request, &reply)
    case FUSE_READ: try read(request, &reply)
    case FUSE_WRITE: try write(request, &reply)
    case FUSE_FSYNC: try sync(request)
    case FUSE_OPEN: try open(request, &reply)
    case FUSE_CREATE: try create(request, &reply)
    case FUSE_RELEASE, FUSE_RELEASEDIR: release(try request.load(fuse_release_in.self).fh)
    case FUSE_FALLOCATE: try allocate(request)
    case FUSE_OPENDIR: try openDirectory(request, &reply)
    case FUSE_READDIR: try readDirectory(request, &reply)
    case FUSE_FSYNCDIR: try syncDirectory(request)
    case FUSE_STATFS: try fileSystem(&reply)
    default: try operateOnNames(request, &reply)
    }
  }

  private func operateOnNames(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    switch fuse_opcode(rawValue: request.header.opcode) {
    case FUSE_MKNOD: try makeNode(request, &reply)
    case FUSE_MKDIR: try makeDirectory(request, &reply)
    case FUSE_SYMLINK: try makeSymbolicLink(request, &reply)
    case FUSE_LINK: try makeLink(request, &reply)
    case FUSE_READLINK: try readLink(request, &reply)
    case FUSE_UNLINK: try remove(request, flags: 0)
    case FUSE_RMDIR: try remove(request, flags: Int32(AT_REMOVEDIR))
    case FUSE_RENAME: try rename(request, MemoryLayout<fuse_rename_in>.size, flags: 0)
    case FUSE_RENAME2:
      try rename(request, MemoryLayout<fuse_rename2_in>.size, flags: request.load(fuse_rename2_in.self).flags)
    // The kernel does without: it copies, seeks, locks and checks permissions by itself.
    default: throw FuseError(ENOSYS)
    }
  }

  private func start(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    let asked = try request.load(fuse_init_in.self)
    let wanted = [
      FUSE_ASYNC_READ, FUSE_BIG_WRITES, FUSE_PARALLEL_DIROPS, FUSE_MAX_PAGES, FUSE_CACHE_SYMLINKS,
    ].reduce(UInt32(0)) { $0 | UInt32($1) }
    var answer = fuse_init_out()
    answer.major = UInt32(FUSE_KERNEL_VERSION)
    answer.minor = UInt32(FUSE_KERNEL_MINOR_VERSION)
    answer.max_readahead = asked.max_readahead
    answer.flags = asked.flags & wanted
    answer.max_background = 64
    answer.congestion_threshold = 48
    answer.max_write = UInt32(Self.writeBytesMax)
    answer.max_pages = UInt16(Self.writeBytesMax / 4096)
    answer.time_gran = 1
    reply.put(answer)
  }

  private func forget(_ request: FuseRequest) throws(FuseError) {
    if request.header.opcode == FUSE_FORGET.rawValue {
      let count = try request.load(fuse_forget_in.self).nlookup
      return try backing.withTable { $0.forget(request.node, count) }
    }
    let batch = try request.load(fuse_batch_forget_in.self)
    for index in 0..<Int(batch.count) {
      let offset = MemoryLayout<fuse_batch_forget_in>.size + index * MemoryLayout<fuse_forget_one>.size
      let one = try request.load(fuse_forget_one.self, at: offset)
      try backing.withTable { $0.forget(one.nodeid, one.nlookup) }
    }
  }

  // MARK: - Handles

  func keep(_ handle: Handle) -> UInt64 {
    handles.withLock { handles in
      handles.last += 1
      handles.byNumber[handles.last] = handle
      return handles.last
    }
  }

  func file(_ number: UInt64) throws(FuseError) -> BackingFile {
    guard case .file(let file) = handles.withLock({ $0.byNumber[number] }) else { throw FuseError(EBADF) }
    return file
  }

  func listing(_ number: UInt64) throws(FuseError) -> DirectoryListing {
    guard case .listing(let listing) = handles.withLock({ $0.byNumber[number] }) else { throw FuseError(EBADF) }
    return listing
  }

  private func release(_ number: UInt64) {
    let handle = handles.withLock { $0.byNumber.removeValue(forKey: number) }
    if case .file(let file) = handle { backing.release(file) }
  }
}
