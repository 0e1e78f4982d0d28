/// What entries 1…`lastIncludedIndex` led to: "the current state … and metadata" that take the place of those entries
/// (§7, figure 12).
public struct SnapshotContents: Sendable {
  /// "The snapshot replaces all entries up through and including this index".
  public let lastIncludedIndex: LogIndex
  /// "Term of lastIncludedIndex".
  public let lastIncludedTerm: Term
  /// "The latest configuration in the log as of last included index" (§7).
  public let membership: Membership
  /// The map and the sessions.
  let machine: StateMachine
  /// The bytes that this was read from.
  private let snapshot: Snapshot?

  init(
    lastIncludedIndex: LogIndex, lastIncludedTerm: Term, membership: Membership, machine: StateMachine,
    of snapshot: Snapshot? = nil
  ) {
    self.lastIncludedIndex = lastIncludedIndex
    self.lastIncludedTerm = lastIncludedTerm
    self.membership = membership
    self.machine = machine
    self.snapshot = snapshot
  }

  /// The bytes for disks and peers. It takes time in proportion to the state, and may be done on any thread.
  public func encoded() -> Snapshot { snapshot ?? Snapshot(of: self) }
}

/// ``SnapshotContents`` as bytes with a checksum. Equal contents have equal bytes.
public struct Snapshot: Hashable, Sendable {
  /// See ``SnapshotContents/lastIncludedIndex``.
  public let lastIncludedIndex: LogIndex
  /// See ``SnapshotContents/lastIncludedTerm``.
  public let lastIncludedTerm: Term
  /// Format in `SnapshotCoding`.
  public let bytes: [UInt8]

  init(lastIncludedIndex: LogIndex, lastIncludedTerm: Term, bytes: [UInt8]) {
    self.lastIncludedIndex = lastIncludedIndex
    self.lastIncludedTerm = lastIncludedTerm
    self.bytes = bytes
  }
}
