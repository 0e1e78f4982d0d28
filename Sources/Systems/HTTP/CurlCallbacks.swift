import CCurl
import Glibc

/// libcurl's callbacks: each finds its context behind the pointer it was registered with and calls one method of it.
///
/// The contexts are the driver's slots and its socket table (see `TransferSlot` for why the pointers are valid and
/// exclusive).
enum CurlCallbacks {
  typealias Slot = UnsafeMutablePointer<TransferSlot>
  typealias Sockets = UnsafeMutablePointer<SocketTable>

  /// Registers every callback of a new easy handle.
  static func register(slot: Slot, sockets: Sockets, on easy: EasyHandle) throws(HTTPDriverError) {
    for code in [
      ccurl_set_write(easy.raw, body, slot), ccurl_set_header(easy.raw, header, slot),
      ccurl_set_open_socket(easy.raw, openSocket, slot), ccurl_set_prereq(easy.raw, beforeRequest, slot),
      ccurl_set_close_socket(easy.raw, closeSocket, sockets), ccurl_set_pointer(easy.raw, CURLOPT_PRIVATE, slot),
    ] {
      try EasyHandle.check("curl_easy_setopt", code)
    }
  }

  static func register(sockets: Sockets, onMulti multi: UnsafeMutableRawPointer) {
    let codes = [
      ccurl_multi_set_socket(multi, watchSocket, sockets), ccurl_multi_set_timer(multi, setTimer, sockets),
    ]
    precondition(codes == [CURLM_OK, CURLM_OK], "libcurl does not know an option that it has had since 7.16")
  }

  /// The slot of a handle whose transfer ended.
  static func slot(of easy: UnsafeMutableRawPointer) -> Slot {
    var context: UnsafeMutableRawPointer?
    _ = ccurl_get_pointer(easy, CURLINFO_PRIVATE, &context)
    return bind(context, to: TransferSlot.self)
  }

  private static func bind<T: ~Copyable>(
    _ context: UnsafeMutableRawPointer?, to type: T.Type
  ) -> UnsafeMutablePointer<T> {
    guard let context else { preconditionFailure("libcurl lost a callback's context") }
    return context.assumingMemoryBound(to: type)
  }

  private static let body: ccurl_data_callback = { bytes, size, count, context in
    let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return bind(context, to: TransferSlot.self).pointee.receiveBody(piece) ? piece.count : -1
  }

  private static let header: ccurl_data_callback = { bytes, size, count, context in
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return bind(context, to: TransferSlot.self).pointee.receiveHeaderLine(line) ? line.count : -1
  }

  private static let openSocket: curl_opensocket_callback = { context, _, address in
    guard let address else { return -1 }
    return bind(context, to: TransferSlot.self).pointee.openSocket(address.pointee)
  }

  private static let beforeRequest: curl_prereq_callback = { context, _, _, _, _ in
    bind(context, to: TransferSlot.self).pointee.allowSend() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
  }

  private static let closeSocket: curl_closesocket_callback = { context, descriptor in
    bind(context, to: SocketTable.self).pointee.forget(descriptor)
    return close(descriptor)
  }

  private static let watchSocket: curl_socket_callback = { _, descriptor, what, context, _ in
    bind(context, to: SocketTable.self).pointee.want(descriptor, what)
    return 0
  }

  private static let setTimer: curl_multi_timer_callback = { _, milliseconds, context in
    bind(context, to: SocketTable.self).pointee.setTimer(milliseconds: milliseconds)
    return 0
  }
}
