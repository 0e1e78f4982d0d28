import Checkers
import Generators
import Histories

/// Reads the replica of every node, and then every object through several nodes, after the load.
///
/// Replicas may lag. Those that are late by what their answers show are read again every quarter of a second, until they
/// have everything or the time to settle is over: what they lack then is lost. So the end of a run whose replicas agree
/// at once is short. Reads through whoever answers come last: a system may repair what they find.
///
/// Nothing is read before the last operation of the load has ended: a read that began earlier shows no last state.
///
/// A replica that refuses with `not-a-replica` holds no copy of the object: it is not asked again.
struct SettlingReads: Generator {
  /// Objects that are read: those used last, all but in runs of many hours.
  static let objectsMax = 20_000
  /// Attempts at a read that is refused or not answered.
  static let attemptsMax = 3
  /// From one round of reads of late replicas to the next, in nanoseconds.
  static let roundNanoseconds: Int64 = 250_000_000

  /// Which operations read an object; each is invoked with `[object, null]`.
  struct Functions: Sendable {
    /// Through whoever answers, at last; nil: only replicas are read.
    var read: String?
    /// The replica of the event's node.
    var readReplica: String
  }

  /// What a replica answered last, without the object.
  struct Answer: Hashable, Sendable {
    var node: String
    var value: Value
  }

  /// Whether a replica has to be read again: by its answer, and by those of all that answered, in the order of the nodes.
  typealias Lateness = @Sendable (_ answer: Answer, _ all: [Answer], _ object: Value) -> Bool

  private struct Read: Sendable {
    var operation: GeneratedOperation
    var object: Value
    /// The replica; nil for a read through whoever answers.
    var node: String?
    var attempts = 0
  }

  private let objects: [Value]
  private let functions: Functions
  private let settle: Int64
  private let lateness: @Sendable (History) -> Lateness
  /// The load with all that ended since; nil once reads have begun.
  private var load: History?
  private var isLate: Lateness = { _, _, _ in false }
  private let nodes: [String]
  /// Those through whoever answers, until it is their turn.
  private var through: [Read] = []
  /// Those of this round, of which so many were taken: a scheduler keeps a copy, so that shortening the list would copy it.
  private var due: [Read] = []
  private var taken = 0
  /// Those of the next.
  private var later: [Read] = []
  private var running: [ThreadID: Read] = [:]
  /// Objects of which a replica answered in this round.
  private var heard: Set<Value> = []
  /// By object and node.
  private var answers: [Value: [String: Value]] = [:]
  /// When the first round began, and the present one.
  private var times: (first: Int64, round: Int64)?

  /// - Parameters:
  ///   - objects: those to read, each once.
  ///   - nodes: whose replicas are read.
  ///   - readers: how many reads of each object go through whoever answers.
  ///   - settle: nanoseconds in which replicas must have caught up.
  ///   - load: the history so far.
  ///   - lateness: what the whole load, once its last operation has ended, says of replicas.
  init(
    of objects: [Value], _ functions: Functions, nodes: [String], readers: Int, settle: Int64, after load: History,
    lateness: @escaping @Sendable (History) -> Lateness
  ) {
    (self.objects, self.functions, self.load) = (objects, functions, load)
    (self.nodes, self.settle, self.lateness) = (nodes, settle, lateness)
    for object in objects {
      due += nodes.map { read(object, replica: $0) }
      if functions.read != nil { through += (0..<readers).map { _ in read(object) } }
    }
  }

  private func read(_ object: Value, replica node: String? = nil) -> Read {
    let function = node == nil ? functions.read ?? functions.readReplica : functions.readReplica
    return Read(operation: GeneratedOperation(function, .keyed(object, .null), node: node), object: object, node: node)
  }

  mutating func next(_ context: Context) -> Next {
    if let load {
      guard context.free == context.all else { return .pending(until: nil) }
      isLate = lateness(load)
      self.load = nil
    }
    if taken == due.count { return nextRound(context) }
    return dispatch(due[taken], context) { reads in reads.taken += 1 }
  }

  private mutating func nextRound(_ context: Context) -> Next {
    guard running.isEmpty else { return .pending(until: nil) }
    if later.isEmpty, let read = through.first {
      return dispatch(read, context) { reads in (reads.due, reads.taken, reads.through) = (reads.through, 1, []) }
    }
    guard let times, var read = later.first else { return .exhausted }
    let end = times.first + settle
    let round = times.round < end ? min(times.round + Self.roundNanoseconds, end) : context.time
    read.operation.time = round
    return dispatch(read, context) { reads in
      (reads.due, reads.taken, reads.later) = (reads.later, 1, [])
      reads.times?.round = max(context.time, round)
    }
  }

  /// Offers a read; what taking it changes is kept only if it is taken.
  private mutating func dispatch(
    _ read: Read, _ context: Context, _ change: (inout SettlingReads) -> Void
  ) -> Next {
    let next = read.operation.offered(in: context)
    guard case .operation(let offered) = next, let thread = offered.thread else { return next }
    change(&self)
    running[thread] = read
    running[thread]?.operation.time = nil
    if times == nil { times = (context.time, context.time) }
    return next
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    load?.append(event.event)
    guard event.event.type != .invoke, let read = running.removeValue(forKey: event.thread) else { return }
    note(read, event.event)
    if taken == due.count, running.isEmpty { endRound() }
  }

  private mutating func note(_ read: Read, _ completion: Event) {
    guard completion.type == .ok else { return noteFailure(read, completion.error) }
    guard let node = read.node, let (object, value) = completion.value.keyedPair else { return }
    answers[object, default: [:]][node] = value
    heard.insert(object)
  }

  private mutating func noteFailure(_ read: Read, _ error: String?) {
    if error == ConvergenceChecker.notAReplica || read.attempts + 1 == Self.attemptsMax { return }
    var again = read
    again.attempts += 1
    later.append(again)
  }

  /// What is late is read again, unless its time is over.
  private mutating func endRound() {
    let isLastRound = times.map { $0.round >= $0.first + settle } ?? false
    if !isLastRound {
      let retried = Set(later.map(\.operation))
      for object in objects where heard.contains(object) {
        let late = lateNodes(of: object).map { read(object, replica: $0) }
        later += late.filter { !retried.contains($0.operation) }
      }
    }
    heard = []
  }

  private func lateNodes(of object: Value) -> [String] {
    guard let known = answers[object] else { return [] }
    let all = nodes.compactMap { node in known[node].map { Answer(node: node, value: $0) } }
    return all.filter { isLate($0, all, object) }.map(\.node)
  }
}
