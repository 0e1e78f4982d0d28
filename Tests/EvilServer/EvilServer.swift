import Glibc
import Synchronization

/// An HTTP server on loopback that misbehaves as told: raw sockets, one thread for each connection.
///
/// It keeps a log of the requests that it read whole, in other words executed, so that a test can compare what happened
/// with what the client believes.
public final class EvilServer: Sendable {
  /// What the server does with one connection; the connection is closed when it returns.
  public typealias Script = @Sendable (Connection) throws -> Void

  private struct State {
    var requests: [Connection.Request] = []
    var accepted = 0
    var threads: [pthread_t] = []
    var isStopped = false
  }

  public let port: UInt16
  private let listener: Descriptor
  /// Readable from the moment the server finishes.
  let stopSignal: (reader: Descriptor, writer: Descriptor)
  private let script: Script?
  private let state = Mutex(State())

  /// - Parameters:
  ///   - backlog: of the listening socket.
  ///   - script: for each connection; nil accepts none.
  public init(backlog: Int32 = 128, script: Script?) throws {
    (listener, port) = try Sockets.listenOnLoopback(backlog: backlog)
    stopSignal = try Sockets.pipe()
    self.script = script
    if script != nil { try startThread { $0.acceptUntilStopped() } }
  }

  public func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

  /// The requests read whole, in order: those that the server executed.
  public var requests: [Connection.Request] { state.withLock { $0.requests } }
  /// Connections accepted so far.
  public var accepted: Int { state.withLock { $0.accepted } }

  /// Takes the connections still waiting, lets every script end, and returns the final `requests`.
  ///
  /// The client must have closed its connections: the scripts end by that, so that nothing sent goes uncounted.
  @discardableResult
  public func finish() -> [Connection.Request] {
    state.withLock { $0.isStopped = true }
    Sockets.writeByte(stopSignal.writer)
    while let thread = state.withLock({ $0.threads.popLast() }) { pthread_join(thread, nil) }
    return requests
  }

  func recordExecution(_ request: Connection.Request) { state.withLock { $0.requests.append(request) } }

  private func acceptUntilStopped() {
    while Sockets.await(listener, events: Int16(POLLIN), or: stopSignal.reader) { acceptOne() }
    while acceptOne() {}
  }

  /// False if no connection waits.
  @discardableResult
  private func acceptOne() -> Bool {
    guard let descriptor = Sockets.accept(listener) else { return false }
    state.withLock { $0.accepted += 1 }
    let connection = Connection(descriptor, server: self)
    try? startThread { server in
      // A script ends with an error when the client goes away: nothing is wrong then.
      try? server.script?(connection)
      connection.close()
    }
    return true
  }

  private func startThread(_ body: @escaping @Sendable (EvilServer) -> Void) throws {
    let box = Unmanaged.passRetained(ThreadBody(server: self, run: body))
    var thread = pthread_t()
    let code = pthread_create(&thread, nil, { runThread($0) }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw SocketError(call: "pthread_create", errno: code)
    }
    state.withLock { $0.threads.append(thread) }
  }
}

private final class ThreadBody: Sendable {
  let server: EvilServer
  let run: @Sendable (EvilServer) -> Void

  init(server: EvilServer, run: @escaping @Sendable (EvilServer) -> Void) {
    self.server = server
    self.run = run
  }
}

private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  let body = Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
  body.run(body.server)
  return nil
}
