import Generators
import Histories

/// Appends to logs, reads of them through whoever answers, and reads of single replicas.
///
/// - Few logs, all threads on all of them, each retired after some hundred operations: searching checkers pay for the
///   length of one log's history.
/// - Every value is appended once: a wrong entry is told from a right one for certain.
/// - *Chasing reads*: half of the reads take the whole log whose append completed last, from another thread than the
///   appender's, and so mostly through another node: an acknowledged entry that is missing shows before the next
///   append hides the hole.
/// - The other reads take the whole log, or a piece that begins near its known end and goes beyond.
/// - *Readers*: some threads never append, so that somebody still asks a node that cannot take appends any more.
/// - *Replica reads* go to one node, any, and may be late: what replicas hold at an index must agree all the same.
struct LogGenerator: Generator {
  /// In the order of the weights.
  static let functions = ["append", "read", "read-all"]
  /// Share of the reads that chase an append, if there is one to chase.
  static let chasingShare = 0.5
  /// Share of the other reads that take a piece of the log.
  static let pieceShare = 0.5
  /// How far before the known end a piece begins, at most, and how long it is.
  static let pieceStartsBefore = 8
  static let pieceLength = 16

  private var logs: RotatingKeys
  private let firstIndex: Int64
  private let nodes: [String]
  private let weights: WeightedChoice
  private let readers: ReaderThreads
  private var stream: RandomStream
  private var lastValue: Int64 = 0
  private var recent = RecentWrites()
  /// By slot: the greatest index known of the newest log heard of.
  private var ends: [(log: Int, index: Int64)]

  /// - Parameters:
  ///   - firstIndex: that the first entry of a log gets.
  ///   - nodes: whose replicas are read; at least one.
  init(
    logs: RotatingKeys, firstIndex: Int64, nodes: [String], weights: [Double], readers: ReaderThreads,
    stream: RandomStream
  ) {
    (self.logs, self.firstIndex, self.nodes) = (logs, firstIndex, nodes)
    self.weights = WeightedChoice(weights)
    self.readers = readers
    self.stream = stream
    ends = Array(repeating: (log: -1, index: 0), count: logs.live)
  }

  mutating func next(_ context: Context) -> Next {
    guard let thread = context.nextFree else { return .pending(until: nil) }
    guard let choice = weights.draw(&stream) else { return .exhausted }
    let operation =
      switch Self.functions[choice] {
      case "append" where !readers.contains(thread): append()
      case "append", "read": read(on: thread)
      default: readReplica()
      }
    return operation.offered(in: context)
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    let completion = event.event
    guard completion.type == .ok || completion.type == .info, let (object, value) = completion.value.keyedPair,
      let log = object.int.flatMap({ Int(exactly: $0) }), log >= 0
    else { return }
    if completion.function == "append" { recent.remember(key: log, writer: event.thread) }
    guard completion.type == .ok else { return }
    let last = completion.function == "append" ? value : value.list?.last
    if let index = last?.list?.first?.int { see(index, in: log) }
  }

  private mutating func see(_ index: Int64, in log: Int) {
    let slot = logs.slot(of: log)
    if log > ends[slot].log || log == ends[slot].log && index > ends[slot].index { ends[slot] = (log, index) }
  }

  private mutating func append() -> GeneratedOperation {
    lastValue += 1
    let log = logs.take(logs.drawSlot(&stream))
    return GeneratedOperation("append", .keyed(.int(Int64(log)), .int(lastValue)))
  }

  private mutating func read(on thread: ThreadID) -> GeneratedOperation {
    if stream.unit() < Self.chasingShare {
      let logs = self.logs
      if let log = recent.take(by: thread, where: { logs.isLive($0) }) {
        return .logRead("read", of: self.logs.take(logs.slot(of: log)))
      }
    }
    let slot = logs.drawSlot(&stream)
    let log = logs.take(slot)
    guard stream.unit() < Self.pieceShare else { return .logRead("read", of: log) }
    let end = ends[slot].log == log ? ends[slot].index : firstIndex
    let from = max(firstIndex, end - Int64(stream.below(Self.pieceStartsBefore)))
    return GeneratedOperation(
      "read", .keyed(.int(Int64(log)), .list([.int(from), .int(from + Int64(Self.pieceLength))])))
  }

  private mutating func readReplica() -> GeneratedOperation {
    let log = logs.take(logs.drawSlot(&stream))
    return .logRead("read-all", of: log, node: nodes[stream.below(nodes.count)])
  }
}

extension GeneratedOperation {
  /// A read of a whole log: `[log, null]`.
  static func logRead(_ function: String, of log: Int, node: String? = nil) -> GeneratedOperation {
    GeneratedOperation(function, .keyed(.int(Int64(log)), .null), node: node)
  }
}
