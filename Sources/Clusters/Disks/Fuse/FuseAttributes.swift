import CLinux
import Glibc

/// What `stat` shows and `chmod`, `chown`, `truncate` and `utimens` change.
extension FuseHandler {
  func getAttributes(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    reply.put(Self.attributes(try status(request.node)))
  }

  /// Of an inode: through its open file, which works when it is unlinked, or else by its path.
  func status(_ number: UInt64) throws(FuseError) -> stat {
    var info = stat()
    if let file = backing.opened(number) {
      try FuseError.check(fstat(file.descriptor, &info))
    } else {
      try backing.withPath(number) { path throws(FuseError) in
        try FuseError.check(fstatat(backing.root, path, &info, AT_SYMLINK_NOFOLLOW))
      }
    }
    return info
  }

  func setAttributes(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    let asked = try request.load(fuse_setattr_in.self)
    func has(_ bit: Int32) -> Bool { asked.valid & UInt32(bit) != 0 }
    if has(FATTR_SIZE) {
      let file = try backing.open(request.node)
      defer { backing.release(file) }
      guard asked.size < 1 << 62 else { throw FuseError(EFBIG) }
      try FuseError.pass(file.truncate(to: Int(asked.size), mayGrow: backing.trouble.room))
      backing.limit(file)
    }
    if has(FATTR_MODE) { try changeMode(request.node, asked.mode) }
    if has(FATTR_UID) || has(FATTR_GID) {
      try changeOwner(request.node, has(FATTR_UID) ? asked.uid : .max, has(FATTR_GID) ? asked.gid : .max)
    }
    if has(FATTR_ATIME) || has(FATTR_MTIME) { try changeTimes(request.node, asked) }
    reply.put(Self.attributes(try status(request.node)))
  }

  private func changeMode(_ number: UInt64, _ mode: UInt32) throws(FuseError) {
    if let file = backing.opened(number) { return try FuseError.check(fchmod(file.descriptor, mode & 0o7777)) }
    try backing.withPath(number) { path throws(FuseError) in
      try FuseError.check(fchmodat(backing.root, path, mode & 0o7777, 0))
    }
  }

  private func changeOwner(_ number: UInt64, _ user: UInt32, _ group: UInt32) throws(FuseError) {
    if let file = backing.opened(number) { return try FuseError.check(fchown(file.descriptor, user, group)) }
    try backing.withPath(number) { path throws(FuseError) in
      try FuseError.check(fchownat(backing.root, path, user, group, AT_SYMLINK_NOFOLLOW))
    }
  }

  private func changeTimes(_ number: UInt64, _ asked: fuse_setattr_in) throws(FuseError) {
    func time(_ set: Int32, _ now: Int32, _ seconds: UInt64, _ nanoseconds: UInt32) -> timespec {
      guard asked.valid & UInt32(set) != 0 else { return timespec(tv_sec: 0, tv_nsec: Int(FL_TIME_OMIT)) }
      guard asked.valid & UInt32(now) == 0 else { return timespec(tv_sec: 0, tv_nsec: Int(FL_TIME_NOW)) }
      return timespec(tv_sec: Int(truncatingIfNeeded: seconds), tv_nsec: Int(nanoseconds))
    }
    let times = [
      time(FATTR_ATIME, FATTR_ATIME_NOW, asked.atime, asked.atimensec),
      time(FATTR_MTIME, FATTR_MTIME_NOW, asked.mtime, asked.mtimensec),
    ]
    if let file = backing.opened(number) { return try FuseError.check(futimens(file.descriptor, times)) }
    try backing.withPath(number) { path throws(FuseError) in
      try FuseError.check(utimensat(backing.root, path, times, AT_SYMLINK_NOFOLLOW))
    }
  }

  func fileSystem(_ reply: inout FuseReply) throws(FuseError) {
    var info = statvfs()
    try FuseError.check(fstatvfs(backing.root, &info))
    var answer = fuse_statfs_out()
    answer.st.blocks = UInt64(info.f_blocks)
    answer.st.bfree = backing.trouble.isFull ? 0 : UInt64(info.f_bfree)
    answer.st.bavail = backing.trouble.isFull ? 0 : UInt64(info.f_bavail)
    answer.st.files = UInt64(info.f_files)
    answer.st.ffree = UInt64(info.f_ffree)
    answer.st.bsize = UInt32(info.f_bsize)
    answer.st.frsize = UInt32(info.f_frsize)
    answer.st.namelen = UInt32(info.f_namemax)
    reply.put(answer)
  }

  static func attributes(_ info: stat) -> fuse_attr_out {
    var answer = fuse_attr_out()
    answer.attr_valid = validSeconds
    answer.attr = attribute(info)
    return answer
  }

  static func attribute(_ info: stat) -> fuse_attr {
    var result = fuse_attr()
    result.ino = UInt64(info.st_ino)
    result.size = UInt64(info.st_size)
    result.blocks = UInt64(info.st_blocks)
    result.atime = UInt64(bitPattern: Int64(info.st_atim.tv_sec))
    result.mtime = UInt64(bitPattern: Int64(info.st_mtim.tv_sec))
    result.ctime = UInt64(bitPattern: Int64(info.st_ctim.tv_sec))
    result.atimensec = UInt32(info.st_atim.tv_nsec)
    result.mtimensec = UInt32(info.st_mtim.tv_nsec)
    result.ctimensec = UInt32(info.st_ctim.tv_nsec)
    result.mode = info.st_mode
    result.nlink = UInt32(info.st_nlink)
    result.uid = info.st_uid
    result.gid = info.st_gid
    result.rdev = UInt32(truncatingIfNeeded: info.st_rdev)
    result.blksize = UInt32(info.st_blksize)
    return result
  }
}
