import NIOCore
import NIOHTTP1

/// One request of a client, complete.
public struct ClientRequest: Sendable {
  /// As sent; which methods exist is the handler's business.
  public let method: HTTPMethod
  /// The path's segments, percent-decoded, without the query: `/kv/a%2Fb/cas` is `["kv", "a/b", "cas"]`.
  public let path: [[UInt8]]
  /// As sent; names are compared without regard to case.
  public let headers: HTTPHeaders
  /// At most ``HTTPLimits/bodyBytesMax`` bytes.
  public let body: [UInt8]

  /// nil if the target is not a valid absolute path.
  init?(method: HTTPMethod, target: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8]) {
    guard let path = Self.segments(of: target) else { return nil }
    self.method = method
    self.path = path
    self.headers = headers
    self.body = body
  }

  /// Parts of an absolute path; nil for another form, or a bad escape.
  private static func segments(of target: String) -> [[UInt8]]? {
    let path = target.utf8.prefix { $0 != UInt8(ascii: "?") }
    guard path.first == UInt8(ascii: "/") else { return nil }
    var segments: [[UInt8]] = []
    for segment in path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard let decoded = percentDecoded(segment) else { return nil }
      segments.append(decoded)
    }
    return segments
  }

  /// RFC 3986 §2.1; nil when two hex digits do not follow a percent sign.
  private static func percentDecoded(_ text: Substring.UTF8View) -> [UInt8]? {
    var result: [UInt8] = []
    var rest = text[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        result.append(byte)
        continue
      }
      guard let high = rest.popFirst(), let low = rest.popFirst(), let value = hexValue(high, low) else { return nil }
      result.append(value)
    }
    return result
  }

  /// The byte of two hex digits.
  private static func hexValue(_ high: UInt8, _ low: UInt8) -> UInt8? {
    guard
      let high = Character(UnicodeScalar(high)).hexDigitValue, let low = Character(UnicodeScalar(low)).hexDigitValue
    else { return nil }
    return UInt8(high * 16 + low)
  }
}

/// The answer to a ``ClientRequest``; the body is JSON.
public struct ClientResponse: Sendable {
  /// The status line's code.
  public let status: HTTPResponseStatus
  /// JSON text in UTF-8.
  public let body: [UInt8]

  /// A response with a body of bytes.
  public init(_ status: HTTPResponseStatus, _ body: [UInt8]) {
    self.status = status
    self.body = body
  }

  /// A response with a body of text.
  public init(_ status: HTTPResponseStatus, json: String) { self.init(status, Array(json.utf8)) }

  /// `{"error":"…"}`
  public static func error(_ status: HTTPResponseStatus, _ error: String) -> ClientResponse {
    ClientResponse(status, json: "{\"error\":\(JSONText.quoted(error))}")
  }
}

/// Takes the answer to one request, at any later time, on the event loop that gave the request. Only the first answer
/// counts; none is sent if the client has gone.
public final class Responder {
  private var send: ((ClientResponse) -> Void)?

  init(_ send: @escaping (ClientResponse) -> Void) { self.send = send }

  /// Answers, unless that has been done.
  public func respond(_ response: ClientResponse) {
    let send = self.send
    self.send = nil
    send?(response)
  }
}
