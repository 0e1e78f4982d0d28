/// The columns of a schedule, in one allocation.
final class ScheduleStorage {
  /// How much there is of everything.
  struct Size {
    var operations = 0
    var returns = 0
    /// Live updates, and observers, of all returns together.
    var updates = 0
    var observers = 0
    /// The most operations that hold slots at a time.
    var slots = 0
    var words: Int { max(1, (slots + 63) / 64) }
    /// 32-bit numbers of all columns.
    var numbers: Int { operations + 6 * returns + 2 + updates + observers }
    var bytes: Int { operations * MemoryLayout<Schedule.Live>.stride + 4 * numbers + 8 * returns * words }
  }

  typealias Column = UnsafeMutableBufferPointer<UInt32>

  let size: Size
  let live: UnsafeMutableBufferPointer<Schedule.Live>
  let returnIndex: Column
  let returns: Column
  let returnTimes: Column
  let updates: Column
  let updateStarts: Column
  let firstFreshUpdate: Column
  let observers: Column
  let observerStarts: Column
  let firstFreshObserver: Column
  /// `words` words a return.
  let exact: UnsafeMutablePointer<UInt64>
  private let numbers: UnsafeMutablePointer<UInt32>

  init(_ size: Size, _ live: [Schedule.Live]) {
    self.size = size
    self.live = .allocate(capacity: size.operations)
    _ = self.live.initialize(from: live)
    numbers = .allocate(capacity: size.numbers)
    numbers.initialize(repeating: 0, count: size.numbers)
    exact = .allocate(capacity: max(1, size.returns * size.words))
    exact.initialize(repeating: 0, count: size.returns * size.words)
    var next = numbers
    func column(_ count: Int) -> Column {
      defer { next += count }
      return Column(start: next, count: count)
    }
    returnIndex = column(size.operations)
    returnIndex.update(repeating: Automaton.none)
    returns = column(size.returns)
    returnTimes = column(size.returns)
    firstFreshUpdate = column(size.returns)
    firstFreshObserver = column(size.returns)
    updateStarts = column(size.returns + 1)
    observerStarts = column(size.returns + 1)
    updates = column(size.updates)
    observers = column(size.observers)
  }

  deinit {
    live.deallocate()
    numbers.deallocate()
    exact.deallocate()
  }
}

/// Replays a history twice: to learn how long the columns are, and to fill them.
struct ScheduleBuilder {
  private let problem: SearchProblem
  private let relevance: Relevance
  /// Operation ids in order of their events, shifted left by one, with 1 for returns.
  private let events: [UInt64]
  private var live: [Schedule.Live]
  private(set) var classes: [Schedule.CrashClass] = []
  private var classOfKind: [UInt32: Int] = [:]

  init(_ problem: SearchProblem, _ automaton: Automaton) {
    self.problem = problem
    relevance = Relevance(problem.operations, automaton)
    events = Self.events(problem)
    live = problem.operations.map { Self.live($0, automaton) }
  }

  mutating func build() -> ScheduleStorage {
    let size = measure()
    let storage = ScheduleStorage(size, live)
    fill(storage)
    return storage
  }

  private static func live(_ operation: SearchOperation, _ automaton: Automaton) -> Schedule.Live {
    let traits = automaton.traits[Int(operation.kind)]
    var role = Schedule.Role.optional
    if traits.isObserver {
      role = .observer
    } else if operation.isRequired {
      role = traits.condition == .always ? .blind : .update
    }
    return Schedule.Live(kind: operation.kind, slot: Automaton.none, role: role, isOverwrite: traits.isBlindWrite)
  }

