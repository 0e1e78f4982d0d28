import CCurl
import Glibc

/// What is known of whether a request left this process, and the guard that lets it leave once.
///
/// **Resending.** When a kept connection dies without a byte of response, libcurl silently sends the request again, a PUT
/// too, on a new connection or on another kept one. The server may then execute twice what the history shows once. So a
/// transfer may hand its request to a connection once (`allowSend`, libcurl's PREREQFUNCTION), and open no socket after
/// that (`openSocket`, which saves connecting in vain).
///
/// **Never sent.** `CURLINFO_REQUEST_SIZE` counts the bytes that libcurl's *first* write of a request got rid of. If that
/// write finds the socket's buffer full it counts 0, and bytes that follow later are not added. So 0 proves that nothing
/// was sent only if no write was tried, or if it was tried on a new plain connection: with an empty buffer the kernel
/// takes at least a byte or reports an error. A kept connection's buffer may be full (a server that answers without
/// reading), and TLS may keep a record back.
struct SendEvidence {
  private let usesTLS: Bool
  private var attempted = false
  private var opened = false
  /// Set once libcurl was refused a second attempt.
  private(set) var abort: DriverAbort?
  /// The errno of a failed `socket`, which libcurl does not see.
  private(set) var socketError: Int32 = 0

  init(usesTLS: Bool = false) { self.usesTLS = usesTLS }

  func maybeSent(requestBytes: Int) -> Bool {
    requestBytes > 0 || (attempted && (usesTLS || !opened))
  }

  mutating func allowSend() -> Bool {
    guard !attempted else {
      abort = .resendRefused
      return false
    }
    attempted = true
    return true
  }

  /// A socket for libcurl, closed on exec so that no child of the run keeps a connection open; -1 refuses.
  mutating func openSocket(_ address: curl_sockaddr) -> Int32 {
    guard !attempted else {
      abort = .resendRefused
      return -1
    }
    opened = true
    let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(address.family, address.socktype | flags, address.protocol)
    if descriptor < 0 { socketError = errno }
    return descriptor
  }
}
