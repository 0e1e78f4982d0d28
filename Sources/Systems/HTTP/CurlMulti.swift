import CCurl

/// One multi handle, its sockets and timer, and the one place that calls the functions of libcurl that call back.
struct CurlMulti: ~Copyable {
  private let raw: UnsafeMutableRawPointer
  /// At a fixed address: libcurl's callbacks write to it.
  private let sockets: UnsafeMutablePointer<SocketTable>

  /// libcurl's own process-wide state, made once on first use. It is never torn down: other threads may use libcurl.
  private static let globalCode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  init(idleConnectionsMax: Int, poll: consuming EventPoll) throws(HTTPDriverError) {
    raw = try Self.open(idleConnectionsMax)
    sockets = .allocate(capacity: 1)
    sockets.initialize(to: SocketTable(poll: poll))
    CurlCallbacks.register(sockets: sockets, onMulti: raw)
  }

  /// The driver has taken back its easy handles before.
  deinit {
    curl_multi_cleanup(raw)  // Closes the kept connections, which calls back into `sockets`.
    sockets.deinitialize(count: 1)
    sockets.deallocate()
  }

  private static func open(_ idleConnectionsMax: Int) throws(HTTPDriverError) -> UnsafeMutableRawPointer {
    try EasyHandle.check("curl_global_init", globalCode)
    guard let raw = curl_multi_init() else {
      throw .libcurl(call: "curl_multi_init", code: Int32(bitPattern: CURLE_OUT_OF_MEMORY.rawValue))
    }
    let codes = [
      ccurl_multi_set_long(raw, CURLMOPT_MAXCONNECTS, idleConnectionsMax),
      ccurl_multi_set_long(raw, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING)),
    ]
    precondition(codes == [CURLM_OK, CURLM_OK], "libcurl does not know an option that it has had since 7.16")
    return raw
  }

  /// A new easy handle for a slot, with everything set that no request changes.
  func makeHandle(for slot: UnsafeMutablePointer<TransferSlot>) throws(HTTPDriverError) -> EasyHandle {
    guard let raw = curl_easy_init() else {
      throw .libcurl(call: "curl_easy_init", code: Int32(bitPattern: CURLE_OUT_OF_MEMORY.rawValue))
    }
    let easy = EasyHandle(raw: raw)
    do throws(HTTPDriverError) {
      try CurlCallbacks.register(slot: slot, sockets: sockets, on: easy)
      try Self.setDefaults(easy)
      return easy
    } catch {
      curl_easy_cleanup(raw)
      throw error
    }
  }

  /// One request, one connection, one answer: no redirect, proxy, cookie or other protocol on libcurl's own account.
  private static func setDefaults(_ easy: EasyHandle) throws(HTTPDriverError) {
    try easy.set(CURLOPT_NOSIGNAL, 1)
    try easy.set(CURLOPT_TCP_NODELAY, 1)
    try easy.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    try easy.set(CURLOPT_HTTP09_ALLOWED, 0)
    try easy.set(CURLOPT_FOLLOWLOCATION, 0)
    try easy.set(CURLOPT_PATH_AS_IS, 1)
    try easy.set(CURLOPT_PROXY, "")
    try easy.set(CURLOPT_NOPROXY, "*")
    try EasyHandle.check("curl_easy_setopt", ccurl_set_http_only(easy.raw))
  }

  func add(_ easy: EasyHandle) throws(HTTPDriverError) {
    try EasyHandle.check("curl_multi_add_handle", curl_multi_add_handle(raw, easy.raw))
  }

  /// Takes a transfer back, finished or not; the connection of an unfinished one is closed.
  func remove(_ easy: EasyHandle) { curl_multi_remove_handle(raw, easy.raw) }

  /// Lets libcurl do what is due: begin new transfers, end those that are out of time.
  func runTimers() throws(HTTPDriverError) {
    try EasyHandle.check("curl_multi_socket_action", ccurl_multi_timeout_action(raw))
  }

  /// Runs the timers if the one that libcurl asked for has run out.
  func runTimersIfDue() throws(HTTPDriverError) {
    guard timerNanoseconds != .max, sockets.pointee.takeTimer(now: monotonicNanoseconds()) else { return }
    try runTimers()
  }

  /// A handle whose transfer is over, and how; it still has to be removed.
  func nextDone() -> (easy: EasyHandle, code: CURLcode)? {
    var code = CURLE_OK
    return ccurl_next_done(raw, &code).map { (EasyHandle(raw: $0), code) }
  }

  /// When `runTimersIfDue` has something to do; `.max` if never.
  var timerNanoseconds: Int64 { sockets.pointee.timerNanoseconds }

  /// Waits at most so long for events; their number.
  func poll(nanoseconds: Int64) throws(HTTPDriverError) -> Int {
    try sockets.pointee.poll.wait(nanoseconds: nanoseconds)
  }

  /// The tag of an event of the last `poll`, and the event as bits.
  func event(_ index: Int) -> (tag: UInt64, events: UInt32) { sockets.pointee.poll.event(index) }

  /// Passes an event on. A mere error or hang-up is passed as no bits: libcurl then looks for itself.
  func dispatch(_ event: (tag: UInt64, events: UInt32)) throws(HTTPDriverError) {
    guard let descriptor = sockets.pointee.target(ofTag: event.tag) else { return }
    let readable = event.events & EPOLLIN.rawValue != 0 ? CURL_CSELECT_IN : 0
    let writable = event.events & EPOLLOUT.rawValue != 0 ? CURL_CSELECT_OUT : 0
    try EasyHandle.check(
      "curl_multi_socket_action", ccurl_multi_socket_action(raw, descriptor, readable | writable))
  }
}
