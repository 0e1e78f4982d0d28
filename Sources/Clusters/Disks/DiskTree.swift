import CLinux
import Glibc

/// The files beneath a layer, read and damaged past it by plain system calls.
struct DiskTree {
  /// Files that are listed; a data directory with more is damaged in these alone.
  static let filesMax = 10_000
  /// Directories within directories.
  static let depthMax = 16

  let root: String

  /// Regular files that are not empty, in order of their paths, without those of the harness.
  func files() -> [DiskFile] {
    var found: [DiskFile] = []
    collect("", depth: 0, into: &found)
    return found.sorted { $0.path < $1.path }
  }

  private func collect(_ directory: String, depth: Int, into found: inout [DiskFile]) {
    guard depth < Self.depthMax else { return }
    for name in SmallFile.names(in: "\(root)/\(directory)") ?? [] where found.count < Self.filesMax {
      let path = directory.isEmpty ? name : "\(directory)/\(name)"
      if path.hasPrefix(DiskCommand.ownPrefix) { continue }
      var info = stat()
      guard lstat("\(root)/\(path)", &info) == 0 else { continue }
      switch info.st_mode & S_IFMT {
      case S_IFDIR: collect(path, depth: depth + 1, into: &found)
      case S_IFREG where info.st_size > 0: found.append(DiskFile(path: path, size: Int(info.st_size)))
      default: break
      }
    }
  }

  /// FNV-1a (Fowler, Noll and Vo) of the content: one flipped bit always changes it.
  func digest(_ path: String) throws -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    try withFile(path, O_RDONLY) { descriptor in
      var chunk = [UInt8](repeating: 0, count: 64 << 10)
      while case let count = read(descriptor, &chunk, chunk.count), count > 0 {
        for byte in chunk[..<count] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      }
    }
    return hash
  }

  func flip(_ path: String, _ bits: [DiskBit]) throws {
    try withFile(path, O_RDWR) { descriptor in
      for bit in bits {
        var byte: UInt8 = 0
        guard pread(descriptor, &byte, 1, bit.offset) == 1 else { throw failure("read \(path)") }
        byte ^= 1 << UInt8(bit.bit & 7)
        guard pwrite(descriptor, &byte, 1, bit.offset) == 1 else { throw failure("write \(path)") }
      }
    }
  }

  func cut(_ path: String, to size: Int) throws {
    try withFile(path, O_RDWR) { descriptor in
      guard ftruncate(descriptor, size) == 0 else { throw failure("truncate \(path)") }
    }
  }

  /// Bytes with this value within a range of a file; 0 where there is no such file.
  func count(of value: UInt8, in range: Range<Int>, of path: String) -> Int {
    var bytes = [UInt8](repeating: ~value, count: range.count)
    try? withFile(path, O_RDONLY) { _ = pread($0, &bytes, bytes.count, range.lowerBound) }
    return bytes.count { $0 == value }
  }

  private func withFile(_ path: String, _ flags: Int32, _ body: (Int32) throws -> Void) throws {
    let descriptor = fl_open("\(root)/\(path)", flags | O_NOFOLLOW, 0)
    guard descriptor >= 0 else { throw failure("open \(path)") }
    defer { close(descriptor) }
    try body(descriptor)
  }

  private func failure(_ call: String) -> ClusterError { .system("\(call) beneath the layer", errno: errno) }
}
