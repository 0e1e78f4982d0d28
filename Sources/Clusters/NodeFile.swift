import CLinux
import Glibc

/// A file that a node finds before its processes start for the first time.
public struct NodeFile: Hashable, Sendable {
  /// Absolute.
  public var path: String
  public var content: String
  /// Permission bits.
  public var mode: UInt32
  /// Nil: the controller's user.
  public var owner: ProcessUser?

  public init(path: String, content: String, mode: UInt32, owner: ProcessUser?) {
    self.path = path
    self.content = content
    self.mode = mode
    self.owner = owner
  }

  /// Creates it, and the folders above it, which belong to its owner too.
  func write() throws {
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      for folder in try SmallFile.createDirectories(String(path[..<slash])) { try Self.give(folder, to: owner) }
    }
    try SmallFile.create(path, text: content)
    guard chmod(path, mode) == 0 else { throw ClusterError.system("setting the mode of \(path)", errno: errno) }
    try Self.give(path, to: owner)
  }

  /// Makes a file or folder somebody's.
  static func give(_ path: String, to user: ProcessUser?) throws {
    guard let user else { return }
    guard chown(path, user.id, user.group) == 0 else {
      throw ClusterError.system("giving \(path) to user \(user.id)", errno: errno)
    }
  }
}
