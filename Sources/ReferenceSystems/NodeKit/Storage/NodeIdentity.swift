/// Whose data a directory holds: which system, and which of its servers. A server that went on with another one's data would
/// break what that one promised, and give its own name to what the other one wrote.
struct NodeIdentity: CustomStringConvertible {
  /// Longer contents of the file are none of ours.
  static let bytesMax = 256

  /// The system's name: `paxos-log`.
  let system: String
  /// The server's number.
  let id: UInt32

  /// As the file has it, and as an operator reads it.
  var description: String { "\(system) node \(id)" }
  private var contents: [UInt8] { Array((description + "\n").utf8) }

  /// Whether this server may use a directory; one without an identity is new, or is older than identities.
  /// - Throws: ``ForeignData``, ``IdentityDamaged``, ``FileError``.
  func check(_ file: SnapshotFile, of directory: String) throws {
    guard let found = try file.read(), found != contents else { return }
    guard let owner = Self.owner(found) else { throw IdentityDamaged(path: file.path) }
    throw ForeignData(directory: directory, owner: owner, reader: description)
  }

  /// Makes a directory this server's, once and for all, unless it is. It must have a log by then.
  /// - Throws: ``FileError``.
  func claim(_ file: SnapshotFile) throws {
    guard try !file.exists() else { return }
    try file.write(contents)
  }

  /// The line of a file that an identity was written to; nil for anything else.
  private static func owner(_ bytes: [UInt8]) -> String? {
    let line = bytes.dropLast()
    guard bytes.count <= bytesMax, bytes.last == UInt8(ascii: "\n"), line.allSatisfy({ (0x20..<0x7F).contains($0) })
    else { return nil }
    let owner = String(decoding: line, as: UTF8.self)
    return owner.contains(" node ") ? owner : nil
  }
}

/// The directory holds the data of another server, or of another system.
struct ForeignData: Error, CustomStringConvertible {
  let directory: String
  let owner: String
  let reader: String
  var description: String {
    "\(directory) belongs to \(owner), this is \(reader): give each server a data directory of its own"
  }
}

/// The file that says whose data it is says nothing that was ever written there.
struct IdentityDamaged: DataDamage, CustomStringConvertible {
  let path: String
  var description: String { "\(path) is damaged: it names no server" }
}
