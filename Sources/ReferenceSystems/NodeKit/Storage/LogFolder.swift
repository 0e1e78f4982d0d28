/// Where a log's file takes the place of another. Tests put a recorder in its place.
protocol LogFolder: Sendable {
  /// An empty file beside the log's, under another name.
  func makeNext() throws -> any LogFile
  /// Gives that file the log's name, in the place of the file that has it, once and for all: when it returns, a crash of the
  /// machine leaves the new file.
  func publishNext() throws
}

/// `wal` in a directory, and `wal.new` while the next file is being written. A crash leaves one of three things: the old file
/// alone, the old file and a part of the new one, or the new file. The name `wal` has always one whole log, from the first start
/// on: so a directory that has anything that was written later, but no `wal`, has lost it.
struct POSIXLogFolder: LogFolder {
  let directory: String
  var path: String { directory + "/wal" }
  private var nextPath: String { directory + "/wal.new" }

  /// Opens or creates the log's file.
  /// - Parameter witness: a file that is written when there is a log, and that is there; nil if there is none.
  /// - Throws: ``LogMissing`` when there is a witness, but no log; ``FileError``.
  func open(witness: String?) throws -> POSIXFile {
    if let witness, try !POSIXFile.exists(path) { throw LogMissing(path: path, bytes: nil, witness: witness) }
    return try POSIXFile(path: path)
  }

  /// Removes what a crash left of a next file. For whoever holds the lock.
  func removeNext() throws { try POSIXFile.remove(nextPath) }

  func makeNext() throws -> any LogFile {
    try POSIXFile.remove(nextPath)
    return try POSIXFile(path: nextPath)
  }

  func publishNext() throws { try POSIXFile.rename(nextPath, to: path) }
}
