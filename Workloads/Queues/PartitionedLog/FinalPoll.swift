import Generators
import Histories

/// The last message to a partition: whatever lies behind the messages of the load shows which of them are missing.
///
/// A log that has lost its newest messages gives their offsets to the next ones; without any, nobody would notice.
struct ClosingSend: FinalTask {
  let message: Producers.Message
  private var isUnknown = false

  init(_ message: Producers.Message) { self.message = message }

  var operation: GeneratedOperation { message.operation(isUnknown ? Producers.resend : "send") }

  mutating func ended(_ completion: Event) -> FinalTaskStep {
    if completion.type == .info { isUnknown = true }
    return completion.type == .ok ? .done : .later
  }
}

/// Polls a partition from its beginning on, until every message that was acknowledged has come, or nothing more does:
/// then again later, as replicas may lag.
struct FinalPoll: FinalTask {
  /// What a replica says that has no copy of the partition: it is not waited for.
  static let notAReplica = "not-a-replica"

  private let partition: Int
  private let node: String
  private let isOfReplica: Bool
  private var offset: Int64 = 0
  private var missing: Set<Value>

  /// - Parameters:
  ///   - node: through which it goes, or whose replica it reads.
  ///   - acknowledged: values that have to come.
  init(_ partition: Int, node: String, isOfReplica: Bool, acknowledged: Set<Value>) {
    (self.partition, self.node, self.isOfReplica, missing) = (partition, node, isOfReplica, acknowledged)
  }

  var operation: GeneratedOperation {
    if isOfReplica { return .poll(partition, from: 0, replicaOn: node) }
    var poll = GeneratedOperation.poll(partition, from: offset)
    poll.node = node
    return poll
  }

  mutating func ended(_ completion: Event) -> FinalTaskStep {
    guard completion.type == .ok else { return completion.error == Self.notAReplica ? .done : .later }
    let entries = completion.value.keyedPair?.value.list ?? []
    for entry in entries { if let value = entry.list?.last { missing.remove(value) } }
    if missing.isEmpty { return .done }
    guard !isOfReplica, let last = entries.last?.list?.first?.int else { return .later }
    offset = last + 1
    return .now
  }
}

extension History {
  /// One more message to every partition used last, then polls of each through several nodes and of each replica.
  ///
  /// - Parameter settle: nanoseconds in which replicas must have caught up.
  func finalPolls(nodes: [String], readers: Int, settle: Int64) -> some Generator {
    let partitions = partitionsUsedLast(max: PartitionedLogEnding.partitionsMax)
    let closing = closingMessages(of: partitions)
    var acknowledged = acknowledgedMessages
    for message in closing { acknowledged[message.object, default: []].insert(.int(message.value)) }
    let polls = partitions.flatMap { partition in
      let wanted = acknowledged[partition] ?? []
      let byReader = (0..<readers).map { reader in
        FinalPoll(
          partition, node: nodes[(partition + reader) % nodes.count], isOfReplica: false, acknowledged: wanted)
      }
      return byReader + nodes.map { FinalPoll(partition, node: $0, isOfReplica: true, acknowledged: wanted) }
    }
    return phases(
      FinalTasks(closing.map { ClosingSend($0) }, settle: settle).onClients(),
      FinalTasks(polls, settle: settle).onClients())
  }

  /// Each of a producer of its own, with values that nobody has sent.
  private func closingMessages(of partitions: [Int]) -> [Producers.Message] {
    var (value, producer) = (Int64(0), Int64(0))
    for index in 0..<count where type(at: index) == .invoke && function(at: index) == "send" {
      guard let message = Producers.Message(payload(at: index)) else { continue }
      (value, producer) = (max(value, message.value), max(producer, message.producer))
    }
    return partitions.enumerated().map { place, partition in
      let number = Int64(place) + 1
      return Producers.Message(object: partition, value: value + number, producer: producer + number, sequence: 1)
    }
  }

  /// By partition: the values of the messages that were acknowledged.
  private var acknowledgedMessages: [Int: Set<Value>] {
    var found: [Int: Set<Value>] = [:]
    for index in 0..<count where type(at: index) == .ok && ["send", Producers.resend].contains(function(at: index)) {
      guard let (object, answer) = payload(at: index).keyedPair, let value = answer.list?.last else { continue }
      if let partition = object.int.flatMap({ Int(exactly: $0) }) { found[partition, default: []].insert(value) }
    }
    return found
  }

  /// The partitions of the last operations, each once, that of the last one first.
  private func partitionsUsedLast(max: Int) -> [Int] {
    var found: [Int] = []
    var known: Set<Int> = []
    for index in (0..<count).reversed() where type(at: index) == .invoke && !process(at: index).isNemesis {
      guard let object = payload(at: index).keyedPair?.key.int, let partition = Int(exactly: object) else { continue }
      if known.insert(partition).inserted { found.append(partition) }
      if found.count == max { break }
    }
    return found
  }
}

/// Limits of the end of a run.
enum PartitionedLogEnding {
  /// Partitions that are polled: those used last, all but in runs of many hours.
  static let partitionsMax = 10_000
}
