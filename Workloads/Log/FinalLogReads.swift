import Generators
import Histories

/// Reads every log through several nodes, and the replica of every node, after the load.
///
/// Replicas may lag. One that lacks an acknowledged entry is read again every quarter of a second, until it has it or the
/// time to settle is over: what it lacks then is lost. So the end of a run whose replicas agree at once is short.
struct FinalLogReads: Generator {
  /// Attempts at a read that is refused or not answered.
  static let attemptsMax = 3
  /// From one round of reads of late replicas to the next, in nanoseconds.
  static let roundNanoseconds: Int64 = 250_000_000

  private struct Read: Sendable {
    var operation: GeneratedOperation
    var attempts = 0
  }

  /// By log: the values whose appends were acknowledged.
  private let acknowledged: [Value: Set<Value>]
  private let settle: Int64
  /// Those of this round, the last first.
  private var due: [Read]
  /// Those of the next.
  private var later: [Read] = []
  private var running: [ThreadID: Read] = [:]
  /// When the first round began, and the present one.
  private var times: (first: Int64, round: Int64)?

  /// - Parameters:
  ///   - logs: those to read, all that were appended to.
  ///   - settle: nanoseconds in which replicas must have caught up.
  init(of history: History, logs: [Int], nodes: [String], readers: Int, settle: Int64) {
    acknowledged = history.acknowledgedValues
    self.settle = settle
    due = logs.flatMap { log in
      (0..<readers).map { _ in Read(operation: .logRead("read", of: log)) }
        + nodes.map { Read(operation: .logRead("read-all", of: log, node: $0)) }
    }.reversed()
  }

  mutating func next(_ context: Context) -> Next {
    if due.isEmpty { return nextRound(context) }
    return dispatch(due[due.count - 1].operation, context) { reads in
      reads.due.removeLast()
    }
  }

  private mutating func nextRound(_ context: Context) -> Next {
    guard running.isEmpty else { return .pending(until: nil) }
    guard let times, let read = later.last else { return .exhausted }
    var operation = read.operation
    let end = times.first + settle
    operation.time = times.round < end ? min(times.round + Self.roundNanoseconds, end) : context.time
    return dispatch(operation, context) { reads in
      reads.due = Array(reads.later.dropLast())
      reads.later = []
      reads.times?.round = max(context.time, operation.time ?? 0)
    }
  }

  /// Offers an operation; what taking it changes is kept only if it is taken.
  private mutating func dispatch(
    _ operation: GeneratedOperation, _ context: Context, _ change: (inout FinalLogReads) -> Void
  ) -> Next {
    let next = operation.offered(in: context)
    guard case .operation(let offered) = next, let thread = offered.thread else { return next }
    let read = due.last ?? later.last
    change(&self)
    running[thread] = read
    if times == nil { times = (context.time, context.time) }
    return next
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    guard event.event.type != .invoke, var read = running.removeValue(forKey: event.thread) else { return }
    guard event.event.type == .ok else {
      read.attempts += 1
      if read.attempts < Self.attemptsMax { later.append(read) }
      return
    }
    if read.operation.function == "read-all", lags(event.event.value), !isLastRound { later.append(read) }
  }

  private var isLastRound: Bool { times.map { $0.round >= $0.first + settle } ?? false }

  /// Whether a replica lacks an entry that was acknowledged.
  private func lags(_ answer: Value) -> Bool {
    guard let (log, entries) = answer.keyedPair, let wanted = acknowledged[log] else { return false }
    return !wanted.isSubset(of: (entries.list ?? []).lazy.compactMap { $0.list?.last })
  }
}

extension History {
  /// By log: the values whose appends were acknowledged.
  fileprivate var acknowledgedValues: [Value: Set<Value>] {
    var found: [Value: Set<Value>] = [:]
    for index in 0..<count where type(at: index) == .ok && function(at: index) == "append" {
      guard let key = keyID(at: index).map({ keys[$0] }), let value = payload(at: index).list?.last else { continue }
      found[key, default: []].insert(value)
    }
    return found
  }
}