  private static func events(_ problem: SearchProblem) -> [UInt64] {
    var returns: [UInt64] = []
    returns.reserveCapacity(problem.operations.count)
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

  // MARK: Measuring

  /// Gives slot 0 to what will hold one, and collects the crashed classes.
  private mutating func measure() -> ScheduleStorage.Size {
    var size = ScheduleStorage.Size(operations: live.count)
    var (updates, observers) = (0, 0)
    for event in events {
      let id = Int(truncatingIfNeeded: event >> 1)
      let isObserver = live[id].role == .observer
      if event & 1 == 0 {
        guard holdsSlot(id, returns: size.returns) else { continue }
        live[id].slot = 0
        if isObserver { observers += 1 } else { updates += 1 }
        size.slots = max(size.slots, updates + observers)
      } else if live[id].slot != Automaton.none {
        size.returns += 1
        size.updates += updates
        size.observers += observers
        if isObserver { observers -= 1 } else { updates -= 1 }
      }
    }
    return size
  }

  /// Whether the operation that is invoked takes a slot; a crashed one goes to its class, if it can matter.
  private mutating func holdsSlot(_ id: Int, returns: Int) -> Bool {
    let operation = problem.operations[id]
    if operation.isRequired { return true }
    if live[id].role == .observer || !relevance.canMatter(operation) { return false }
    guard operation.completion == SearchOperation.never else { return true }
    let position = classOfKind[operation.kind] ?? classes.count
    if position == classes.count {
      classOfKind[operation.kind] = position
      let until = relevance.usefulUntil(kind: operation.kind)
      classes.append(Schedule.CrashClass(kind: operation.kind, usefulUntil: until))
    }
    classes[position].operations.append(UInt32(id))
    classes[position].availableFrom.append(UInt32(returns))
    return false
  }

  // MARK: Filling

  private func fill(_ storage: ScheduleStorage) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 3 * max(1, storage.size.slots)) { space in
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: storage.size.words) { exact in
        exact.initialize(repeating: 0)
        var replay = Replay(storage, space, exact)
        for event in events {
          let id = UInt32(truncatingIfNeeded: event >> 1)
          if storage.live[Int(id)].slot == Automaton.none { continue }
          if event & 1 == 0 { replay.invoke(id) } else { replay.complete(id, problem.operations[Int(id)].completion) }
        }
      }
    }
  }

  /// What is live while the history is replayed.
  private struct Replay {
    private let storage: ScheduleStorage
    private var returns = 0
    private var updates: LiveList
    private var observers: LiveList
    private var freeSlots: LiveList
    private var slotCount: UInt32 = 0
    /// The slots of live updates that cannot happen in every state.
    private let exact: UnsafeMutableBufferPointer<UInt64>

    /// - Parameter space: three numbers a slot.
    init(
      _ storage: ScheduleStorage, _ space: UnsafeMutableBufferPointer<UInt32>,
      _ exact: UnsafeMutableBufferPointer<UInt64>
    ) {
      self.storage = storage
      self.exact = exact
      let capacity = space.count / 3
      func list(_ number: Int) -> LiveList {
        LiveList(.init(rebasing: space[number * capacity..<(number + 1) * capacity]))
      }
      (updates, observers, freeSlots) = (list(0), list(1), list(2))
    }

    mutating func invoke(_ id: UInt32) {
      var slot = slotCount
      if let free = freeSlots.popLast() { slot = free } else { slotCount += 1 }
      storage.live[Int(id)].slot = slot
      switch storage.live[Int(id)].role {
      case .observer: observers.append(id)
      case .update:
        exact[Int(slot >> 6)] |= 1 << UInt64(slot & 63)
        updates.append(id)
      case .blind, .optional: updates.append(id)
      }
    }

    mutating func complete(_ id: UInt32, _ time: UInt32) {
      storage.returnIndex[Int(id)] = UInt32(returns)
      storage.returns[returns] = id
      storage.returnTimes[returns] = time
      updates.write(to: storage.updates, storage.updateStarts, storage.firstFreshUpdate, returns)
      observers.write(to: storage.observers, storage.observerStarts, storage.firstFreshObserver, returns)
      let words = exact.count
      for word in 0..<words { storage.exact[returns * words + word] = exact[word] }
      returns += 1
      let live = storage.live[Int(id)]
      if live.role == .observer { observers.remove(id) } else { updates.remove(id) }
      exact[Int(live.slot >> 6)] &= ~(1 << UInt64(live.slot & 63))
      freeSlots.append(live.slot)
    }
  }

  /// A short list in space that somebody else owns.
  private struct LiveList {
    private let space: UnsafeMutableBufferPointer<UInt32>
    private var count = 0
    /// How many there were when it was last written.
    private var old = 0

    init(_ space: UnsafeMutableBufferPointer<UInt32>) { self.space = space }

    mutating func append(_ number: UInt32) {
      space[count] = number
      count += 1
    }

    mutating func popLast() -> UInt32? {
      if count == 0 { return nil }
      count -= 1
      return space[count]
    }

    /// Removes one that has been written; the others stay in order.
    mutating func remove(_ number: UInt32) {
      var place = 0
      while space[place] != number { place += 1 }
      count -= 1
      while place < count {
        space[place] = space[place + 1]
        place += 1
      }
      old = count
    }

    /// Puts the list at the end of a column of lists.
    mutating func write(
      to column: UnsafeMutableBufferPointer<UInt32>, _ starts: UnsafeMutableBufferPointer<UInt32>,
      _ fresh: UnsafeMutableBufferPointer<UInt32>, _ row: Int
    ) {
      let start = Int(starts[row])
      for place in 0..<count { column[start + place] = space[place] }
      starts[row + 1] = UInt32(start + count)
      fresh[row] = UInt32(start + old)
      old = count
    }
  }
}
