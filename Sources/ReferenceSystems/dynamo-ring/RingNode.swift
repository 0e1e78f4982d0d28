import DynamoRing
import Logging
import NodeKit

/// What a node has on disk.
struct RingRecovery: NodeRecovery, Sendable {
  static let damageAdvice =
    "Restore the file as it was when the node stopped. With an older one, or with an empty directory, the node forgets "
    + "its lives and gives new writes the dots of old ones, and writes may be lost; "
    + "without it, the others go on while they are enough for a quorum"

  let configuration: Configuration
  private var recovered = RecoveredState()

  init(_ configuration: Configuration) { self.configuration = configuration }

  mutating func replay(record: Bytes) throws { recovered.replay(try PersistBatch(decoding: record)) }

  mutating func restore(snapshot: Bytes) throws { try recovered.restore(snapshot) }

  mutating func program(at now: Nanoseconds, _ logger: Logger) throws -> RingNode {
    let core = try DynamoNode(configuration, recovered: recovered, at: now)
    logger.info(
      "recovered",
      metadata: [
        "life": "\(core.life)", "keys": "\(core.keyCount)", "hints": "\(core.hintCount)",
        "bug": "\(configuration.bug?.rawValue ?? "none")",
      ])
    return RingNode(core: core)
  }
}

/// The Dynamo core between bytes.
struct RingNode: NodeProgram {
  var core: DynamoNode

  mutating func handle(_ input: NodeInput<Void>, in shell: NodeShell<RingNode>) throws {
    let event: Event =
      switch input {
      case .tick: .tick(wall: shell.wallTime)
      case .endOfBatch: .endOfBatch
      case .received(let bytes, let sender): .received(try Message(decoding: bytes), from: sender)
      case .persisted(let sequence): .persisted(sequence)
      case .saved: .snapshotSaved
      }
    step(event, in: shell)
  }

  mutating func handle(_ request: ClientRequest, id: RequestID, in shell: NodeShell<RingNode>) {
    switch RingAPI.route(request, members: core.configuration.members) {
    case .operation(let operation): step(.request(operation, id: id), in: shell)
    case .preferenceList(let name): shell.respond(to: id, RingAPI.preferenceList(of: name, in: core.ring))
    case .health: shell.respond(to: id, RingAPI.health(of: core))
    case .status: shell.respond(to: id, RingAPI.status(of: core, at: shell.now, dropped: shell.droppedMessages))
    case .refused(let response): shell.respond(to: id, response)
    }
  }

  /// Does what the core wants, in its order.
  private mutating func step(_ event: Event, in shell: NodeShell<RingNode>) {
    for directive in core.step(event, at: shell.now) {
      switch directive {
      case .send(let message, let node): shell.send(message.encoded(), to: node)
      case .persist(let batch) where batch.isWhole: shell.replaceLog(with: batch.encoded(), sequence: batch.sequence)
      case .persist(let batch): shell.append(batch.encoded(), sequence: batch.sequence)
      case .saveSnapshot(let snapshot): shell.saveSnapshot { (snapshot.encoded(), ()) }
      case .respond(let id, let outcome): shell.respond(to: id, RingAPI.response(to: outcome))
      }
    }
  }
}
