import CCurl
import Glibc

/// One transfer at a time on one reusable easy handle: the state that libcurl's callbacks write to.
///
/// Slots live at fixed addresses in memory that the driver owns, and libcurl holds those addresses as callback contexts.
/// That is safe because every call into libcurl, hence every callback, happens on the thread that uses the driver, inside
/// one of its methods; because the handle is cleaned up before the slot's memory goes; and because no method of a slot
/// that holds `inout self` calls a function of libcurl that may call back (only `curl_multi_*` do, and `CurlMulti` calls
/// those while it holds no slot).
struct TransferSlot: ~Copyable {
  let index: Int
  private let limits: HTTPLimits
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var easy: EasyHandle?
  private var options = RequestOptions()

  private(set) var isActive = false
  private var reception = ResponseReception()
  private var evidence = SendEvidence()

  init(index: Int, limits: HTTPLimits) {
    self.index = index
    self.limits = limits
  }

  deinit {
    if let easy { curl_easy_cleanup(easy.raw) }
    errorText.deallocate()
  }

  /// Readies the handle for a request and returns it. Throws before anything is sent; the slot stays idle.
  mutating func begin(
    _ request: HTTPRequest, lists: inout HeaderListCache, makeHandle: () throws(HTTPDriverError) -> EasyHandle
  ) throws(HTTPDriverError) -> EasyHandle {
    try RequestValidation.check(request, bodyBytesMax: limits.requestBodyBytesMax)
    do throws(HTTPDriverError) {
      let easy = if let easy { easy } else { try makeHandle() }
      self.easy = easy
      try easy.set(CURLOPT_ERRORBUFFER, pointer: errorText)
      try options.apply(request, to: easy, lists: &lists)
      errorText[0] = 0
      reception = ResponseReception()
      evidence = SendEvidence(usesTLS: RequestValidation.hasScheme(request.url, "https://"))
      isActive = true
      return easy
    } catch {
      discardHandle()
      throw error
    }
  }

  /// Ends the transfer: libcurl has already let go of the handle.
  ///
  /// After a failure the handle is replaced, because `CURLINFO_OS_ERRNO` is never cleared: the next failure without an
  /// errno of its own would show this one's.
  mutating func end(code: CURLcode, abort: DriverAbort? = nil) -> HTTPResult {
    guard let easy else { preconditionFailure("a transfer ended without a handle") }
    isActive = false
    let status = easy.long(CURLINFO_RESPONSE_CODE)
    if code == CURLE_OK, abort == nil, reception.hasWholeHead, status >= 200 {
      return .response(reception.take(status: status))
    }
    defer { discardHandle() }
    return .failure(failure(easy, code: code, abort: abort))
  }

  private func failure(_ easy: EasyHandle, code: CURLcode, abort: DriverAbort?) -> TransportFailure {
    let abort = abort ?? evidence.abort ?? reception.abort ?? (code == CURLE_OK ? .incompleteHead : nil)
    let osError = evidence.socketError != 0 ? evidence.socketError : Int32(clamping: easy.long(CURLINFO_OS_ERRNO))
    let sent = evidence.maybeSent(requestBytes: easy.long(CURLINFO_REQUEST_SIZE))
    let curlCode = Int32(bitPattern: code.rawValue)
    let row = TransportErrorTable.row(abort: abort, curlCode: curlCode, osError: osError, sent: sent)
    return TransportFailure(
      reason: row.reason, neverSent: row.definite, curlCode: curlCode, osError: osError,
      detail: detail(code, abort: abort, row: row))
  }

  private func detail(_ code: CURLcode, abort: DriverAbort?, row: TransportErrorRow) -> String {
    if abort != nil { return row.sentence }
    return errorText[0] != 0 ? String(cString: errorText) : String(cString: curl_easy_strerror(code))
  }

  /// Only while no transfer runs: the multi handle must not know the easy one any more.
  private mutating func discardHandle() {
    if let easy { curl_easy_cleanup(easy.raw) }
    easy = nil
    options.reset()
  }
}

/// The side that libcurl's callbacks use.
extension TransferSlot {
  mutating func receiveHeaderLine(_ line: UnsafeRawBufferPointer) -> Bool {
    reception.appendHeaderLine(line, limit: limits.headerBytesMax)
  }

  mutating func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    reception.appendBody(bytes, limit: limits.bodyBytesMax)
  }

  /// Whether a request may now be handed to its connection: once.
  mutating func allowSend() -> Bool { evidence.allowSend() }

  mutating func openSocket(_ address: curl_sockaddr) -> Int32 { evidence.openSocket(address) }

  /// The handle, for the multi interface to take back a transfer that goes on.
  var activeHandle: EasyHandle? { isActive ? easy : nil }
}
