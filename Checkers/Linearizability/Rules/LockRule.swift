/// Whether a history of a mutex or semaphore is linearizable, in O(n).
///
/// At any time, as many permits are out as acquisitions have returned, less the releases that have begun, or more. So
/// if that number passes the number of permits there is no order. Acquisitions that return as late and releases that
/// begin as early as they may are an order otherwise, if each release finds a permit to give back: of its own process
/// where permits are owned, which holds as soon as no process released more often than it acquired. An acquisition of
/// unknown outcome is not needed for such an order, and a release of unknown outcome happens as soon as it is invoked.
///
/// Where permits are not owned and a release in that order finds none out, other orders may do: nil. Where they are
/// owned, a release by a process that has acquired no more often than it released is a violation by itself. Such a
/// release of unknown outcome did not happen where permits are owned; where they are not, it may have: the rule says
/// "valid" if it needs none of these, and "violation" if they do not help.
enum LockRule {
  static let name = "overlap of holds"

  static func decide(_ history: ObjectHistory<LockOperation>, permits: Int, owned: Bool) -> RuleDecision? {
    let holds = ProcessHolds(history)
    if owned {
      if !holds.isSimple { return nil }
      if let core = holds.surplus { return RuleDecision(rule: name, outcome: .violation(core: core)) }
    }
    let sweep = LockSweep(history, permits: permits, isOwned: owned, holds)
    guard let decision = sweep.decide(leavingOut: holds.idle) else { return nil }
    if owned || holds.idle.isEmpty { return decision }
    if case .linearizable = decision.outcome { return decision }
    guard let again = sweep.decide(leavingOut: []), case .violation = again.outcome else { return nil }
    return again
  }
}

/// The history in the order of the rule: acquisitions at their completion, releases at their invocation.
private struct LockSweep {
  private let history: ObjectHistory<LockOperation>
  private let permits: Int
  private let isOwned: Bool
  private let holds: ProcessHolds

  init(_ history: ObjectHistory<LockOperation>, permits: Int, isOwned: Bool, _ holds: ProcessHolds) {
    self.history = history
    self.permits = permits
    self.isOwned = isOwned
    self.holds = holds
  }

  /// - Parameter idle: releases that did not happen; increasing.
  func decide(leavingOut idle: [UInt32]) -> RuleDecision? {
    var order: [UInt32] = []
    order.reserveCapacity(history.count)
    var (out, fewest) = (0, 0)
    for position in sorted(leavingOut: idle) {
      order.append(position)
      out += history.operations[Int(position)].isAcquire ? 1 : -1
      fewest = min(fewest, out)
      if out > permits {
        return RuleDecision(
          rule: LockRule.name, outcome: .violation(core: core(at: history.completions[Int(position)])))
      }
    }
    return fewest < 0 ? nil : RuleDecision(rule: LockRule.name, outcome: .linearizable(order: order))
  }

  private func sorted(leavingOut idle: [UInt32]) -> [UInt32] {
    var left = idle[...]
    var operations: [UInt32] = []
    var times: [UInt32] = []
    operations.reserveCapacity(history.count)
    times.reserveCapacity(history.count)
    for (place, operation) in history.operations.enumerated() {
      let time = operation.isAcquire ? history.completions[place] : history.invocations[place]
      if time == ObjectHistory<LockOperation>.never { continue }
      if left.first == UInt32(place) {
        left.removeFirst()
        continue
      }
      operations.append(UInt32(place))
      times.append(time)
    }
    return radixOrder(times).map { operations[Int($0)] }
  }

  /// The acquisitions that have returned by the time and whose permits nobody began to give back.
  ///
  /// Leaving out an acquisition with the release of it by the same process lowers what is out between the two, and no
  /// release loses its permit, as its process has one. Where processes release what others acquired, that is not so:
  /// the core is then the whole history up to the time.
  ///
  /// The same where a process that holds nothing released, even with an outcome that is not known: it may have freed
  /// what another process acquired, and whatever comes after may depend on that.
  private func core(at time: UInt32) -> [UInt32] {
    guard holds.isSimple, isOwned || (holds.surplus == nil && holds.idle.isEmpty) else {
      return (0..<UInt32(history.count)).filter { history.invocations[Int($0)] < time }
    }
    var held: [Int32: [UInt32]] = [:]
    for (place, operation) in history.operations.enumerated() where history.invocations[place] < time {
      if !operation.isAcquire {
        _ = held[operation.process]?.popLast()
      } else if history.completions[place] <= time {
        held[operation.process, default: []].append(UInt32(place))
      }
    }
    return held.values.flatMap { $0 }.sorted()
  }
}

/// What the processes of a history hold, by their own word.
private struct ProcessHolds {
  /// No process went on after an operation of unknown outcome.
  private(set) var isSimple = true
  /// The first release by a process that could hold nothing, behind its last hold before.
  private(set) var surplus: [UInt32]?
  /// Releases of unknown outcome by processes that could hold nothing.
  private(set) var idle: [UInt32] = []

  private struct Process {
    var held = 0
    var isLost = false
    /// Its last acquisition and the release of it, if that came next.
    var last: [UInt32] = []
  }

  init(_ history: ObjectHistory<LockOperation>) {
    var processes: [Int32: Process] = [:]
    for (place, operation) in history.operations.enumerated() {
      add(UInt32(place), operation, history.completions[place], &processes[operation.process, default: Process()])
    }
  }

  private mutating func add(
    _ position: UInt32, _ operation: LockOperation, _ completion: UInt32, _ process: inout Process
  ) {
    if process.isLost { isSimple = false }
    process.isLost = completion == ObjectHistory<LockOperation>.never
    if operation.isAcquire {
      process.last = [position]
      process.held += 1
    } else if process.held > 0 {
      process.last = process.last.count == 1 ? process.last + [position] : []
      process.held -= 1
    } else if process.isLost {
      idle.append(position)
    } else if surplus == nil {
      surplus = process.last.count == 2 ? process.last + [position] : [position]
    }
  }
}
