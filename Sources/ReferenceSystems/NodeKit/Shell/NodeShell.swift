import Logging
import NIOCore
import NIOPosix

/// The shell of a bundled server: sockets, disk and clock on one side, a ``NodeProgram`` on the other. It decides nothing.
///
/// Lives on one event loop; a second thread waits for the write-ahead log, a third encodes and writes snapshots. It and
/// its parts hold each other, as they all live until the process ends.
public final class NodeShell<Program: NodeProgram> {
  /// How often the program looks at the time. Heartbeats and time-outs are tens of milliseconds.
  private static var tickInterval: TimeAmount { .milliseconds(10) }

  /// For the program's own lines.
  public let logger: Logger
  private let loop: any EventLoop
  private let failure: EventLoopPromise<Void>
  private var time: NodeTime
  private let snapshotFile: SnapshotFile
  private let snapshotThread = NIOThreadPool(numberOfThreads: 1)
  private var program: Program?
  private var log: WriteAheadLog?
  private var links: PeerLinks?
  private var server: HTTPServer?
  private var gate: BatchGate?
  private var waiting: [ClientRequestID: Responder] = [:]
  private var lastRequest: ClientRequestID = 0

  /// Runs a server; returns only by throwing.
  /// - Throws: ``ServerFailure`` when a running server has to stop; any other error when it cannot start.
  public static func runUntilItFails<Recovery: NodeRecovery & Sendable>(
    _ recovery: Recovery, at place: NodePlace, logger: Logger
  ) throws where Recovery.Program == Program {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let failure = loop.makePromise(of: Void.self)
    loop.flatSubmit {
      do {
        let shell = NodeShell(place, loop, failure, logger)
        try shell.recover(recovery, place)
        return try shell.start(place)
      } catch let damage as any DataDamage {
        return loop.makeFailedFuture(DataRefused(damage: damage, advice: Recovery.damageAdvice))
      } catch {
        return loop.makeFailedFuture(error)
      }
    }.whenFailure { failure.fail($0) }
    try failure.futureResult.wait()
  }

  private init(_ place: NodePlace, _ loop: any EventLoop, _ failure: EventLoopPromise<Void>, _ logger: Logger) {
    self.loop = loop
    self.failure = failure
    self.logger = logger
    time = NodeTime(place.clock)
    snapshotFile = SnapshotFile(directory: place.data)
    snapshotThread.start()
  }

  // MARK: Starting

  private func recover<Recovery: NodeRecovery>(_ recovery: Recovery, _ place: NodePlace) throws
  where Recovery.Program == Program {
    var recovery = recovery
    let identity = NodeIdentity(system: place.system, id: place.id)
    let identityFile = SnapshotFile(directory: place.data, name: "identity")
    try identity.check(identityFile, of: place.data)
    let witness = try [identityFile, snapshotFile].first { try $0.exists() }?.path
    let disk = NIOThreadPool(numberOfThreads: 1)
    disk.start()
    let (log, found) = try WriteAheadLog.open(
      directory: place.data, witness: witness, syncs: place.syncsLog, loop: loop, thread: disk,
      replay: { try recovery.replay(record: $0) },
      durable: { self.handle(.persisted($0)) },
      failed: { self.fail("the disk failed: \($0)") })
    self.log = log
    if found.tornBytes > 0 {
      logger.warning("cut a torn record off the write-ahead log", metadata: ["bytes": "\(found.tornBytes)"])
    }
    // Read when the log is open, and so the directory locked against another server.
    if let bytes = try snapshotFile.read() {
      do {
        try recovery.restore(snapshot: bytes)
      } catch {
        throw SnapshotDamaged(path: snapshotFile.path, reason: "\(error)")
      }
    }
    program = try recovery.program(at: now, logger)
    // After all that can refuse the data, as a directory may be older than identities; before the first record.
    try identity.claim(identityFile)
  }

