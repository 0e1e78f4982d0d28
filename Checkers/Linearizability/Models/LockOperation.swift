import Histories

/// An acquisition or a release of a lock or of a permit.
///
/// Two of them are equal if they do the same: the process is part of that only where it owns what it acquired.
@frozen public struct LockOperation: Hashable, Sendable, BitwiseCopyable {
  public var isAcquire: Bool
  /// Whose the permit is; 0 for all processes where nobody owns it.
  public var owner: Int32
  /// Who invoked it, for reports and rules.
  public var process: Int32

  @inlinable public init(isAcquire: Bool, owner: Int32, process: Int32) {
    self.isAcquire = isAcquire
    self.owner = owner
    self.process = process
  }

  @inlinable public static func == (left: LockOperation, right: LockOperation) -> Bool {
    left.isAcquire == right.isAcquire && left.owner == right.owner
  }

  @inlinable public func hash(into hasher: inout Hasher) {
    hasher.combine(isAcquire)
    hasher.combine(owner)
  }
}
