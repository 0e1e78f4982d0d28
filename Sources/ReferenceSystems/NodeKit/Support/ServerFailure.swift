/// The server cannot go on: its disk failed, or the protocol was found violated.
public struct ServerFailure: Error, CustomStringConvertible {
  /// What happened, for the log.
  public let description: String

  /// A failure for this reason.
  public init(description: String) { self.description = description }
}
