import CLinux
import Glibc
import Synchronization

/// What a directory held when it was opened, or rewound.
final class DirectoryListing: Sendable {
  struct Entry: Sendable {
    var name: [UInt8]
    var inode: UInt64
    var type: UInt32
  }

  private let entries = Mutex<[Entry]>([])

  func replace(_ list: [Entry]) { entries.withLock { $0 = list } }

  /// Puts the entries from a position on into a reply, as many as fit.
  func put(from position: Int, bytesMax: Int, into reply: inout FuseReply) {
    let rest = entries.withLock { Array($0.dropFirst(position)) }
    var room = min(bytesMax, FuseHandler.writeBytesMax)
    for (index, entry) in rest.enumerated() {
      let bytes = (MemoryLayout<UInt64>.size * 3 + entry.name.count + 7) & ~7
      guard bytes <= room else { return }
      room -= bytes
      reply.put(entry.inode)
      reply.put(UInt64(position + index + 1))
      reply.put(UInt32(entry.name.count))
      reply.put(entry.type)
      reply.put(entry.name)
      reply.put(zeroes: bytes - MemoryLayout<UInt64>.size * 3 - entry.name.count)
    }
  }
}

extension FuseHandler {
  func openDirectory(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    let listing = DirectoryListing()
    listing.replace(try entries(of: request.node))
    reply.put(opened(.listing(listing)))
  }

  func readDirectory(_ request: FuseRequest, _ reply: inout FuseReply) throws(FuseError) {
    let asked = try request.load(fuse_read_in.self)
    let listing = try listing(asked.fh)
    if asked.offset == 0 { listing.replace(try entries(of: request.node)) }
    listing.put(from: Int(asked.offset), bytesMax: Int(asked.size), into: &reply)
  }

  private func entries(of directory: UInt64) throws(FuseError) -> [DirectoryListing.Entry] {
    let descriptor = try backing.withPath(directory) { path in
      openat(backing.root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard descriptor >= 0, let stream = fdopendir(descriptor) else { throw FuseError(errno) }
    defer { closedir(stream) }
    var list: [DirectoryListing.Entry] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: UInt8.self, capacity: 256) { Array(UnsafeBufferPointer(start: $0, count: strlen($0))) }
      }
      if directory == NodeTable.root && name.starts(with: Backing.ownPrefix) { continue }
      list.append(.init(name: name, inode: UInt64(entry.pointee.d_ino), type: UInt32(entry.pointee.d_type)))
    }
    return list
  }

  /// Names are durable at once; the call may fail or wait as any other fsync.
  func syncDirectory(_ request: FuseRequest) throws(FuseError) {
    try FuseError.pass(backing.trouble.before(.sync))
    let descriptor = try backing.withPath(request.node) { path in
      openat(backing.root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard descriptor >= 0 else { throw FuseError(errno) }
    defer { close(descriptor) }
    try FuseError.check(fsync(descriptor))
  }
}
