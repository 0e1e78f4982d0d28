import Histories

/// Transactions of a partitioned log that depend on each other in a circle (Adya 1999, G0 and G1c, as of
/// other transactions).
///
/// Nodes are calls that sent something that certainly is in the log. One depends on another if it sent the message next
/// behind one of the other (*ww*; offsets with two messages and messages with two offsets are left out), or if it
/// polled one (*wr*). A circle of wr alone (`G1c-wr`) says that each transaction was over before the next polled from it.
/// Circles that need ww come and go in Kafka, which does not keep the messages of a transaction together: those of ww
/// alone are `G0`, mixed ones `G1c`, looked for where there is neither of the others.
struct LogCycles {
  private static let none = UInt32.max

  private let columns: LogColumns
  /// By node: its call.
  private var members: [UInt32] = []
  /// By call: its node.
  private var nodes: [UInt32]
  private let graph: TransactionGraph

  /// - Returns: nil where no call has two steps, so that no circle can be.
  init?(_ columns: LogColumns) {
    guard columns.calls.indices.contains(where: { columns.steps(of: $0).count > 1 && Self.sends(columns, $0) })
    else { return nil }
    self.columns = columns
    nodes = Array(repeating: Self.none, count: columns.calls.count)
    for call in columns.calls.indices where Self.isInLog(columns, call) {
      nodes[call] = UInt32(truncatingIfNeeded: members.count)
      members.append(UInt32(truncatingIfNeeded: call))
    }
    let pairs = Self.suspicious(Self.sendOrders(columns, nodes) + Self.polls(columns, nodes, members))
    if pairs.isEmpty { return nil }
    let rows = members.map { call in
      let call = columns.calls[Int(call)]
      return TransactionGraph.Row(
        invocation: call.invocation, completion: call.completion, process: nil, isUpdate: true)
    }
    graph = TransactionGraph(pairs, rows)
  }

  /// The dependencies that may be in a circle.
  ///
  /// Nodes are in order of invocation. A circle comes back over everything that it spans: wherever it can be cut in two,
  /// a dependency leads from a later node to an earlier one. What leads over a place that none of these does is in no
  /// circle, which of most histories is nearly everything.
  private static func suspicious(
    _ pairs: [(source: UInt32, edge: UInt32)]
  ) -> [(source: UInt32, edge: UInt32)] {
    var spans: [(low: UInt32, high: UInt32)] = []
    for pair in pairs {
      let target = pair.edge & TransactionGraph.nodeMask
      if target < pair.source { spans.append((target, pair.source)) }
    }
    if spans.isEmpty { return [] }
    var merged: [(low: UInt32, high: UInt32)] = []
    for span in spans.sorted(by: { $0.low < $1.low }) {
      if let last = merged.last, span.low <= last.high {
        merged[merged.count - 1].high = max(last.high, span.high)
      } else {
        merged.append(span)
      }
    }
    return pairs.filter { pair in
      let target = pair.edge & TransactionGraph.nodeMask
      let place = merged.partitioningIndex { $0.high >= pair.source }
      return place < merged.count && merged[place].low <= min(pair.source, target)
        && max(pair.source, target) <= merged[place].high
    }
  }

  private static func sends(_ columns: LogColumns, _ call: Int) -> Bool {
    columns.steps(of: call).contains { $0.isSend }
  }

  /// Whether something that it sent certainly is in the log: it was acknowledged, to a resend perhaps, or polled.
  private static func isInLog(_ columns: LogColumns, _ call: Int) -> Bool {
    columns.steps(of: call).contains { step in
      let message = columns.messages[Int(step.message)]
      return step.isSend
        && (columns.calls[call].outcome == .ok || message.acknowledged != LogColumns.never || message.isPolled)
    }
  }

  private static func sendOrders(
    _ columns: LogColumns, _ nodes: [UInt32]
  ) -> [(source: UInt32, edge: UInt32)] {
    var pairs: [(source: UInt32, edge: UInt32)] = []
    for partition in 0..<columns.partitions.count {
      var last = none
      for slot in columns.order[columns.starts[partition]..<columns.starts[partition + 1]] {
        guard let call = clearSender(columns, slot) else { continue }
        let node = nodes[Int(call)]
        if node == none { continue }
        if last != none, last != node { pairs.append((last, TransactionGraph.code(.writeWrite, node))) }
        last = node
      }
    }
    return pairs
  }

