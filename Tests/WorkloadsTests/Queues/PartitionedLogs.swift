import Generators
import Histories

@testable import Workloads

/// Partitions that take a message at once, on three replicas, unless something is wrong.
struct PartitionedLogs: SimulatedSystem {
  enum Fault {
    case none
    /// Every fiftieth message is acknowledged and forgotten.
    case losesMessages
    /// Every hundredth message takes the place of the three before it.
    case truncates
    /// What is sent again is stored again.
    case forgetsProducers
    /// The second replica holds another message at every twentieth offset.
    case forksReplica
    /// Every tenth poll leaves out the second message that it should get.
    case skips
    /// The third replica never gets anything.
    case lateReplica
  }

  private var stream: RandomStream
  private let fault: Fault
  /// Share of the operations whose answer is lost; they are carried out all the same.
  private let lost: Double
  /// Which of the nodes have no replica of a partition.
  private let strangers: Set<String>
  private var logs: [Value: [Value]] = [:]
  /// By partition, producer and number.
  private var stored: [[Value]: Int] = [:]
  private var sends = 0
  private var polls = 0

  init(seed: UInt64, lost: Double = 0, fault: Fault = .none, strangers: Set<String> = []) {
    stream = RandomStreams(seed: seed).stream("partitioned-logs")
    (self.lost, self.fault, self.strangers) = (lost, fault, strangers)
  }

  mutating func answer(_ invocation: Invocation) -> (after: Int64, completion: Completion) {
    let after = Int64(stream.below(5_000_000)) + 100_000
    guard let (partition, value) = invocation.event.value.keyedPair else { return (after, Completion(.fail)) }
    let isLost = stream.unit() < lost
    switch invocation.event.function {
    case "send", "resend":
      let entry = send(value.map ?? [:], to: partition)
      return (after, isLost ? Completion(.info, error: "timeout") : Completion(.ok, value: .keyed(partition, entry)))
    case "local-poll" where strangers.contains(invocation.event.node ?? ""):
      return (after, Completion(.fail, error: "not-a-replica"))
    default:
      let isLocal = invocation.event.function == "local-poll"
      let entries = poll(partition, from: Int(value.int ?? 0), replicaOn: isLocal ? invocation.event.node : nil)
      return (after, isLost ? Completion(.fail, error: "timeout") : Completion(.ok, value: .keyed(partition, entries)))
    }
  }

  private mutating func send(_ message: [String: Value], to partition: Value) -> Value {
    sends += 1
    let value = message["value"] ?? .null
    let number = [partition, message["producer"] ?? .null, message["sequence"] ?? .null]
    if fault != .forgetsProducers, let offset = stored[number] { return .list([.int(Int64(offset)), value]) }
    if fault == .truncates, sends.isMultiple(of: 100) {
      logs[partition] = (logs[partition] ?? []).dropLast(3)
    }
    let offset = logs[partition]?.count ?? 0
    stored[number] = offset
    if fault != .losesMessages || !sends.isMultiple(of: 50) { logs[partition, default: []].append(value) }
    return .list([.int(Int64(offset)), value])
  }

  private mutating func poll(_ partition: Value, from: Int, replicaOn node: String?) -> Value {
    polls += 1
    if fault == .lateReplica, node == "n3" { return .list([]) }
    var entries = (logs[partition] ?? []).enumerated().dropFirst(from).map { (offset: $0.offset, value: $0.element) }
    if fault == .forksReplica, node == "n2" {
      entries = entries.map { $0.offset % 20 == 19 ? ($0.offset, .int(Int64(-1 - $0.offset))) : $0 }
    }
    if fault == .skips, polls.isMultiple(of: 10), entries.count > 2 { entries.remove(at: 1) }
    return .list(entries.map { .list([.int(Int64($0.offset)), $0.value]) })
  }
}
