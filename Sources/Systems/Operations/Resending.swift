/// How often a request is sent once more after it was answered, as clients that missed the answer, and proxies, do:
/// `resend` of an operation. For requests that the system promises to carry out once, because something in them names the
/// operation (`op.id`): the history has one operation, whatever happens to the second request.
public struct Resending: Hashable, Sendable {
  /// Of the operations that ended `ok` or `info`; one that failed might still happen if it were asked for again.
  public var percent: Int
  /// From the answer to the second request: evenly from nothing to this.
  public var withinSeconds: Double

  public init(percent: Int, withinSeconds: Double) {
    self.percent = percent
    self.withinSeconds = withinSeconds
  }
}

/// An operation whose request may be sent once more.
public struct Repetition: Sendable {
  public var operation: PendingOperation
  public var resending: Resending

  public init(_ operation: PendingOperation, _ resending: Resending) {
    self.operation = operation
    self.resending = resending
  }
}
