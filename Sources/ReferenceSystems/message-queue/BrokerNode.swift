import Logging
import MessageQueue
import NodeKit

/// What a broker has on disk.
struct BrokerRecovery: NodeRecovery, Sendable {
  static let damageAdvice =
    "Restore the file as it was when the node stopped. With an older one, or with an empty directory, the node forgets "
    + "the epochs it knows and the records that count as replicated, and acknowledged records may be lost; "
    + "without it, the others go on while enough replicas are in sync"

  let configuration: Configuration
  /// They are replayed on the snapshot, which is read after them.
  private var batches: [PersistBatch] = []
  private var snapshot: Snapshot?

  init(_ configuration: Configuration) { self.configuration = configuration }

  mutating func replay(record: [UInt8]) throws { batches.append(try PersistBatch(decoding: record)) }

  mutating func restore(snapshot: [UInt8]) throws { self.snapshot = try Snapshot(decoding: snapshot) }

  mutating func program(at now: Nanoseconds, _ logger: Logger) throws -> BrokerNode {
    var recovered = RecoveredState(snapshot: snapshot)
    for batch in batches { recovered.replay(batch) }
    let broker = try Broker(configuration, recovered: recovered, at: now)
    logger.info(
      "recovered",
      metadata: [
        "partitions": "\(broker.partitionIDs.count)", "records": "\(broker.recordCount)",
        "snapshot": "\(recovered.snapshotNumber)", "bug": "\(configuration.bug?.rawValue ?? "none")",
      ])
    return BrokerNode(broker)
  }
}

/// The broker between bytes.
struct BrokerNode: NodeProgram {
  private var broker: Broker
  private let api: QueueAPI
  private var forms: [RequestID: QueueAPI.AnswerForm] = [:]

  init(_ broker: Broker) {
    self.broker = broker
    api = QueueAPI(broker.configuration)
  }

  mutating func handle(_ input: NodeInput<UInt64>, in shell: NodeShell<BrokerNode>) throws {
    let event: Event =
      switch input {
      case .tick: .tick
      case .endOfBatch: .endOfBatch
      case .received(let bytes, let sender): .received(try Message.decoded(bytes), from: sender)
      case .persisted(let sequence): .persisted(sequence)
      case .saved(let number): .snapshotSaved(number: number)
      }
    step(event, in: shell)
  }

  mutating func handle(_ request: ClientRequest, id: RequestID, in shell: NodeShell<BrokerNode>) {
    switch api.route(request) {
    case .operation(let operation, let form):
      forms[id] = form
      step(.request(operation, id: id), in: shell)
    case .health: shell.respond(to: id, QueueAPI.health(of: broker))
    case .status:
      shell.respond(
        to: id, QueueAPI.status(of: broker, logBytes: shell.logBytes, dropped: shell.droppedMessages))
    case .refused(let response): shell.respond(to: id, response)
    }
  }

  /// Does what the core wants, in its order.
  private mutating func step(_ event: Event, in shell: NodeShell<BrokerNode>) {
    for directive in broker.step(event, at: shell.now) {
      switch directive {
      case .send(let messages, let node): shell.send(Message.encoded(messages), to: node)
      case .persist(let batch) where batch.isWhole: shell.replaceLog(with: batch.encoded(), sequence: batch.sequence)
      case .persist(let batch): shell.append(batch.encoded(), sequence: batch.sequence)
      case .saveSnapshot(let snapshot): shell.saveSnapshot { (snapshot.encoded(), snapshot.number) }
      case .respond(let id, let outcome):
        if let form = forms.removeValue(forKey: id) { shell.respond(to: id, QueueAPI.response(to: outcome, form)) }
      case .leads(let partition, let epoch, let isLeader):
        shell.logger.info(
          isLeader ? "leads" : "leads no more", metadata: ["partition": "\(partition)", "epoch": "\(epoch)"])
      }
    }
  }
}
