import Logging
import NIOCore
import NIOPosix
import NodeArguments
import NodeKit
import PaxosLog

/// The snapshot's file does not hold what was written. To start without it would forget what this node promised.
struct SnapshotDamaged: Error, CustomStringConvertible {
  let path: String
  let reason: String
  var description: String { "\(path) is damaged: \(reason). Put another copy of the file in its place" }
}

/// The shell around the Paxos core: sockets, disk and clock on one side, events and directives on the other. It decides
/// nothing.
///
/// Lives on one event loop; a second thread waits for the write-ahead log, a third for snapshots. It and its parts hold
/// each other, as they all live until the process ends.
final class PaxosServer {
  /// How often the core looks at the time. Heartbeats and time-outs are tens of milliseconds.
  private static let tickInterval = TimeAmount.milliseconds(10)

  private let loop: any EventLoop
  private let logger: Logger
  private let failure: EventLoopPromise<Void>
  private var core: MultiPaxos
  private let snapshotFile: SnapshotFile
  private let snapshotThread: NIOThreadPool
  private var log: WriteAheadLog?
  private var links: PeerLinks?
  private var server: HTTPServer?
  private var gate: BatchGate?
  private var waiting: [RequestID: (responder: Responder, form: LogAPI.AnswerForm)] = [:]
  private var lastRequest: RequestID = 0

