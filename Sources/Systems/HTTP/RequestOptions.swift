import CCurl
import Glibc

/// The options of one easy handle that requests change, with what they were last set to: setting them anew costs copies
/// and parsing, and two requests of a slot differ in little.
struct RequestOptions: ~Copyable {
  private enum Shape { case get, head, post }

  private var url: String?
  private var method: String?
  private var shape: Shape?
  private var headers: [HTTPHeader]?
  private var timeout: Int?
  private var connectTimeout: Int?
  /// The list of a header set that the cache had no room for; libcurl reads it until it is replaced.
  private var ownList: HeaderListCache.List?
  /// Holds the body during the transfer: libcurl keeps the pointer, not the bytes.
  private var bodyBuffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256)

  deinit {
    curl_slist_free_all(ownList)
    bodyBuffer.deallocate()
  }

  /// Forgets what was set, for a new handle.
  mutating func reset() {
    url = nil
    method = nil
    shape = nil
    headers = nil
    timeout = nil
    connectTimeout = nil
  }

  /// Sets what differs from the last request. If it throws, the handle is half-set: `reset` and a new handle mend it.
  mutating func apply(
    _ request: HTTPRequest, to easy: EasyHandle, lists: inout HeaderListCache
  ) throws(HTTPDriverError) {
    try setURL(request.url, easy)
    try setMethod(request, easy)
    if shape == .post { try setBody(request.body ?? [], easy) }
    try setHeaders(request.headers, easy, &lists)
    try setTimeouts(request, easy)
  }

  private mutating func setURL(_ new: String, _ easy: EasyHandle) throws(HTTPDriverError) {
    guard new != url else { return }
    try RequestValidation.check(url: new)
    try easy.set(CURLOPT_URL, new)
    url = new
  }

  /// libcurl's three ways of sending a request; any other method is the nearest of them under another name.
  private mutating func setMethod(_ request: HTTPRequest, _ easy: EasyHandle) throws(HTTPDriverError) {
    let new = Self.shape(of: request)
    guard new != shape || request.method != method else { return }
    try RequestValidation.check(method: request.method)
    switch new {
    case .get: try easy.set(CURLOPT_HTTPGET, 1)
    case .head: try easy.set(CURLOPT_NOBODY, 1)
    case .post: try easy.set(CURLOPT_POST, 1)
    }
    let own = new == .get ? "GET" : new == .head ? "HEAD" : "POST"
    try easy.set(CURLOPT_CUSTOMREQUEST, request.method == own ? nil : request.method)
    shape = new
    method = request.method
  }

  private static func shape(of request: HTTPRequest) -> Shape {
    if request.body != nil { return .post }
    switch request.method {
    case "HEAD": return .head
    case "POST", "PUT", "PATCH": return .post  // A length of 0 is announced (RFC 9110, 8.6).
    default: return .get
    }
  }

  private mutating func setBody(_ body: [UInt8], _ easy: EasyHandle) throws(HTTPDriverError) {
    if body.count > bodyBuffer.count {
      bodyBuffer.deallocate()
      bodyBuffer = .allocate(capacity: max(body.count, 2 * bodyBuffer.count))
    }
    _ = bodyBuffer.update(fromContentsOf: body)
    try easy.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: body.count)
    try easy.set(CURLOPT_POSTFIELDS, pointer: bodyBuffer.baseAddress)
  }

  private mutating func setHeaders(
    _ new: [HTTPHeader], _ easy: EasyHandle, _ lists: inout HeaderListCache
  ) throws(HTTPDriverError) {
    guard new != headers else { return }
    let shared = try lists.shared(new)
    let list = if let shared { shared } else { try HeaderListCache.make(new) }
    try easy.set(CURLOPT_HTTPHEADER, pointer: list)
    curl_slist_free_all(ownList)
    ownList = shared == nil ? list : nil
    headers = new
  }

  private mutating func setTimeouts(_ request: HTTPRequest, _ easy: EasyHandle) throws(HTTPDriverError) {
    let whole = Self.milliseconds(request.timeoutNanoseconds)
    if whole != timeout {
      try easy.set(CURLOPT_TIMEOUT_MS, whole)
      timeout = whole
    }
    let connect = Self.milliseconds(request.connectTimeoutNanoseconds)
    if connect != connectTimeout {
      try easy.set(CURLOPT_CONNECTTIMEOUT_MS, connect)
      connectTimeout = connect
    }
  }

  /// Rounded up, within what libcurl takes (an int of milliseconds).
  private static func milliseconds(_ nanoseconds: Int64) -> Int {
    Int(min((nanoseconds - 1) / 1_000_000 + 1, Int64(Int32.max)))
  }
}
