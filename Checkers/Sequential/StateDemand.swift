/// Which states the operations that are left over need, and which they leave.
struct StateDemand {
  private let slots: StateSlots
  /// By slot: required operations left over that need it; all left over that do; all left over that leave it.
  private var required: [UInt32]
  private var wanted: [UInt32]
  private var sources: [UInt32]
  /// By object: updates left over of which nobody knows what they leave.
  private var unknownUpdates: [UInt32]
  /// By object: the slot of its state, or none.
  private var current: [UInt32]
  private let isTransparent: Bool
  private let isUnknownUpdate: [Bool]
  /// A required operation needs a state that never comes again: nothing that is placed from here on is of use.
  private(set) var isHopeless = false

  init(_ problem: SequentialProblem) {
    slots = StateSlots(problem)
    isTransparent = problem.automaton.isTransparent
    required = Array(repeating: 0, count: slots.count)
    wanted = required
    sources = required
    unknownUpdates = Array(repeating: 0, count: problem.objectCount)
    current = Array(0..<UInt32(problem.objectCount))
    isUnknownUpdate = problem.operations.indices.map {
      let effect = problem.effect(UInt32($0))
      return effect.isUpdate && effect.result == Automaton.none
    }
    for (id, operation) in problem.operations.enumerated() { add(UInt32(id), operation) }
    var object = [UInt32](repeating: 0, count: slots.count)
    for (id, operation) in problem.operations.enumerated() where slots.need[id] != StateSlots.none {
      object[Int(slots.need[id])] = operation.object
    }
    isHopeless = (0..<UInt32(slots.count)).contains { !slots.isInitial($0) && isLost($0, object[Int($0)]) }
  }

  /// Whether something may depend on the operation's result.
  func mayNeedResult(of id: UInt32) -> Bool {
    guard isTransparent else { return true }
    let result = slots.result[Int(id)]
    return result != StateSlots.none && wanted[Int(result)] > 0
  }

  /// The operation is no longer left over; the slot of its object's state before it.
  ///
  /// - Parameter isChange: the state after it is another one.
  mutating func place(_ id: UInt32, _ operation: SequentialProblem.Operation, isChange: Bool) -> UInt32 {
    remove(id, operation)
    let object = Int(operation.object)
    let before = current[object]
    if isChange { current[object] = slots.result[Int(id)] }
    if before != StateSlots.none, before != current[object], isLost(before, operation.object) { isHopeless = true }
    return before
  }

  mutating func undo(_ id: UInt32, _ operation: SequentialProblem.Operation, slot: UInt32) {
    add(id, operation)
    current[Int(operation.object)] = slot
    isHopeless = false
  }

  /// Needed, and left by nothing that is left over.
  private func isLost(_ slot: UInt32, _ object: UInt32) -> Bool {
    required[Int(slot)] > 0 && sources[Int(slot)] == 0 && unknownUpdates[Int(object)] == 0
  }

  private mutating func add(_ id: UInt32, _ operation: SequentialProblem.Operation) {
    let (need, result) = (slots.need[Int(id)], slots.result[Int(id)])
    if need != StateSlots.none {
      wanted[Int(need)] += 1
      if operation.isRequired { required[Int(need)] += 1 }
    }
    if result != StateSlots.none { sources[Int(result)] += 1 }
    if isUnknownUpdate[Int(id)] { unknownUpdates[Int(operation.object)] += 1 }
  }

  private mutating func remove(_ id: UInt32, _ operation: SequentialProblem.Operation) {
    let (need, result) = (slots.need[Int(id)], slots.result[Int(id)])
    if need != StateSlots.none {
      wanted[Int(need)] -= 1
      if operation.isRequired { required[Int(need)] -= 1 }
    }
    if result != StateSlots.none { sources[Int(result)] -= 1 }
    if isUnknownUpdate[Int(id)] { unknownUpdates[Int(operation.object)] -= 1 }
  }
}
