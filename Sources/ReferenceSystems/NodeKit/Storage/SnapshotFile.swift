/// One value in a file, such as the latest snapshot of a state machine. A new value is written under another name, and takes
/// the place of the old one when it is on disk: a crash leaves the old one or the new one, whole. Its contents say by
/// themselves whether they are damaged; this does not look into them.
public struct SnapshotFile: Sendable {
  /// Where the value is.
  public let path: String
  private var nextPath: String { path + ".new" }

  /// The file `name` in `directory`, which need not exist before the first ``write(_:)``.
  public init(directory: String, name: String = "snapshot") { path = directory + "/" + name }

  /// Whether there is a value.
  /// - Throws: ``FileError``.
  func exists() throws -> Bool { try POSIXFile.exists(path) }

  /// What the file holds; nil when there is none.
  /// - Throws: ``FileError``.
  public func read() throws -> [UInt8]? {
    guard try exists() else { return nil }
    let file = try POSIXFile(path: path)
    return try file.read(count: try file.size(), at: 0)
  }

  /// Puts a value in the place of the one before. It returns when a crash of the machine would leave the new one. One at a
  /// time.
  /// - Throws: ``FileError``; the old value is still there, unless the very last step failed, the sync of the directory.
  public func write(_ bytes: [UInt8]) throws {
    try POSIXFile.remove(nextPath)
    let next = try POSIXFile(path: nextPath)
    try next.write(bytes, at: 0)
    try next.sync()
    try POSIXFile.rename(nextPath, to: path)
  }
}
