import CCurl
import Glibc

/// Why the driver itself ended a transfer, where libcurl's code does not tell.
public enum DriverAbort: String, Hashable, Sendable, CaseIterable {
  /// libcurl wanted to send the request a second time and was refused.
  case resendRefused = "resend-refused"
  case bodyTooLarge = "body-too-large"
  case headersTooLarge = "headers-too-large"
  /// libcurl was content, yet the head of a final response never ended.
  case incompleteHead = "incomplete-head"
  /// `HTTPDriver.cancel`.
  case cancelled
}

/// One line of the table of transport errors: what was seen on the left, what it means on the right.
public struct TransportErrorRow: Hashable, Sendable {
  /// The driver's own reason for ending the transfer; nil if libcurl ended it.
  public var abort: DriverAbort?
  /// A `CURLcode`; nil matches each.
  public var curlCode: Int32?
  /// An errno; nil matches each.
  public var osError: Int32?
  /// Whether a byte of the request may have been sent.
  public var sent: Bool

  public var reason: TransportFailure.Reason
  /// One sentence for the documentation.
  public var sentence: String

  /// Whether the operation certainly did not happen. The one rule for every row: not sent, not executed. The code
  /// alone never decides, because the same code is seen on both sides.
  public var definite: Bool { !sent }

  func matches(abort: DriverAbort?, curlCode: Int32, osError: Int32, sent: Bool) -> Bool {
    self.abort == abort && self.sent == sent
      && (self.curlCode ?? curlCode) == curlCode && (self.osError ?? osError) == osError
  }
}

/// The table of transport errors, as data: the driver classifies by it and the documentation prints it.
public enum TransportErrorTable {
  /// The first match wins; the last two rows catch what no other names.
  public static let rows: [TransportErrorRow] = aborts + beforeSending + afterSending + rest

  /// The row for a transfer that ended so.
  static func row(abort: DriverAbort?, curlCode: Int32, osError: Int32, sent: Bool) -> TransportErrorRow {
    rows.first { $0.matches(abort: abort, curlCode: curlCode, osError: osError, sent: sent) }
      ?? (sent ? rest[1] : rest[0])
  }

  private static let aborts: [TransportErrorRow] = [
    ours(.cancelled, sent: false, .cancelled, "The transfer was cancelled before the request was sent."),
    ours(.cancelled, sent: true, .cancelled, "The transfer was cancelled while the response was awaited."),
    ours(
      .resendRefused, sent: true, .connectionLost,
      "A kept connection died without a byte of response; sending the request again could execute it twice."),
    ours(.bodyTooLarge, sent: true, .bodyTooLarge, "The response's body is above the limit."),
    ours(.headersTooLarge, sent: true, .headersTooLarge, "The response's head is above the limit."),
    ours(
      .incompleteHead, sent: true, .truncated, "The connection ended inside the response's head or after a 1xx status."),
  ]

  private static let beforeSending: [TransportErrorRow] = [
    before(CURLE_URL_MALFORMAT, .badURL, "The URL cannot be parsed."),
    before(CURLE_UNSUPPORTED_PROTOCOL, .badURL, "The URL's scheme is neither http nor https."),
    before(CURLE_COULDNT_RESOLVE_HOST, .dns, "The host's name does not resolve."),
    before(CURLE_COULDNT_CONNECT, errno: ECONNREFUSED, .refused, "Nothing listens there, or a firewall rejects."),
    before(CURLE_COULDNT_CONNECT, errno: EHOSTUNREACH, .unreachable, "No such host on the network (no answer to ARP)."),
    before(CURLE_COULDNT_CONNECT, errno: ENETUNREACH, .unreachable, "No route to the host's network."),
    before(CURLE_COULDNT_CONNECT, errno: ECONNRESET, .reset, "The connection was reset while it was made."),
    before(CURLE_COULDNT_CONNECT, errno: ETIMEDOUT, .connectTimeout, "The kernel gave up on an unanswered connection."),
    before(
      CURLE_COULDNT_CONNECT, errno: EADDRNOTAVAIL, .localResources, "No local port is left, or no such local address."),
    before(CURLE_COULDNT_CONNECT, errno: EMFILE, .localResources, "This process has no file descriptor left."),
    before(CURLE_COULDNT_CONNECT, errno: ENFILE, .localResources, "This machine has no file descriptor left."),
    before(CURLE_COULDNT_CONNECT, errno: ENOBUFS, .localResources, "The kernel has no buffer left for sockets."),
    before(CURLE_COULDNT_CONNECT, errno: ENOMEM, .localResources, "The kernel has no memory left for sockets."),
    before(CURLE_COULDNT_CONNECT, errno: EACCES, .refused, "Local rules forbid the connection."),
    before(CURLE_COULDNT_CONNECT, errno: EPERM, .refused, "A local firewall forbids the connection."),
    before(CURLE_COULDNT_CONNECT, .refused, "The connection could not be made."),
    before(CURLE_OPERATION_TIMEDOUT, .connectTimeout, "No connection within the time-out: blackholed or overloaded."),
    before(CURLE_SEND_ERROR, .reset, "A new connection was reset before the first byte could be sent."),
    before(CURLE_SSL_CONNECT_ERROR, .tls, "The TLS handshake failed."),
    before(CURLE_PEER_FAILED_VERIFICATION, .tls, "The server's certificate is not trusted."),
    before(CURLE_OUT_OF_MEMORY, .localResources, "libcurl got no memory."),
  ]

