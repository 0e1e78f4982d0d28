/// Which update each operation saw, as far as the values tell, and which operations of unknown outcome count at all.
///
/// For models that tell every condition and result (`Automaton.isTransparent`): registers, whatever their values.
///
/// - An operation of unknown outcome *counts* if what it leaves is needed by one that certainly happened, or by another
///   that counts. The others are left out: take an order of the whole and leave them out of it, then an operation that
///   remains and needs state s finds it, for the last update before it left s, and what leaves a needed state counts.
/// - A state that exactly one operation that counts leaves, and that is not the initial one, was seen by all who need
///   it from that one (its *source*), which thereby certainly happened.
struct ReadsFrom {
  static let none = UInt32.max
  /// The reader saw the initial state.
  static let initial = UInt32.max - 1
  /// Several updates may be what the reader saw.
  static let unclear = UInt32.max - 2

  /// The operations that certainly happened, by id in the problem; increasing.
  private(set) var certain: [UInt32] = []
  /// By id in the problem: the operation that it saw, or one of the constants.
  private(set) var source: [UInt32]
  /// By id: for an operation of unknown outcome that certainly happened, one that saw it.
  private(set) var observer: [UInt32]
  /// Ids of operations that count; increasing.
  private(set) var live: [UInt32] = []
  /// An operation that needs a state that nothing leaves.
  private(set) var unexplained: UInt32?
  /// Every operation that counts certainly happened, and the source of each is known.
  private(set) var isComplete = true

  /// By (object, state): the operations that count and leave the state.
  private let slots: StateSlots
  private let liveWriters: Writers

  init(_ problem: SequentialProblem) {
    let count = problem.operations.count
    source = Array(repeating: Self.none, count: count)
    observer = Array(repeating: Self.none, count: count)
    slots = StateSlots(problem)
    let writers = Writers(slots)
    live = Self.live(problem, slots, writers)
    liveWriters = Writers(slots, among: live)
    findSources(problem)
  }

  /// Operations by the slot that they leave: compressed rows.
  struct Writers {
    private(set) var members: [UInt32] = []
    private(set) var starts: [Int]

    init(_ slots: StateSlots) { self.init(slots, among: Array(0..<UInt32(slots.result.count))) }

    init(_ slots: StateSlots, among ids: [UInt32]) {
      starts = Array(repeating: 0, count: slots.count + 1)
      for id in ids where slots.result[Int(id)] != StateSlots.none { starts[Int(slots.result[Int(id)]) + 1] += 1 }
      for slot in 0..<slots.count { starts[slot + 1] += starts[slot] }
      members = Array(repeating: 0, count: starts[slots.count])
      var next = starts
      for id in ids where slots.result[Int(id)] != StateSlots.none {
        members[next[Int(slots.result[Int(id)])]] = id
        next[Int(slots.result[Int(id)])] += 1
      }
    }

    subscript(slot: UInt32) -> ArraySlice<UInt32> { members[starts[Int(slot)]..<starts[Int(slot) + 1]] }
  }

  /// The required operations, and from there backwards all that may have left what one of them needs.
  private static func live(_ problem: SequentialProblem, _ slots: StateSlots, _ writers: Writers) -> [UInt32] {
    var isLive = problem.operations.map(\.isRequired)
    var open = isLive.indices.filter { isLive[$0] }
    while let id = open.popLast() {
      let need = slots.need[id]
      guard need != StateSlots.none else { continue }
      for writer in writers[need] where !isLive[Int(writer)] {
        isLive[Int(writer)] = true
        open.append(Int(writer))
      }
    }
    return isLive.indices.filter { isLive[$0] }.map { UInt32($0) }
  }

  private mutating func findSources(_ problem: SequentialProblem) {
    var isCertain = problem.operations.map(\.isRequired)
    var open = live.filter { problem.operations[Int($0)].isRequired }
    while let id = open.popLast() {
      let need = slots.need[Int(id)]
      guard need != StateSlots.none else { continue }
      source[Int(id)] = source(of: id, need, liveWriters[need])
      let writer = source[Int(id)]
      guard writer < Self.unclear, !isCertain[Int(writer)] else { continue }
      isCertain[Int(writer)] = true
      observer[Int(writer)] = id
      open.append(writer)
    }
    certain = live.filter { isCertain[Int($0)] }
    isComplete = certain.count == live.count && certain.allSatisfy { source[Int($0)] != Self.unclear }
  }

  /// With every operation all that it may have seen and, where its outcome is unknown, one that shows that it happened;
  /// sorted.
  ///
  /// What remains can be asked for by itself: take an order of the whole and leave out all others. What an operation
  /// saw was left by one that remains, and nothing that remains came between them.
  func closed(_ ids: [UInt32]) -> [UInt32] {
    var kept = Set(ids)
    var open = ids
    while let id = open.popLast() {
      let need = slots.need[Int(id)]
      var others = need == StateSlots.none ? [] : Array(liveWriters[need])
      if observer[Int(id)] != Self.none { others.append(observer[Int(id)]) }
      for other in others where kept.insert(other).inserted { open.append(other) }
    }
    return kept.sorted()
  }

  private mutating func source(of id: UInt32, _ need: UInt32, _ writers: ArraySlice<UInt32>) -> UInt32 {
    if slots.isInitial(need) { return writers.isEmpty ? Self.initial : Self.unclear }
    if writers.isEmpty { unexplained = min(unexplained ?? .max, id) }
    return writers.count == 1 ? writers[writers.startIndex] : Self.unclear
  }
}

/// Dense numbers for pairs of object and state, as far as operations need or leave them; by operation.
struct StateSlots {
  static let none = UInt32.max

  private(set) var need: [UInt32]
  private(set) var result: [UInt32]
  /// By object: the slot of the initial state. They come first.
  private let objectCount: Int
  private(set) var count: Int

  init(_ problem: SequentialProblem) {
    objectCount = problem.objectCount
    need = Array(repeating: Self.none, count: problem.operations.count)
    result = need
    count = objectCount
    var numbers: [UInt64: UInt32] = [:]
    for object in 0..<objectCount { numbers[UInt64(object) << 32 | UInt64(problem.initialState)] = UInt32(object) }
    for (id, operation) in problem.operations.enumerated() {
      let effect = problem.effect(UInt32(id))
      need[id] = slot(operation.object, effect.need, &numbers)
      result[id] = slot(operation.object, effect.result, &numbers)
    }
  }

  func isInitial(_ slot: UInt32) -> Bool { slot < objectCount }

  private mutating func slot(_ object: UInt32, _ state: UInt32, _ numbers: inout [UInt64: UInt32]) -> UInt32 {
    if state == Automaton.none { return Self.none }
    let key = UInt64(object) << 32 | UInt64(state)
    if let number = numbers[key] { return number }
    numbers[key] = UInt32(count)
    count += 1
    return UInt32(count - 1)
  }
}
