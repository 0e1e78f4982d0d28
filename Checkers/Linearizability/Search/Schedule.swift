/// A problem compiled for the search: for every return event, which operations are live, in columns.
///
/// Live operations hold a *slot* from their invocation to their return, so that a configuration is a few bits wide
/// however long the history is. Operations that may happen forever (crashed ones) hold no slot: equal ones are counted
/// in a *class* (CHECKERS 1.3, reduction 1). Observers that need not have happened are left out (reduction 3).
struct Schedule {
  /// What the search must do with an operation that holds a slot. A configuration has two bits for the slot:
  /// *discharged* (it need not happen any more) and *available* (it may still happen).
  enum Role: UInt8 {
    /// An observer: discharged once it has been placed; never available, the search places it by itself.
    case observer
    /// A required update that cannot happen in every state: available as long as it is not discharged, so its
    /// available bit is not kept.
    case update
    /// A required update that can happen in every state. It may be both discharged and available; see `Search`.
    case blind
    /// An update that need not have happened: discharged from its invocation on.
    case optional
  }

  /// Kind, slot and role of an operation that holds a slot.
  struct Live {
    var kind: UInt32
    var slot: UInt32
    var role: Role
    /// A blind write: what happened right before it cannot be told.
    var isOverwrite: Bool
  }

  /// Operation id of each return event, in order.
  private(set) var returns: [UInt32] = []
  /// Event index of each return event.
  private(set) var returnTimes: [UInt32] = []
  /// By operation id; what holds no slot has slot `Automaton.none`.
  private(set) var live: [Live] = []
  /// Live updates at return j, in order of invocation: `updates[updateStarts[j]..<updateStarts[j + 1]]`.
  private(set) var updates: [UInt32] = []
  private(set) var updateStarts: [UInt32] = [0]
  /// Of these, the first that was invoked after the previous return.
  private(set) var freshUpdates: [UInt32] = []
  /// Live observers, in the same form.
  private(set) var observers: [UInt32] = []
  private(set) var observerStarts: [UInt32] = [0]
  private(set) var freshObservers: [UInt32] = []
  /// By operation id: the return event's index; `Automaton.none` for what holds no slot.
  private(set) var returnIndex: [UInt32] = []
  private(set) var classes: [CrashClass] = []
  /// Positions in `classes` of those that can be used around return j, by blocks of returns:
  /// `activeClasses[activeStarts[j / blockReturns]..<activeStarts[j / blockReturns + 1]]`.
  private(set) var activeClasses: [UInt32] = []
  private(set) var activeStarts: [UInt32] = [0]
  private(set) var slotCount = 0

  /// Return events in a block of `activeClasses`: fine enough to be short where every write has its own value, coarse
  /// enough to cost nothing where classes live long.
  static let blockReturns = 64

  /// Crashed operations of one kind, interchangeable.
  struct CrashClass {
    var kind: UInt32
    /// Operation ids in order of invocation: the n-th use of the class is the n-th of them.
    var operations: [UInt32] = []
    /// For each of them, the first return event after its invocation.
    var availableFrom: [UInt32] = []
    /// The last event at which using it can matter.
    var usefulUntil: UInt32

    /// Whether one more than `used` of them has been invoked by the return event.
    func isAvailable(_ used: Int, at returnIndex: Int) -> Bool {
      used < operations.count && availableFrom[used] <= UInt32(returnIndex)
    }
  }

  init(_ problem: SearchProblem, _ automaton: Automaton) {
    var builder = Builder(problem, automaton)
    let relevance = Relevance(problem.operations, automaton)
    live = problem.operations.map { Self.live($0, automaton) }
    returnIndex = [UInt32](repeating: Automaton.none, count: live.count)
    let events = builder.events()
    reserveCapacity(returns: events.count - live.count)
    for event in events {
      let id = UInt32(truncatingIfNeeded: event >> 1)
      if event & 1 == 0 { invoke(id, &builder, relevance) } else { complete(id, &builder) }
    }
    slotCount = builder.slotCount
    indexClasses()
  }

  private mutating func reserveCapacity(returns count: Int) {
    returns.reserveCapacity(count)
    returnTimes.reserveCapacity(count)
    updateStarts.reserveCapacity(count + 1)
    freshUpdates.reserveCapacity(count)
    observerStarts.reserveCapacity(count + 1)
    freshObservers.reserveCapacity(count)
  }

  /// Bytes of the columns, about.
  var bytes: Int {
    live.count * 20 + 4 * (returns.count * 6 + updates.count + observers.count + activeClasses.count)
      + classes.reduce(0) { $0 + 64 + 8 * $1.operations.count }
  }

  private static func live(_ operation: SearchOperation, _ automaton: Automaton) -> Live {
    let traits = automaton.traits[Int(operation.kind)]
    var role = Role.optional
    if traits.isObserver {
      role = .observer
    } else if operation.isRequired {
      role = traits.condition == .always ? .blind : .update
    }
    return Live(kind: operation.kind, slot: Automaton.none, role: role, isOverwrite: traits.isBlindWrite)
  }
}