  /// Who sent what the slot holds; nil where that is not clear.
  private static func clearSender(_ columns: LogColumns, _ slot: UInt32) -> UInt32? {
    let slot = columns.slots[Int(slot)]
    let message = columns.messages[Int(slot.message)]
    let isClear =
      !slot.isShared && message.otherSlot == LogColumns.never
      && message.sender != LogColumns.never
    return isClear ? message.sender : nil
  }

  /// Only of calls that sent something too: a circle goes on from each of its calls.
  private static func polls(
    _ columns: LogColumns, _ nodes: [UInt32], _ members: [UInt32]
  ) -> [(source: UInt32, edge: UInt32)] {
    var pairs: [(source: UInt32, edge: UInt32)] = []
    for (node, call) in members.enumerated() {
      let node = UInt32(truncatingIfNeeded: node)
      var last = none
      for step in columns.steps(of: Int(call)) where !step.isSend {
        let sender = columns.messages[Int(step.message)].sender
        let source = sender == LogColumns.never ? none : nodes[Int(sender)]
        if source == none || source == node || source == last { continue }
        pairs.append((source, TransactionGraph.code(.writeRead, node)))
        last = source
      }
    }
    return pairs
  }

  func report(to log: inout FindingLog) {
    // Where there is no circle at all, which is nearly always, one walk says so.
    guard !Components(GraphView(graph, .plain, [.writeRead, .writeWrite], .none)).isEmpty else { return }
    let reads = report(.readCycle, [.writeRead], &log, except: [])
    let writes = report(.sendCycle, [.writeWrite], &log, except: [])
    _ = report(.mixedCycle, [.writeRead, .writeWrite], &log, except: reads.union(writes))
  }

  /// One finding for each component of these dependencies, but for those that have one of the exceptions.
  private func report(
    _ anomaly: InvariantAnomaly, _ kinds: Set<TransactionGraph.Kind>, _ log: inout FindingLog, except: Set<UInt32>
  ) -> Set<UInt32> {
    let view = GraphView(graph, .plain, kinds, .none)
    let components = Components(view).members.filter { $0.allSatisfy { !except.contains($0) } }
      .map { $0.sorted() }.sorted { $0[0] < $1[0] }
    guard !components.isEmpty else { return [] }
    var search = CycleSearch(view, SearchBudget())
    for component in components {
      log.add(anomaly) { witnesses in
        guard let cycle = search.shortest(in: component) else { return ("", [], []) }
        let calls = cycle.steps.map { members[Int($0.source)] }
        return (
          cycle.steps.map { sentence($0, witnesses) }.joined(separator: "; "), columns.invocations(calls),
          columns.events(calls)
        )
      }
    }
    return Set(components.joined())
  }

  private func sentence(_ step: TransactionCycle.Step, _ witnesses: Witnesses) -> String {
    let (source, target) = (members[Int(step.source)], members[Int(step.target)])
    let (first, second) = (columns.name(source, witnesses), columns.name(target, witnesses))
    if step.link == .dependency(.writeRead) {
      let polled = columns.steps(of: Int(target)).first {
        !$0.isSend && columns.messages[Int($0.message)].sender == source
      }
      return "\(first) sent \(text(polled?.message)), which \(second) polled"
    }
    let own = Set(columns.steps(of: Int(source)).filter { $0.isSend }.map(\.message))
    let sent = columns.steps(of: Int(target)).first { $0.isSend && before($0.message).map(own.contains) == true }
    return
      "\(first) sent \(text(sent.flatMap { before($0.message) })), and behind it \(second) sent \(text(sent?.message))"
  }

  /// The message next before it whose sender is clear.
  private func before(_ message: UInt32) -> UInt32? {
    let slot = columns.messages[Int(message)].slot
    if slot == LogColumns.never { return nil }
    let start = columns.starts[Int(columns.slots[Int(slot)].partition)]
    return columns.order[start..<columns.place(slot)].last { Self.clearSender(columns, $0) != nil }
      .map { columns.slots[Int($0)].message }
  }

  private func text(_ message: UInt32?) -> String {
    guard let message else { return "a message" }
    return "\(columns.value(message)) to partition \(columns.partition(columns.messages[Int(message)].partition))"
  }
}
