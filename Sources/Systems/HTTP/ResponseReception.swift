/// What has been received of one response, fed by libcurl's callbacks.
struct ResponseReception {
  private enum Head { case none, open, ended }

  private var head = Head.none
  /// Of every head so far: a flood of 1xx responses meets the same limit as one huge head.
  private var headerBytes = 0
  private var block: [UInt8] = []
  private var body: [UInt8] = []
  /// The limit that was hit, if any.
  private(set) var abort: DriverAbort?

  /// Whether a head has been received to its end. libcurl is content with a connection that ends inside the head.
  var hasWholeHead: Bool { head == .ended }

  /// One line of a head, with its line end: of a status line a new head follows, as after 1xx. Lines after the body are
  /// trailers and join the fields. False ends the transfer.
  mutating func appendHeaderLine(_ line: UnsafeRawBufferPointer, limit: Int) -> Bool {
    headerBytes += line.count
    guard headerBytes <= limit else {
      abort = .headersTooLarge
      return false
    }
    if isStatusLine(line) {
      head = .open
      block.removeAll(keepingCapacity: true)
    } else if line.allSatisfy({ $0 == Byte.carriageReturn || $0 == Byte.lineFeed }) {
      head = .ended
    } else {
      block.append(contentsOf: line)
    }
    return true
  }

  /// A piece of the body. False ends the transfer.
  mutating func appendBody(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Bool {
    guard bytes.count <= limit - body.count else {
      abort = .bodyTooLarge
      return false
    }
    body.append(contentsOf: bytes)
    return true
  }

  /// The response, moved out.
  mutating func take(status: Int) -> HTTPResponse {
    let response = HTTPResponse(status: status, headers: HTTPHeaders(block: block), body: body)
    self = ResponseReception()
    return response
  }

  private func isStatusLine(_ line: UnsafeRawBufferPointer) -> Bool {
    body.isEmpty && head != .open && line.starts(with: "HTTP/".utf8)
  }
}