extension Schedule {
  /// What is live while the history is replayed.
  private struct Builder {
    let problem: SearchProblem
    let automaton: Automaton
    var freeSlots: [UInt32] = []
    var slotCount = 0
    var updates: [UInt32] = []
    var observers: [UInt32] = []
    /// How many of them were live at the previous return.
    var updatesBefore = 0
    var observersBefore = 0
    var classOfKind: [UInt32: Int] = [:]

    init(_ problem: SearchProblem, _ automaton: Automaton) {
      self.problem = problem
      self.automaton = automaton
    }

    /// Operation ids in order of their events, shifted left by one, with 1 for returns.
    func events() -> [UInt64] {
      var returns: [UInt64] = []
      for (id, operation) in problem.operations.enumerated() where operation.completion != SearchOperation.never {
        returns.append(UInt64(operation.completion) << 32 | UInt64(id))
      }
      returns.sort()
      var events: [UInt64] = []
      events.reserveCapacity(returns.count + problem.operations.count)
      var next = 0
      for (id, operation) in problem.operations.enumerated() {
        while next < returns.count, returns[next] >> 32 < UInt64(operation.invocation) {
          events.append((returns[next] & 0xFFFF_FFFF) << 1 | 1)
          next += 1
        }
        events.append(UInt64(id) << 1)
      }
      for place in returns[next...] { events.append((place & 0xFFFF_FFFF) << 1 | 1) }
      return events
    }

    mutating func takeSlot() -> UInt32 {
      if let slot = freeSlots.popLast() { return slot }
      slotCount += 1
      return UInt32(slotCount - 1)
    }
  }

  private mutating func invoke(_ id: UInt32, _ builder: inout Builder, _ relevance: Relevance) {
    let operation = builder.problem.operations[Int(id)]
    let role = live[Int(id)].role
    if !operation.isRequired {
      if role == .observer || !relevance.canMatter(operation) { return }
      if operation.completion == SearchOperation.never { return addCrashed(id, operation, &builder, relevance) }
    }
    live[Int(id)].slot = builder.takeSlot()
    if role == .observer { builder.observers.append(id) } else { builder.updates.append(id) }
  }

  private mutating func addCrashed(
    _ id: UInt32, _ operation: SearchOperation, _ builder: inout Builder, _ relevance: Relevance
  ) {
    let position = builder.classOfKind[operation.kind] ?? classes.count
    if position == classes.count {
      builder.classOfKind[operation.kind] = position
      classes.append(CrashClass(kind: operation.kind, usefulUntil: relevance.usefulUntil(kind: operation.kind)))
    }
    classes[position].operations.append(id)
    classes[position].availableFrom.append(UInt32(returns.count))
  }

  private mutating func complete(_ id: UInt32, _ builder: inout Builder) {
    guard live[Int(id)].slot != Automaton.none else { return }
    returnIndex[Int(id)] = UInt32(returns.count)
    returns.append(id)
    returnTimes.append(builder.problem.operations[Int(id)].completion)
    freshUpdates.append(UInt32(updates.count + builder.updatesBefore))
    updates.append(contentsOf: builder.updates)
    updateStarts.append(UInt32(updates.count))
    freshObservers.append(UInt32(observers.count + builder.observersBefore))
    observers.append(contentsOf: builder.observers)
    observerStarts.append(UInt32(observers.count))
    builder.freeSlots.append(live[Int(id)].slot)
    if live[Int(id)].role == .observer {
      builder.observers.removeAll { $0 == id }
    } else {
      builder.updates.removeAll { $0 == id }
    }
    builder.updatesBefore = builder.updates.count
    builder.observersBefore = builder.observers.count
  }

  /// Counting sort of the classes into the blocks between their first invocation and their last use.
  private mutating func indexClasses() {
    let blocks = returns.count / Self.blockReturns + 1
    let spans = classes.map { crashed in
      let last = returnTimes.partitioningIndex { $0 > crashed.usefulUntil }
      return Int(crashed.availableFrom.first ?? 0) / Self.blockReturns..<max(last - 1, 0) / Self.blockReturns + 1
    }
    activeStarts = [UInt32](repeating: 0, count: blocks + 1)
    for span in spans { for block in span { activeStarts[block + 1] += 1 } }
    for block in 0..<blocks { activeStarts[block + 1] += activeStarts[block] }
    var next = activeStarts
    activeClasses = [UInt32](repeating: 0, count: Int(activeStarts[blocks]))
    for (position, span) in spans.enumerated() {
      for block in span {
        activeClasses[Int(next[block])] = UInt32(position)
        next[block] += 1
      }
    }
  }
}

extension Array {
  /// The index of the first element that satisfies the predicate, in an array where all after it do.
  func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
