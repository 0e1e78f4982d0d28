import CLinux
import Glibc

/// Names: looking them up, making, moving and removing them.
extension FuseHandler {
  func lookUp(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    reply.put(try entry(of: request.name().0, in: request.node))
  }

  /// Tells the kernel of the inode behind a name.
  private func entry(of name: FileName, in directory: UInt64) throws(FuseError) -> fuse_entry_out {
    try backing.withTable { table throws(FuseError) in
      guard let path = table.path(directory) else { throw FuseError(ENOENT) }
      var info = stat()
      try FuseError.check(
        path.appending(name).withCString { fstatat(backing.root, $0, &info, AT_SYMLINK_NOFOLLOW) })
      var answer = fuse_entry_out()
      answer.nodeid = table.remember(NodeTable.Name(directory: directory, name: name), BackingFile.Key(info))
      answer.entry_valid = Self.validSeconds
      answer.attr_valid = Self.validSeconds
      answer.attr = Self.attribute(info)
      return answer
    }
  }

  /// Makes a name by a call that returns -1 with `errno` set; gives it to the one who asked.
  private func make(
    _ name: FileName, _ request: FuseRequest, _ call: (UnsafePointer<CChar>) -> Int32
  ) throws(FuseError) {
    try FuseError.pass(backing.trouble.room())
    let header = request.header
    try backing.withTable { table throws(FuseError) in
      guard let path = table.path(header.nodeid)?.appending(name) else { throw FuseError(ENOENT) }
      try FuseError.check(path.withCString(call))
      if header.uid != 0 || header.gid != 0 {
        _ = path.withCString { fchownat(backing.root, $0, header.uid, header.gid, AT_SYMLINK_NOFOLLOW) }
      }
    }
  }

  func create(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    let asked = try request.load(fuse_create_in.self)
    let name = try request.name(at: MemoryLayout<fuse_create_in>.size).0
    try make(name, request) { path in
      let descriptor = openat(
        backing.root, path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | Int32(asked.flags) & O_EXCL,
        asked.mode & 0o7777)
      if descriptor >= 0 { close(descriptor) }
      return descriptor
    }
    let entry = try entry(of: name, in: request.node)
    let file = try backing.open(entry.nodeid)
    reply.put(entry)
    reply.put(opened(.file(file)))
  }

  func makeNode(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    let asked = try request.load(fuse_mknod_in.self)
    let name = try request.name(at: MemoryLayout<fuse_mknod_in>.size).0
    try make(name, request) { mknodat(backing.root, $0, asked.mode, dev_t(asked.rdev)) }
    reply.put(try entry(of: name, in: request.node))
  }

  func makeDirectory(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    let asked = try request.load(fuse_mkdir_in.self)
    let name = try request.name(at: MemoryLayout<fuse_mkdir_in>.size).0
    try make(name, request) { mkdirat(backing.root, $0, asked.mode & 0o7777) }
    reply.put(try entry(of: name, in: request.node))
  }

  func makeSymbolicLink(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    let (name, end) = try request.name()
    let target = BackingPath().appending(try request.name(at: end).0)
    try make(name, request) { path in target.withCString { symlinkat($0, backing.root, path) } }
    reply.put(try entry(of: name, in: request.node))
  }

  func makeLink(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    let old = try request.load(fuse_link_in.self).oldnodeid
    let name = try request.name(at: MemoryLayout<fuse_link_in>.size).0
    try FuseError.pass(backing.trouble.room())
    try backing.withTable { table throws(FuseError) in
      guard let from = table.path(old), let to = table.path(request.node)?.appending(name) else {
        throw FuseError(ENOENT)
      }
      try FuseError.check(
        from.withCString { source in to.withCString { linkat(backing.root, source, backing.root, $0, 0) } })
    }
    reply.put(try entry(of: name, in: request.node))
  }

  func readLink(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    try backing.withPath(request.node) { path throws(FuseError) in
      let count = readlinkat(backing.root, path, &target, target.count)
      guard count >= 0 else { throw FuseError(errno) }
      target.removeLast(target.count - count)
    }
    reply.put(target)
  }

  func remove(_ request: FuseRequest, flags: Int32) throws(FuseError) {
    let name = try request.name().0
    try backing.withTable { table throws(FuseError) in
      guard let path = table.path(request.node)?.appending(name) else { throw FuseError(ENOENT) }
      try FuseError.check(path.withCString { unlinkat(backing.root, $0, flags) })
      table.remove(NodeTable.Name(directory: request.node, name: name))
    }
  }

  func rename(_ request: FuseRequest, _ fixedBytes: Int, flags: UInt32) throws(FuseError) {
    // Both forms of the request begin with the new directory.
    let directory = try request.load(fuse_rename_in.self).newdir
    let (old, end) = try request.name(at: fixedBytes)
    let new = try request.name(at: end).0
    try backing.withTable { table throws(FuseError) in
      guard let from = table.path(request.node)?.appending(old), let to = table.path(directory)?.appending(new) else {
        throw FuseError(ENOENT)
      }
      try FuseError.check(
        from.withCString { source in
          to.withCString { fl_rename(backing.root, source, backing.root, $0, flags) }
        })
      table.rename(
        NodeTable.Name(directory: request.node, name: old), to: NodeTable.Name(directory: directory, name: new),
        exchanges: flags & UInt32(FL_RENAME_EXCHANGE) != 0)
    }
  }
}