  private static let afterSending: [TransportErrorRow] = [
    after(
      CURLE_OPERATION_TIMEDOUT, .timeout, "No complete response in time: dropped packets, a paused or slow server."),
    after(CURLE_GOT_NOTHING, .closed, "The server closed the connection without a byte of response, or was killed."),
    after(CURLE_RECV_ERROR, errno: ECONNRESET, .reset, "The server reset the connection after the request."),
    after(
      CURLE_RECV_ERROR, errno: ETIMEDOUT, .connectionLost,
      "The kernel gave up on a connection whose packets were dropped."),
    after(CURLE_RECV_ERROR, errno: EHOSTUNREACH, .unreachable, "The host vanished from the network after the request."),
    after(CURLE_RECV_ERROR, errno: ENETUNREACH, .unreachable, "The route to the host vanished after the request."),
    after(
      CURLE_RECV_ERROR, .connectionLost, "Reading the response failed: malformed chunks, or TLS ended the connection."),
    after(
      CURLE_SEND_ERROR, errno: ECONNRESET, .reset, "The server reset the connection while the request was being sent."),
    after(CURLE_SEND_ERROR, errno: EPIPE, .reset, "The server closed the connection while the request was being sent."),
    after(CURLE_SEND_ERROR, .connectionLost, "Sending the rest of the request failed."),
    after(CURLE_PARTIAL_FILE, .truncated, "The connection ended before the announced length or the last chunk."),
    after(CURLE_UNSUPPORTED_PROTOCOL, .notHTTP, "The response does not begin like HTTP/1.x."),
    after(CURLE_WEIRD_SERVER_REPLY, .notHTTP, "The response's head cannot be parsed."),
    after(CURLE_BAD_CONTENT_ENCODING, .notHTTP, "The response's body is badly coded."),
    after(CURLE_WRITE_ERROR, .notHTTP, "The response's chunks cannot be parsed."),
    after(tooLarge, .headersTooLarge, "A line of the response's head is above libcurl's own limit."),
    after(CURLE_OUT_OF_MEMORY, .headersTooLarge, "A line of the response's head is above libcurl's own limit."),
  ]

  /// `CURLE_TOO_LARGE`, which libcurl has since 8.6.
  private static let tooLarge = CURLcode(rawValue: 100)

  private static let rest: [TransportErrorRow] = [
    TransportErrorRow(
      abort: nil, curlCode: nil, osError: nil, sent: false, reason: .transport,
      sentence: "Any other failure before the request was sent."),
    TransportErrorRow(
      abort: nil, curlCode: nil, osError: nil, sent: true, reason: .transport,
      sentence: "Any other failure after the request was sent, in part or whole."),
  ]

  private static func ours(
    _ abort: DriverAbort, sent: Bool, _ reason: TransportFailure.Reason, _ sentence: String
  ) -> TransportErrorRow {
    TransportErrorRow(abort: abort, curlCode: nil, osError: nil, sent: sent, reason: reason, sentence: sentence)
  }

  private static func before(
    _ code: CURLcode, errno osError: Int32? = nil, _ reason: TransportFailure.Reason, _ sentence: String
  ) -> TransportErrorRow {
    TransportErrorRow(
      abort: nil, curlCode: Int32(bitPattern: code.rawValue), osError: osError, sent: false, reason: reason,
      sentence: sentence)
  }

  private static func after(
    _ code: CURLcode, errno osError: Int32? = nil, _ reason: TransportFailure.Reason, _ sentence: String
  ) -> TransportErrorRow {
    TransportErrorRow(
      abort: nil, curlCode: Int32(bitPattern: code.rawValue), osError: osError, sent: true, reason: reason,
      sentence: sentence)
  }
}
