import CLinux
import Glibc

/// Contents of regular files.
extension FuseHandler {
  func open(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    let file = try backing.open(request.node)
    reply.put(opened(.file(file)))
  }

  /// The kernel's cached pages stay good: nobody else writes the file.
  func opened(_ handle: Handle) -> fuse_open_out {
    var answer = fuse_open_out()
    answer.fh = keep(handle)
    if case .file = handle { answer.open_flags = UInt32(FOPEN_KEEP_CACHE) }
    return answer
  }

  func read(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    let asked = try request.load(fuse_read_in.self)
    let file = try file(asked.fh)
    try FuseError.pass(backing.trouble.before(.read))
    var error: Int32 = 0
    reply.fill(min(Int(asked.size), Self.writeBytesMax)) { start in
      let count = pread(file.descriptor, start, Int(asked.size), Int(asked.offset))
      if count < 0 { error = errno }
      return max(0, count)
    }
    try FuseError.pass(error)
  }

  func write(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    let asked = try request.load(fuse_write_in.self)
    let file = try file(asked.fh)
    let bytes = try request.bytes(after: MemoryLayout<fuse_write_in>.size, count: Int(asked.size))
    try FuseError.pass(backing.trouble.before(.write))
    try FuseError.pass(file.write(bytes, at: Int(asked.offset), mayGrow: backing.trouble.room))
    backing.limit(file)
    // Of a file opened with O_SYNC or O_DSYNC: durable before the writer goes on.
    if asked.flags & UInt32(O_DSYNC) != 0 { try sync(file, dataOnly: true) }
    var answer = fuse_write_out()
    answer.size = asked.size
    reply.put(answer)
  }

  func sync(_ request: FuseRequest) throws(FuseError) {
    let asked = try request.load(fuse_fsync_in.self)
    try sync(try file(asked.fh), dataOnly: asked.fsync_flags & UInt32(FUSE_FSYNC_FDATASYNC) != 0)
  }

  private func sync(_ file: BackingFile, dataOnly: Bool) throws(FuseError) {
    try FuseError.pass(backing.trouble.before(.sync))
    try FuseError.pass(file.sync(dataOnly: dataOnly))
  }

  func allocate(_ request: FuseRequest) throws(FuseError) {
    let asked = try request.load(fuse_fallocate_in.self)
    let file = try file(asked.fh)
    guard asked.length > 0, asked.length < 1 << 62, asked.offset < 1 << 62 else { throw FuseError(EFBIG) }
    let start = Int(asked.offset)
    try FuseError.pass(
      file.allocate(start..<start + Int(asked.length), mode: Int32(asked.mode), mayGrow: backing.trouble.room))
  }
}
