import ProtocolKit
import Glibc
import PaxosLog

/// A system call on the snapshot's file failed: which, on what, and why.
struct SnapshotFileError: Error, CustomStringConvertible {
  let call: String
  let path: String
  /// `errno`.
  let code: Int32
  var description: String { "\(call) \(path): \(String(cString: strerror(code)))" }
}

/// The snapshot's file does not hold what was written. Starting without it would forget what this node promised.
struct SnapshotDamaged: Error, CustomStringConvertible {
  let path: String
  let reason: MalformedBytes
  var description: String { "the snapshot \(path) is damaged (\(reason)); put another copy of it in its place" }
}

/// The latest snapshot in a file beside the write-ahead log. A new one is written under another name and renamed when it
/// is on disk, so that a crash leaves the old one or the new one, whole.
struct SnapshotFile: Sendable {
  private let directory: String
  private var path: String { directory + "/snapshot" }
  private var temporaryPath: String { directory + "/snapshot.new" }

  init(directory: String) { self.directory = directory }

  /// What the file holds; nil when there is none.
  /// - Throws: ``SnapshotFileError``, and ``SnapshotDamaged``.
  func read() throws -> Snapshot? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw SnapshotFileError(call: "open", path: path, code: errno)
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Glibc.read(descriptor, &part, part.count)
      guard count >= 0 else { throw SnapshotFileError(call: "read", path: path, code: errno) }
      if count == 0 { return try decoded(bytes) }
      bytes += part[..<count]
    }
  }

  private func decoded(_ bytes: [UInt8]) throws -> Snapshot {
    do {
      return try Snapshot(decoding: bytes)
    } catch let reason as MalformedBytes {
      throw SnapshotDamaged(path: path, reason: reason)
    }
  }

  /// Puts a snapshot in the place of the one before. Returns when it would survive a crash of the machine.
  /// - Throws: ``SnapshotFileError``.
  func write(_ snapshot: Snapshot) throws {
    let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SnapshotFileError(call: "open", path: temporaryPath, code: errno) }
    defer { close(descriptor) }
    try snapshot.bytes.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
        guard count >= 0 else { throw SnapshotFileError(call: "write", path: temporaryPath, code: errno) }
        written += count
      }
    }
    guard fsync(descriptor) == 0 else { throw SnapshotFileError(call: "fsync", path: temporaryPath, code: errno) }
    guard rename(temporaryPath, path) == 0 else {
      throw SnapshotFileError(call: "rename", path: temporaryPath, code: errno)
    }
    try syncDirectory()
  }

  /// The name is durable only when the directory is.
  private func syncDirectory() throws {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SnapshotFileError(call: "open", path: directory, code: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw SnapshotFileError(call: "fsync", path: directory, code: errno) }
  }
}
