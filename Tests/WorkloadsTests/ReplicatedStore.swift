import Generators
import Histories

/// Replicated counters, sets, registers and siblings on the first three nodes: each takes updates by itself, and hears of
/// the others' later. Right, unless it is told to get something wrong.
struct ReplicatedStore: SimulatedSystem {
  enum Fault {
    case none
    /// Every fifth update is acknowledged and forgotten.
    case losesUpdates
    /// Every fifth update never reaches the third replica.
    case losesOnTheWay
    /// Every fifth update takes effect twice.
    case appliesTwice
    /// Every fourth removal, or put with a context, does not take away what it has observed.
    case forgetsRemovals
    /// Puts that delete do not take away what they have observed.
    case forgetsDeletions
    /// Removals take away what nobody had observed at their replica: every addition that there is.
    case removesUnseen
    /// Replicas keep the write that reached them last, whatever its timestamp.
    case keepsLastArrival
  }

  private struct Update {
    var number: Int
    var origin: Int
    var time: Int64
    var function: String
    var value: Value
    /// Numbers of what it has observed and takes away.
    var observed: Set<Int> = []
    var times = 1
    var reachesThird = true
  }

  static let replicas = 3
  private static let reads = ["read", "local-read", "get", "local-get"]
  private var stream: RandomStream
  /// Of which workload the objects are.
  private let workload: String
  private let fault: Fault
  /// Share of the updates whose answer is lost; half of them have no effect.
  private let lost: Double
  /// Nanoseconds from one replica to another.
  private let delay: Int64
  private var updates: [Value: [Update]] = [:]
  private var numbers = 0
  private var removals = 0

  init(_ workload: String, seed: UInt64, fault: Fault = .none, lost: Double = 0, delay: Int64 = 10_000_000) {
    stream = RandomStreams(seed: seed).stream("replicated")
    (self.workload, self.fault, self.lost, self.delay) = (workload, fault, lost, delay)
  }

  mutating func answer(_ invocation: Invocation) -> (after: Int64, completion: Completion) {
    let event = invocation.event
    let after = Int64(stream.below(5_000_000)) + 100_000
    guard let (key, value) = event.value.keyedPair else { return (after, Completion(.fail, error: "shape")) }
    let node = Int(event.node?.dropFirst() ?? "1").map { $0 - 1 } ?? 0
    if event.function.hasPrefix("local-"), node >= Self.replicas {
      return (after, Completion(.fail, error: "not-a-replica"))
    }
    let isRead = Self.reads.contains(event.function)
    let (isLost, hasEffect) = (!isRead && stream.unit() < lost, stream.unit() < 0.5)
    if isLost, !hasEffect { return (after, Completion(.info, error: "timeout")) }
    let replica = node % Self.replicas
    let answer = apply(event.function, key, value, on: replica, at: event.time)
    return (after, isLost ? Completion(.info, error: "timeout") : Completion(.ok, value: .keyed(key, answer)))
  }

  private mutating func apply(_ function: String, _ key: Value, _ value: Value, on node: Int, at time: Int64) -> Value {
    Self.reads.contains(function)
      ? state(of: key, on: node, at: time) : update(function, key, value, on: node, at: time)
  }

  // MARK: Updates

  private mutating func update(_ function: String, _ key: Value, _ value: Value, on node: Int, at time: Int64) -> Value
  {
    numbers += 1
    var update = Update(number: numbers, origin: node, time: time, function: function, value: value)
    update.observed = observed(function, key, value, on: node, at: time)
    let isOdd = numbers.isMultiple(of: 5)
    if fault == .appliesTwice, isOdd { update.times = 2 }
    if fault == .losesOnTheWay, isOdd { update.reachesThird = false }
    let reported = update.observed
    if !reported.isEmpty {
      removals += 1
      if fault == .forgetsRemovals, removals.isMultiple(of: 4) { update.observed = [] }
      if fault == .forgetsDeletions, value.map?["value"] == .null { update.observed = [] }
    }
    if fault == .removesUnseen, function == "remove" {
      update.observed = Set((updates[key] ?? []).filter { $0.value == value }.map(\.number))
    }
    if fault != .losesUpdates || !isOdd { updates[key, default: []].append(update) }
    switch function {
    case "add": return ["id": dot(update.number)]
    case "remove": return ["context": .list(reported.sorted().map { dot($0) })]
    case "write": return ["timestamp": timestamp(update)]
    default: return value
    }
  }

  private func observed(
    _ function: String, _ key: Value, _ value: Value, on node: Int, at time: Int64
  ) -> Set<Int> {
    if let context = value.map?["context"]?.string {
      return Set(context.split(separator: ",").compactMap { Int($0) })
    }
    guard function == "remove" else { return [] }
    return Set(visible(key, on: node, at: time).filter { $0.function == "add" && $0.value == value }.map(\.number))
  }

  private func dot(_ number: Int) -> Value { ["n", .int(Int64(number))] }

  private func timestamp(_ update: Update) -> Value { [.int(Int64(update.number)), .int(Int64(update.origin))] }

  // MARK: States

  private func visible(_ key: Value, on node: Int, at time: Int64) -> [Update] {
    (updates[key] ?? []).filter { update in
      if update.origin == node { return true }
      return update.time + delay <= time && (node != 2 || update.reachesThird)
    }
  }

  private func state(of key: Value, on node: Int, at time: Int64) -> Value {
    let visible = visible(key, on: node, at: time)
    let gone = Set(visible.flatMap(\.observed))
    let left = visible.filter { !gone.contains($0.number) }
    switch workload {
    case "crdt-counter": return .int(visible.reduce(0) { $0 + Self.amount($1) })
    case "crdt-set":
      return .list(Set(left.filter { $0.function == "add" }.compactMap(\.value.string)).sorted().map { .string($0) })
    case "crdt-register":
      let last = fault == .keepsLastArrival ? visible.max { arrival($0, node) < arrival($1, node) } : visible.last
      return last.map { ["value": $0.value, "timestamp": timestamp($0)] } ?? ["value": .null]
    default:
      // What a value's context covers its own does too, whether this replica has heard of it or not.
      let context = gone.union(visible.map(\.number)).sorted().map { "\($0)" }.joined(separator: ",")
      return [
        "values": .list(left.compactMap { $0.value.map?["value"] }.filter { !$0.isNull }), "context": .string(context),
      ]
    }
  }

  private func arrival(_ update: Update, _ node: Int) -> Int64 { update.time + (update.origin == node ? 0 : delay) }

  private static func amount(_ update: Update) -> Int64 {
    Int64(update.times) * (update.value.int ?? 0) * (update.function == "decrement" ? -1 : 1)
  }
}
