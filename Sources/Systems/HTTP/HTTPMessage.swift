/// One header field of a request or a response.
public struct HTTPHeader: Hashable, Sendable {
  public var name: String
  public var value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// One request, fully rendered: the driver adds `Host`, `Accept: */*` and the body's length, nothing else.
///
/// Keep one `headers` array for the requests that share it: comparing an array with itself takes constant time, so
/// the driver finds its prepared list at once.
public struct HTTPRequest: Hashable, Sendable {
  /// The method as sent: `GET`, `PUT`, …
  public var method: String
  /// Absolute, `http://` or `https://`, percent-encoded by the caller.
  public var url: String
  public var headers: [HTTPHeader]
  /// Nil sends no body; an empty one sends `Content-Length: 0`, as does nil with POST, PUT and PATCH.
  public var body: [UInt8]?
  /// For the whole transfer, from `start` to the response's last byte; above 0. Rounded up to a millisecond.
  public var timeoutNanoseconds: Int64
  /// For name lookup, connecting and TLS; above 0. Rounded up to a millisecond.
  public var connectTimeoutNanoseconds: Int64

  public init(
    method: String, url: String, headers: [HTTPHeader] = [], body: [UInt8]? = nil,
    timeoutNanoseconds: Int64 = 5_000_000_000, connectTimeoutNanoseconds: Int64 = 1_000_000_000
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeoutNanoseconds = timeoutNanoseconds
    self.connectTimeoutNanoseconds = connectTimeoutNanoseconds
  }
}

/// A complete response: final status, whole head, whole body.
///
/// A body that has neither a length nor chunks ends where the server closes the connection (RFC 9112, 6.3): only such a
/// body can be cut short without a trace.
public struct HTTPResponse: Sendable {
  /// 200…599 from a correct server: an informational 1xx status is never final.
  public var status: Int
  public var headers: HTTPHeaders
  /// Chunked coding removed, content codings (gzip, …) kept: none are asked for.
  public var body: [UInt8]

  public init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// How a transfer ended: with a complete response, whatever its status, or without one.
public enum HTTPResult: Sendable {
  case response(HTTPResponse)
  case failure(TransportFailure)
}
