import Generators
import Histories

@testable import Workloads

/// Queues that members of a group take messages from, at least once each, unless something is wrong.
///
/// A member commits what it got by asking for more; one that has not asked for a while is out, and what it had goes back.
struct GroupQueues: SimulatedSystem {
  enum Fault {
    case none
    /// Every twentieth message is acknowledged and forgotten.
    case losesMessages
    /// What is handed out is committed at once.
    case commitsEarly
    /// Every fiftieth dequeue gets a message that nobody put in.
    case inventsMessages
  }

  static let sessionNanoseconds: Int64 = 300_000_000

  private struct Group {
    var waiting: [Value] = []
    /// What each member got last, and when.
    var held: [(member: Value, value: Value, time: Int64)] = []
  }

  private var stream: RandomStream
  private let fault: Fault
  /// Share of the dequeues whose answer is lost.
  private let lost: Double
  private var groups: [Value: Group] = [:]
  private var (enqueues, dequeues) = (0, 0)

  init(seed: UInt64, lost: Double = 0, fault: Fault = .none) {
    stream = RandomStreams(seed: seed).stream("group-queues")
    (self.lost, self.fault) = (lost, fault)
  }

  mutating func answer(_ invocation: Invocation) -> (after: Int64, completion: Completion) {
    let after = Int64(stream.below(5_000_000)) + 100_000
    guard let (queue, value) = invocation.event.value.keyedPair else { return (after, Completion(.fail)) }
    switch invocation.event.function {
    case "enqueue":
      enqueues += 1
      if fault != .losesMessages || !enqueues.isMultiple(of: 20) {
        groups[queue, default: Group()].waiting.append(value)
      }
      return (after, Completion(.ok))
    case "dequeue":
      let taken = dequeue(queue, by: value, at: invocation.event.time)
      // Said to be read-only: without an answer it counts as failed.
      if stream.unit() < lost { return (after, Completion(.fail, error: "timeout")) }
      return (after, Completion(.ok, value: .keyed(queue, taken)))
    default: return (after, Completion(.ok, value: .keyed(queue, drain(queue))))
    }
  }

  private mutating func dequeue(_ queue: Value, by member: Value, at time: Int64) -> Value {
    dequeues += 1
    if fault == .inventsMessages, dequeues.isMultiple(of: 50) { return .int(Int64(-dequeues)) }
    var group = groups[queue] ?? Group()
    defer { groups[queue] = group }
    let isOut = { (held: (member: Value, value: Value, time: Int64)) in held.time + Self.sessionNanoseconds < time }
    group.waiting = group.held.filter { $0.member != member && isOut($0) }.map(\.value) + group.waiting
    group.held.removeAll { $0.member == member || isOut($0) }
    guard let value = group.waiting.first else { return .null }
    group.waiting.removeFirst()
    if fault != .commitsEarly { group.held.append((member, value, time)) }
    return value
  }

  private mutating func drain(_ queue: Value) -> Value {
    let group = groups.removeValue(forKey: queue) ?? Group()
    return .list(group.held.map(\.value) + group.waiting)
  }
}
