import Logging
import NodeKit
import RaftKV

/// What a server has on disk.
struct RaftRecovery: NodeRecovery, Sendable {
  static let damageAdvice =
    "Restore the file as it was when the server stopped (an older one forgets votes and acknowledged writes), or remove "
    + "the server from the cluster, then its data, and let it join as a new one"

  let configuration: Configuration
  private var recovered = RecoveredState()

  init(_ configuration: Configuration) { self.configuration = configuration }

  mutating func replay(record: [UInt8]) throws { try recovered.replay(PersistBatch(decoding: record)) }

  mutating func restore(snapshot: [UInt8]) throws {
    recovered.snapshot = try SnapshotContents(decoding: snapshot, configuration.sessionLimits)
  }

  mutating func program(at now: Nanoseconds, _ logger: Logger) throws -> RaftNode {
    try recovered.validate()
    let raft = Raft(configuration, recovered: recovered, at: now)
    logger.info(
      "recovered",
      metadata: [
        "term": "\(raft.currentTerm)", "snapshot": "\(raft.snapshotIndex)", "lastIndex": "\(raft.log.lastIndex)",
        "bug": "\(configuration.bug?.rawValue ?? "none")",
      ])
    return RaftNode(raft: raft)
  }
}

/// The Raft core between bytes.
struct RaftNode: NodeProgram {
  var raft: Raft
  private var forms: [RequestID: KVAPI.AnswerForm] = [:]

  init(raft: Raft) { self.raft = raft }

  mutating func handle(_ input: NodeInput<Snapshot>, in shell: NodeShell<RaftNode>) throws {
    let event: Event =
      switch input {
      case .tick: .tick
      case .endOfBatch: .endOfBatch
      case .received(let bytes, let sender): .received(try Message(decoding: bytes), from: sender)
      case .persisted(let sequence): .persisted(sequence)
      case .saved(let snapshot): .snapshotSaved(snapshot)
      }
    step(event, in: shell)
  }

  mutating func handle(_ request: ClientRequest, id: RequestID, in shell: NodeShell<RaftNode>) {
    switch KVAPI.route(request) {
    case .operation(let operation, let form):
      forms[id] = form
      step(.request(operation, id: id), in: shell)
    case .health: shell.respond(to: id, KVAPI.health(of: raft, at: shell.now))
    case .status:
      shell.respond(to: id, KVAPI.status(of: raft, dropped: shell.droppedMessages, walBytes: shell.logBytes))
    case .refused(let response): shell.respond(to: id, response)
    }
  }

  /// Does what the core wants, in its order.
  private mutating func step(_ event: Event, in shell: NodeShell<RaftNode>) {
    for directive in raft.step(event, at: shell.now) {
      switch directive {
      case .send(let message, let node): shell.send(message.encoded(), to: node)
      case .persist(let batch) where batch.base != nil:
        shell.replaceLog(with: batch.encoded(), sequence: batch.sequence)
      case .persist(let batch): shell.append(batch.encoded(), sequence: batch.sequence)
      case .saveSnapshot(let contents):
        shell.saveSnapshot {
          let snapshot = contents.encoded()
          return (snapshot.bytes, snapshot)
        }
      case .respond(let id, let outcome):
        if let form = forms.removeValue(forKey: id) { shell.respond(to: id, KVAPI.response(to: outcome, form)) }
      case .roleChanged(let role, let term):
        shell.logger.info("role changed", metadata: ["role": "\(role.rawValue)", "term": "\(term)"])
      case .halt(let reason): shell.fail("the protocol was violated: \(reason)")
      }
    }
  }
}