  /// Listens for peers, then for clients, then lets time pass.
  private func start(_ place: NodePlace) throws -> EventLoopFuture<Void> {
    gate = BatchGate(loop: loop) { self.endBatch() }
    let links = try PeerLinks(
      id: place.id, peers: place.peers, source: place.peerListen, loop: loop, logger: logger
    ) { sender, bytes in self.handle(.received(bytes, from: sender)) }
    let server = HTTPServer(loop: loop) { request, responder in self.handle(request, responder) }
    (self.links, self.server) = (links, server)
    let bound = NIOLoopBound(self, eventLoop: loop)
    return links.start(on: place.peerListen)
      .flatMap { _ in bound.value.listen(on: place.listen) }
      .map { endpoint in
        bound.value.logger.info("listening", metadata: ["clients": "\(endpoint)", "peers": "\(place.peerListen)"])
        bound.value.loop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.tickInterval) { _ in
          bound.value.handle(.tick)
        }
      }
  }

  private func listen(on endpoint: Endpoint) -> EventLoopFuture<Endpoint> {
    server?.start(on: endpoint) ?? loop.makeFailedFuture(CancellationError())
  }

  // MARK: Input

  /// The end of the batch follows when no more input is ready.
  private func handle(_ input: NodeInput<Program.Saved>) {
    do {
      try program?.handle(input, in: self)
    } catch {
      guard case .received(_, let sender) = input else { return fail("\(error)") }
      logger.warning("dropped a message", metadata: ["peer": "\(sender)", "reason": "\(error)"])
    }
    gate?.inputArrived()
  }

  private func handle(_ request: ClientRequest, _ responder: Responder) {
    lastRequest += 1
    waiting[lastRequest] = responder
    program?.handle(request, id: lastRequest, in: self)
    gate?.inputArrived()
  }

  /// Lets the program persist and send what gathered, in few records and messages.
  private func endBatch() {
    do {
      try program?.handle(.endOfBatch, in: self)
    } catch {
      fail("\(error)")
    }
    links?.flush()
  }
}

// What the program may want.
extension NodeShell {
  /// The server's clock (``NodePlace/clock``), in nanoseconds; never less than it was.
  public var now: UInt64 { time.now() }

  /// The machine's own time, in nanoseconds since 1970. It may jump.
  public var wallTime: UInt64 { WallClock.nanoseconds }

  /// Messages that found no connection to their peer.
  public var droppedMessages: Int { links?.droppedCount ?? 0 }

  /// The length of the write-ahead log's file.
  public var logBytes: Int { log?.end ?? 0 }

  /// Sends a message with the others of this batch; lost if the peer is not connected.
  public func send(_ message: [UInt8], to peer: UInt32) { links?.send(message, to: peer) }

  /// As ``WriteAheadLog/append(_:sequence:)``; ``NodeInput/persisted(_:)`` follows.
  public func append(_ record: [UInt8], sequence: UInt64) { log?.append(record, sequence: sequence) }

  /// As ``WriteAheadLog/replace(with:sequence:)``; ``NodeInput/persisted(_:)`` follows.
  public func replaceLog(with record: [UInt8], sequence: UInt64) { log?.replace(with: record, sequence: sequence) }

  /// Encodes and writes a snapshot beside the log while the server goes on, one after the other;
  /// ``NodeInput/saved(_:)`` follows. `encode` runs on another thread.
  public func saveSnapshot(_ encode: @escaping @Sendable () -> (bytes: [UInt8], saved: Program.Saved)) {
    let shell = NIOLoopBound(self, eventLoop: loop)
    let loop = self.loop
    let file = snapshotFile
    snapshotThread.submit { state in
      let result = Result {
        guard case .active = state else { throw CancellationError() }
        let (bytes, saved) = encode()
        try file.write(bytes)
        return saved
      }
      loop.execute {
        switch result {
        case .success(let saved): shell.value.handle(.saved(saved))
        case .failure(let error): shell.value.fail("the disk failed: \(error)")
        }
      }
    }
  }

  /// Answers whoever waits for this request; only the first answer counts.
  public func respond(to request: ClientRequestID, _ response: ClientResponse) {
    waiting.removeValue(forKey: request)?.respond(response)
  }

  /// Ends the process with the reason; only the first counts.
  public func fail(_ reason: String) { failure.fail(ServerFailure(description: reason)) }
}
