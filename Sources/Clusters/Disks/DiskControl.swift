/// A file beneath a node's data directory.
public struct DiskFile: Hashable, Sendable {
  /// From the data directory on.
  public var path: String
  /// In bytes.
  public var size: Int

  public init(path: String, size: Int) {
    self.path = path
    self.size = size
  }
}

/// What the harness wrote to see whether a disk does as it is told.
///
/// It goes the same way as the node's own files: by another program's system calls, through the mount. What became of it is
/// read beneath, past the layer. So it tells of a layer that was taken away, or that does nothing.
public struct DiskWitness: Hashable, Sendable {
  /// Bytes that were written and synced before the power failure, and those that were only written.
  public static let syncedBytes = 4096
  public static let unsyncedBytes = 16384

  /// Of the synced bytes: how many are on the disk.
  public var syncedKept: Int
  /// Of the others.
  public var unsyncedKept: Int

  public init(syncedKept: Int, unsyncedKept: Int) {
    self.syncedKept = syncedKept
    self.unsyncedKept = unsyncedKept
  }
}

/// What a program got that wrote or read a little through a node's mount.
public struct DiskProbe: Hashable, Sendable {
  /// From its start to its end.
  public var nanoseconds: Int64
  /// What it said of an error, in words of the C library; nil when all went well.
  public var complaint: String?

  public init(nanoseconds: Int64, complaint: String?) {
    self.nanoseconds = nanoseconds
    self.complaint = complaint
  }
}

/// Breaking the disks beneath nodes' data directories.
///
/// Nodes are named; a name that the cluster does not have throws `ClusterError.unknownNode`. Calls that take the data
/// directory away for a moment kill whatever processes of the node run, and let none be started meanwhile.
public protocol DiskControl: Sendable {
  /// Takes back what the node wrote and had not synced, as a power failure does; with `torn` a part of each file's last write
  /// survives. Kills the node's processes.
  func losePower(_ node: String, torn: TornWrite?) async throws -> [DiskLoss]
  /// What is wrong with the node's disk from now on, in place of what was.
  func trouble(_ node: String, _ trouble: DiskTrouble) async throws
  func counts(_ node: String) async throws -> DiskCounts

  /// Regular files that are not empty, in order of their paths, as they are beneath.
  func files(_ node: String) throws -> [DiskFile]
  /// FNV-1a of a file's content, read beneath.
  func digest(_ node: String, _ path: String) throws -> UInt64
  /// Inverts bits. Kills the node's processes.
  func flip(_ node: String, _ path: String, bits: [DiskBit]) async throws
  /// Cuts a file's end off. Kills the node's processes.
  func cut(_ node: String, _ path: String, toBytes size: Int) async throws
  /// Keeps a copy of all files as they are. The node's processes should stand still.
  func save(_ node: String) async throws
  /// Puts the files back as they were saved; whatever came later is gone. Kills the node's processes.
  func restore(_ node: String) async throws

  /// Writes a witness: a part that is synced, and a part that is not.
  func placeWitness(_ node: String) async throws
  /// What is on the disk of the last witness.
  func readWitness(_ node: String) throws -> DiskWitness
  /// Lets a program write a little and sync it through the node's mount, or read it past the kernel's cache.
  func probe(_ node: String, reads: Bool) async throws -> DiskProbe
}

/// One bit of a file.
public struct DiskBit: Hashable, Sendable {
  public var offset: Int
  /// 0…7.
  public var bit: Int

  public init(offset: Int, bit: Int) {
    self.offset = offset
    self.bit = bit
  }
}
