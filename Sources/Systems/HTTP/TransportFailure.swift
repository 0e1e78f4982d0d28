/// A transfer that ended without a complete response.
public struct TransportFailure: Error, Hashable, Sendable {
  /// Why, as one of the ids that histories and reports show.
  public enum Reason: String, Hashable, Sendable, CaseIterable {
    case badURL = "bad-url"
    case bodyTooLarge = "body-too-large"
    case cancelled
    case closed
    case connectTimeout = "connect-timeout"
    case connectionLost = "connection-lost"
    case dns
    case headersTooLarge = "headers-too-large"
    case localResources = "local-resources"
    case notHTTP = "not-http"
    case refused
    case reset
    case timeout
    case tls
    case transport
    case truncated
    case unreachable
  }

  public var reason: Reason
  /// True if certainly no byte of the request left this process: the operation did not happen. False proves nothing:
  /// the operation may have happened, may happen later, or never.
  public var neverSent: Bool
  /// libcurl's `CURLcode`.
  public var curlCode: Int32
  /// The errno behind it, 0 if there was none.
  public var osError: Int32
  /// libcurl's own words, for people.
  public var detail: String

  public init(reason: Reason, neverSent: Bool, curlCode: Int32, osError: Int32, detail: String) {
    self.reason = reason
    self.neverSent = neverSent
    self.curlCode = curlCode
    self.osError = osError
    self.detail = detail
  }
}

extension TransportFailure: CustomStringConvertible {
  public var description: String {
    let sent = neverSent ? "never sent" : "may have happened"
    let errno = osError == 0 ? "" : ", errno \(osError)"
    return "\(reason.rawValue) (\(sent)): \(detail) [curl \(curlCode)\(errno)]"
  }
}
