import Generators
import Histories

/// Messages to the partitions of a log, polls of them from chosen offsets, and polls of single replicas.
///
/// - Few partitions, all threads on all of them, each retired after some thousand operations: long enough for a leader to
///   fall, another to take over and the first to come back, and short enough to be looked at whole.
/// - Threads are idempotent producers: a message of unknown outcome is sent again, through any node, which is when a
///   system that has forgotten its producers stores it twice; now and then one that was answered is.
/// - *Consumers* are threads too, each with its own position in each partition, as in Kafka's client: a poll goes on
///   where the thread's last one ended.
/// - *Chasing polls*: half of the polls go to the partition whose send completed last, from another thread than the
///   sender's, and so mostly through another node. They begin a little before the newest offset known: what a new leader
///   has put in the place of an acknowledged message shows before the next messages hide it.
/// - *Readers*: some threads only poll, so that somebody still asks a node that cannot take messages any more.
/// - *Polls of replicas* go to one node, any, and may be late; what they hold at an offset is what all others hold.
struct PartitionedLogGenerator: Generator {
  /// In the order of the weights.
  static let functions = ["send", Producers.resend, "poll", "local-poll"]
  /// Share of the polls that chase a send, if there is one to chase.
  static let chasingShare = 0.5
  /// How far before the newest offset known a chasing poll begins, at most.
  static let startsBefore = 8

  /// Where somebody stands in the newest partition of a slot that they have heard of.
  private struct Position: Sendable {
    var partition = -1
    var offset: Int64 = 0
  }

  private var partitions: RotatingKeys
  private let nodes: [String]
  private let weights: WeightedChoice
  private let readers: ReaderThreads
  private var stream: RandomStream
  private var producers: Producers
  private var lastValue: Int64 = 0
  private var recent = RecentWrites()
  /// By slot: the greatest offset known.
  private var ends: [Position]
  /// By number of the thread, then by slot: the offset to poll next.
  private var positions: [[Position]]

  /// - Parameter nodes: whose replicas are polled; at least one.
  init(
    partitions: RotatingKeys, nodes: [String], threads: Int, retries: Int, weights: [Double], readers: ReaderThreads,
    stream: RandomStream
  ) {
    (self.partitions, self.nodes, self.readers, self.stream) = (partitions, nodes, readers, stream)
    self.weights = WeightedChoice(weights)
    producers = Producers(threads: threads, put: "send", attemptsMax: retries)
    ends = Array(repeating: Position(), count: partitions.live)
    positions = Array(repeating: ends, count: threads)
  }

  mutating func next(_ context: Context) -> Next {
    guard let thread = context.nextFree else { return .pending(until: nil) }
    if let message = producers.unknown(of: thread) { return resend(message).offered(in: context) }
    guard let choice = weights.draw(&stream) else { return .exhausted }
    let function = Self.functions[choice]
    if Self.isPut(function), readers.contains(thread) { return poll(by: thread).offered(in: context) }
    let operation =
      switch function {
      case "send": send(by: thread)
      case Producers.resend: producers.answered(of: thread).map { resend($0) } ?? send(by: thread)
      case "poll": poll(by: thread)
      default: pollReplica()
      }
    return operation.offered(in: context)
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    producers.update(event)
    let completion = event.event
    guard completion.type == .ok || completion.type == .info, let (object, value) = completion.value.keyedPair,
      let partition = object.int.flatMap({ Int(exactly: $0) }), partition >= 0
    else { return }
    let isPut = Self.isPut(completion.function)
    if isPut { recent.remember(key: partition, writer: event.thread) }
    guard completion.type == .ok else { return }
    guard let offset = (isPut ? value : value.list?.last)?.list?.first?.int else { return }
    let slot = partitions.slot(of: partition)
    Self.advance(&ends[slot], to: offset, in: partition)
    if completion.function == "poll" {
      Self.advance(&positions[event.thread.rawValue][slot], to: offset + 1, in: partition)
    }
  }

  private static func isPut(_ function: String) -> Bool { function == "send" || function == Producers.resend }

  private static func advance(_ position: inout Position, to offset: Int64, in partition: Int) {
    if partition > position.partition { position = Position(partition: partition) }
    if partition == position.partition { position.offset = max(position.offset, offset) }
  }

  private mutating func send(by thread: ThreadID) -> GeneratedOperation {
    lastValue += 1
    let partition = partitions.take(partitions.drawSlot(&stream))
    return producers.message(lastValue, to: partition, by: thread).operation("send")
  }

  private mutating func resend(_ message: Producers.Message) -> GeneratedOperation {
    message.operation(Producers.resend, node: nodes[stream.below(nodes.count)])
  }

  private mutating func poll(by thread: ThreadID) -> GeneratedOperation {
    if stream.unit() < Self.chasingShare {
      let partitions = self.partitions
      if let partition = recent.take(by: thread, where: { partitions.isLive($0) }) {
        let slot = self.partitions.slot(of: partition)
        let end = ends[slot].partition == partition ? ends[slot].offset : 0
        return .poll(self.partitions.take(slot), from: max(0, end - Int64(stream.below(Self.startsBefore))))
      }
    }
    let slot = partitions.drawSlot(&stream)
    let partition = partitions.take(slot)
    let position = positions[thread.rawValue][slot]
    return .poll(partition, from: position.partition == partition ? position.offset : 0)
  }

  private mutating func pollReplica() -> GeneratedOperation {
    .poll(partitions.take(partitions.drawSlot(&stream)), from: 0, replicaOn: nodes[stream.below(nodes.count)])
  }
}

extension GeneratedOperation {
  /// A poll of one partition from an offset on: through its leader, or of the replica on one node, which is whole.
  static func poll(_ partition: Int, from offset: Int64, replicaOn node: String? = nil) -> GeneratedOperation {
    GeneratedOperation(
      node == nil ? "poll" : "local-poll", .keyed(.int(Int64(partition)), .int(offset)), node: node)
  }
}
