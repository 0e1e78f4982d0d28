import Logging
import NodeKit
import PaxosLog

/// What a node has on disk.
struct PaxosRecovery: NodeRecovery, Sendable {
  static let damageAdvice =
    "Restore the file as it was when the node stopped. With an older one, or with an empty directory, the node forgets "
    + "what it promised and accepted, and chosen entries may be lost; "
    + "without it, the others go on while they are a majority"

  let configuration: Configuration
  private var recovered = RecoveredState()

  init(_ configuration: Configuration) { self.configuration = configuration }

  mutating func replay(record: [UInt8]) throws { recovered.replay(try PersistBatch(decoding: record)) }

  mutating func restore(snapshot: [UInt8]) throws { recovered.snapshot = try Snapshot(decoding: snapshot) }

  mutating func program(at now: Nanoseconds, _ logger: Logger) throws -> PaxosNode {
    let core = try MultiPaxos(configuration, recovered: recovered, at: now)
    logger.info(
      "recovered",
      metadata: [
        "promised": "\(core.promised)", "chosen": "\(core.chosenThrough)", "lastSlot": "\(core.log.lastSlot)",
        "bug": "\(configuration.bug?.rawValue ?? "none")",
      ])
    return PaxosNode(core: core)
  }
}

/// The Paxos core between bytes.
struct PaxosNode: NodeProgram {
  var core: MultiPaxos
  private var forms: [RequestID: LogAPI.AnswerForm] = [:]

  init(core: MultiPaxos) { self.core = core }

  mutating func handle(_ input: NodeInput<Slot>, in shell: NodeShell<PaxosNode>) throws {
    let event: Event =
      switch input {
      case .tick: .tick
      case .endOfBatch: .endOfBatch
      case .received(let bytes, let sender): .received(try Message(decoding: bytes), from: sender)
      case .persisted(let sequence): .persisted(sequence)
      case .saved(let slot): .snapshotSaved(through: slot)
      }
    step(event, in: shell)
  }

  mutating func handle(_ request: ClientRequest, id: RequestID, in shell: NodeShell<PaxosNode>) {
    switch LogAPI.route(request) {
    case .operation(let operation, let form):
      forms[id] = form
      step(.request(operation, id: id), in: shell)
    case .health: shell.respond(to: id, LogAPI.health(of: core, at: shell.now))
    case .status: shell.respond(to: id, LogAPI.status(of: core, dropped: shell.droppedMessages))
    case .refused(let response): shell.respond(to: id, response)
    }
  }

  /// Does what the core wants, in its order.
  private mutating func step(_ event: Event, in shell: NodeShell<PaxosNode>) {
    for directive in core.step(event, at: shell.now) {
      switch directive {
      case .send(let message, let node): shell.send(message.encoded(), to: node)
      case .persist(let batch) where batch.isWhole: shell.replaceLog(with: batch.encoded(), sequence: batch.sequence)
      case .persist(let batch): shell.append(batch.encoded(), sequence: batch.sequence)
      case .saveSnapshot(let snapshot): shell.saveSnapshot { (snapshot.bytes, snapshot.through) }
      case .respond(let id, let outcome):
        if let form = forms.removeValue(forKey: id) { shell.respond(to: id, LogAPI.response(to: outcome, form)) }
      case .roleChanged(let role, let ballot):
        shell.logger.info("role changed", metadata: ["role": "\(role.rawValue)", "ballot": "\(ballot)"])
      case .halt(let reason): shell.fail("the protocol was violated: \(reason)")
      }
    }
  }
}