  /// Runs a server; returns only by throwing.
  /// - Throws: ``ServerFailure`` when a running server has to stop; any other error when it cannot start.
  static func runUntilItFails(_ configuration: Configuration, _ options: NodeOptions, logger: Logger) throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let disk = NIOThreadPool(numberOfThreads: 1)
    disk.start()
    let loop = group.next()
    let failure = loop.makePromise(of: Void.self)
    loop.flatSubmit {
      do {
        return try PaxosServer(configuration, options, loop, disk, failure, logger).start(options)
      } catch {
        return loop.makeFailedFuture(error)
      }
    }.whenFailure { failure.fail($0) }
    try failure.futureResult.wait()
  }

  private init(
    _ configuration: Configuration, _ options: NodeOptions, _ loop: any EventLoop, _ disk: NIOThreadPool,
    _ failure: EventLoopPromise<Void>, _ logger: Logger
  ) throws {
    self.loop = loop
    self.logger = logger
    self.failure = failure
    core = try MultiPaxos(configuration, at: Self.now)
    snapshotFile = SnapshotFile(directory: options.data)
    snapshotThread = NIOThreadPool(numberOfThreads: 1)
    snapshotThread.start()
    var recovered = RecoveredState()
    let (log, recovery) = try WriteAheadLog.open(
      directory: options.data, loop: loop, thread: disk,
      replay: { recovered.replay(try PersistBatch(decoding: $0)) },
      durable: { self.handle(.persisted($0)) },
      failed: { self.fail("the disk failed: \($0)") })
    self.log = log
    recovered.snapshot = try Self.readSnapshot(snapshotFile)
    core = try MultiPaxos(configuration, recovered: recovered, at: Self.now)
    if recovery.tornBytes > 0 {
      logger.warning("cut a torn record off the write-ahead log", metadata: ["bytes": "\(recovery.tornBytes)"])
    }
    logger.info(
      "recovered",
      metadata: [
        "promised": "\(core.promised)", "chosen": "\(core.chosenThrough)", "lastSlot": "\(core.log.lastSlot)",
        "bug": "\(configuration.bug?.rawValue ?? "none")",
      ])
    gate = BatchGate(loop: loop) { self.endBatch() }
    links = try PeerLinks(
      id: configuration.id, peers: options.peers.endpoints, source: options.peerListen, loop: loop, logger: logger
    ) { sender, bytes in self.received(bytes, from: sender) }
    server = HTTPServer(loop: loop) { request, responder in self.handle(request, responder) }
  }

  /// Read when the log is open, and so the directory locked against another server.
  private static func readSnapshot(_ file: SnapshotFile) throws -> Snapshot? {
    guard let bytes = try file.read() else { return nil }
    do {
      return try Snapshot(decoding: bytes)
    } catch {
      throw SnapshotDamaged(path: file.path, reason: "\(error)")
    }
  }

  /// The monotonic clock.
  private static var now: Nanoseconds { NIODeadline.now().uptimeNanoseconds }

  /// Listens for peers, then for clients, then lets time pass.
  private func start(_ options: NodeOptions) -> EventLoopFuture<Void> {
    guard let links, let server else { return loop.makeSucceededVoidFuture() }
    let bound = NIOLoopBound((self, server), eventLoop: loop)
    return links.start(on: options.peerListen)
      .flatMap { _ in bound.value.1.start(on: options.listen) }
      .map { endpoint in
        let paxosServer = bound.value.0
        paxosServer.logger.info("listening", metadata: ["clients": "\(endpoint)", "peers": "\(options.peerListen)"])
        paxosServer.loop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.tickInterval) { _ in
          bound.value.0.handle(.tick)
        }
      }
  }

  /// One event for the core; the end of its batch follows when no more input is ready.
  private func handle(_ event: Event) {
    perform(core.step(event, at: Self.now))
    gate?.inputArrived()
  }

  /// Lets the core persist and send what gathered, in few records and messages.
  private func endBatch() {
    perform(core.step(.endOfBatch, at: Self.now))
    links?.flush()
  }

  /// Does what the core wants, in its order.
  private func perform(_ directives: [Directive]) {
    for directive in directives {
      switch directive {
      case .send(let message, let node): links?.send(message.encoded(), to: node)
      case .persist(let batch) where batch.isWhole: log?.replace(with: batch.encoded(), sequence: batch.sequence)
      case .persist(let batch): log?.append(batch.encoded(), sequence: batch.sequence)
      case .respond(let id, let outcome): respond(to: id, outcome)
      case .saveSnapshot(let snapshot): save(snapshot)
      case .roleChanged(let role, let ballot):
        logger.info("role changed", metadata: ["role": "\(role.rawValue)", "ballot": "\(ballot)"])
      case .halt(let reason): fail("the protocol was violated: \(reason)")
      }
    }
  }

  /// Writes a snapshot beside the log; one after the other, as the thread is one.
  private func save(_ snapshot: Snapshot) {
    let server = NIOLoopBound(self, eventLoop: loop)
    let loop = self.loop
    let file = snapshotFile
    snapshotThread.submit { state in
      let result = Result {
        guard case .active = state else { throw CancellationError() }
        try file.write(snapshot.bytes)
      }
      loop.execute {
        switch result {
        case .success: server.value.handle(.snapshotSaved(through: snapshot.through))
        case .failure(let error): server.value.fail("the disk failed: \(error)")
        }
      }
    }
  }

  /// Answers whoever waits for this request.
  private func respond(to id: RequestID, _ outcome: Outcome) {
    guard let client = waiting.removeValue(forKey: id) else { return }
    client.responder.respond(LogAPI.response(to: outcome, client.form))
  }

  /// Ends the process with the reason; only the first counts.
  private func fail(_ reason: String) { failure.fail(ServerFailure(description: reason)) }

  /// A message that does not decode is dropped, as if the network had lost it.
  private func received(_ bytes: [UInt8], from sender: UInt32) {
    do {
      handle(.received(try Message(decoding: bytes), from: sender))
    } catch {
      logger.warning("dropped a message", metadata: ["peer": "\(sender)", "reason": "\(error)"])
    }
  }

  /// A client's request: to the core, or answered from what the server knows.
  private func handle(_ request: ClientRequest, _ responder: Responder) {
    switch LogAPI.route(request) {
    case .operation(let operation, let form):
      lastRequest += 1
      waiting[lastRequest] = (responder, form)
      handle(.request(operation, id: lastRequest))
    case .health: responder.respond(LogAPI.health(of: core, at: Self.now))
    case .status: responder.respond(LogAPI.status(of: core, dropped: links?.droppedCount ?? 0))
    case .refused(let response): responder.respond(response)
    }
  }
}
