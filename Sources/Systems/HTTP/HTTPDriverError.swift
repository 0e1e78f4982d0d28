/// A request that the driver will not send, or a driver that cannot work. Nothing was sent in either case.
public enum HTTPDriverError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The method is not a token (RFC 9110, 5.6.2).
  case invalidMethod(String)
  /// Not an absolute http or https URL, or it holds a byte that no URL may.
  case invalidURL(String, reason: String)
  /// A name that is not a token, or a value with a control character: either could smuggle in a second request.
  case invalidHeader(name: String, reason: String)
  /// The body is above `HTTPLimits.requestBodyBytesMax`, or the method cannot carry one.
  case invalidBody(reason: String)
  /// A time-out is 0 or negative.
  case invalidTimeout(nanoseconds: Int64)
  /// A call of libcurl failed that fails only without memory.
  case libcurl(call: String, code: Int32)
  /// A call of the kernel failed.
  case system(call: String, errno: Int32)

  public var description: String {
    switch self {
    case .invalidMethod(let method):
      "method \(quote(method)) is not an HTTP token: use letters, as in GET"
    case .invalidURL(let url, let reason):
      "URL \(quote(url)) \(reason)"
    case .invalidHeader(let name, let reason):
      "header \(quote(name)) \(reason)"
    case .invalidBody(let reason):
      "request body \(reason)"
    case .invalidTimeout(let nanoseconds):
      "a time-out of \(nanoseconds) ns is not above 0"
    case .libcurl(let call, let code):
      "\(call) failed with code \(code): is the machine out of memory?"
    case .system(let call, let errno):
      "\(call) failed with errno \(errno)"
    }
  }
}

/// Quoted, with everything unprintable escaped, and cut at 200 characters.
private func quote(_ text: String) -> String {
  "\"" + text.unicodeScalars.prefix(200).map { $0.escaped(asASCII: true) }.joined() + "\""
}

/// What the driver accepts from a server and from its caller.
public struct HTTPLimits: Hashable, Sendable {
  /// Of a response; beyond it the transfer fails with `body-too-large`.
  public var bodyBytesMax: Int
  /// Of a response's head, all its lines together; beyond it the transfer fails with `headers-too-large`.
  public var headerBytesMax: Int
  /// Of a request; beyond it `start` throws.
  public var requestBodyBytesMax: Int
  /// Idle connections kept open; the one idle for longest is closed for a new one. Nil: eight for each slot.
  public var idleConnectionsMax: Int?

  public init(
    bodyBytesMax: Int = 8 << 20, headerBytesMax: Int = 64 << 10, requestBodyBytesMax: Int = 8 << 20,
    idleConnectionsMax: Int? = nil
  ) {
    self.bodyBytesMax = bodyBytesMax
    self.headerBytesMax = headerBytesMax
    self.requestBodyBytesMax = requestBodyBytesMax
    self.idleConnectionsMax = idleConnectionsMax
  }
}
