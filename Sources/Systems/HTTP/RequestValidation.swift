/// Checks that stand between a rendered template and the wire: values of operations end up in URLs and headers, and a
/// stray line end there would add a header or a whole request (RFC 9112, 11.1).
enum RequestValidation {
  /// Header fields that frame the request: the driver writes them, a second one would desynchronise the connection.
  static let reservedNames: Set<String> = ["content-length", "transfer-encoding", "expect", "upgrade", "trailer"]

  static func check(method: String) throws(HTTPDriverError) {
    guard isToken(method) else { throw .invalidMethod(method) }
  }

  static func check(url: String) throws(HTTPDriverError) {
    guard url.utf8.allSatisfy({ $0 > Byte.space && $0 < 0x7F }) else {
      throw .invalidURL(url, reason: "holds a blank, a control or a non-ASCII character: percent-encode it")
    }
    guard hasScheme(url, "http://") || hasScheme(url, "https://") else {
      throw .invalidURL(url, reason: "does not begin with http:// or https://")
    }
  }

  static func check(header: HTTPHeader) throws(HTTPDriverError) {
    guard isToken(header.name) else {
      throw .invalidHeader(name: header.name, reason: "has a name that is not an HTTP token")
    }
    guard !reservedNames.contains(header.name.lowercased()) else {
      throw .invalidHeader(name: header.name, reason: "is written by the client itself: leave it out")
    }
    guard header.value.utf8.allSatisfy({ ($0 >= Byte.space && $0 != 0x7F) || $0 == Byte.tab }) else {
      throw .invalidHeader(name: header.name, reason: "has a control character in its value")
    }
  }

  static func check(_ request: HTTPRequest, bodyBytesMax: Int) throws(HTTPDriverError) {
    for timeout in [request.timeoutNanoseconds, request.connectTimeoutNanoseconds] where timeout <= 0 {
      throw .invalidTimeout(nanoseconds: timeout)
    }
    guard let body = request.body else { return }
    guard request.method != "HEAD" else { throw .invalidBody(reason: "cannot go with HEAD") }
    guard body.count <= bodyBytesMax else {
      throw .invalidBody(reason: "has \(body.count) bytes, \(bodyBytesMax) at most are allowed")
    }
  }

  static func hasScheme(_ url: String, _ scheme: String) -> Bool {
    url.utf8.count > scheme.utf8.count
      && zip(url.utf8, scheme.utf8).allSatisfy { $0 == $1 || ($0 | 0x20) == $1 }
  }

  /// RFC 9110, 5.6.2.
  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { isTokenByte[Int($0)] }
  }

  private static let isTokenByte: [Bool] = {
    let allowed = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    return (UInt8.min...UInt8.max).map(allowed.contains)
  }()
}
