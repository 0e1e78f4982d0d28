/// Sequential consistency of any model: depth first over configurations (how far each chain is, the state of each
/// object), each visited once.
///
/// - An observer at the head of its chain that the state allows is placed at once: it changes nothing and only frees its
///   chain, so every order that places it later is as good with it here.
/// - What was invoked first is tried first, operations of unknown outcome last; of those that are alike (one object, one
///   kind) and could all be used now, only one is tried.
/// - A configuration is given up where an operation that certainly happened needs a state that is gone and that nothing
///   left over leaves.
/// - An operation of unknown outcome is not used where nothing that is left over needs what it leaves, for models that
///   tell every condition and result: in an order that uses it, whatever follows on the object can happen in any state.
///
/// Exact: it ends with an order, with the proof that there is none, or with the reason why it stopped.
final class PositionSearch {
  enum Outcome {
    case order([UInt32])
    case exhausted
    case stopped(StopReason)
  }

  /// What was placed, and what it replaced.
  private struct Placed {
    var id: UInt32
    var state: UInt32
    var slot: UInt32
  }

  private struct Frame {
    /// Operations placed before the one that led here.
    var placedBefore: Int
    /// Its alternatives are `alternatives[start..<end]`.
    var start: Int
    var end: Int
    var next: Int
  }

  let problem: SequentialProblem
  private let automaton: Automaton
  private let limits: SearchLimits
  private let memo: PositionMemo
  private var demand: StateDemand
  /// The configuration: how many operations of each chain are placed, then the state of each object.
  private let configuration: UnsafeMutablePointer<UInt32>
  private let chainCount: Int
  /// By operation: a number that operations of one kind and object share; by that number: when it was last tried.
  private let classes: [UInt32]
  private var classTried: [Int]
  private var order: [Placed] = []
  private var frames: [Frame] = []
  private var alternatives: [UInt32] = []
  private var requiredLeft: Int
  private(set) var expanded = 0
  /// The most operations that were ever placed.
  private(set) var deepest = 0
  /// They, in order; kept only where `recordsDeepest`.
  private(set) var deepestOrder: [UInt32] = []
  private let recordsDeepest: Bool

  init(_ problem: SequentialProblem, _ limits: SearchLimits, recordsDeepest: Bool = false) {
    self.problem = problem
    self.limits = limits
    self.recordsDeepest = recordsDeepest
    automaton = problem.automaton
    chainCount = problem.chainCount
    memo = PositionMemo(width: problem.chainCount + problem.objectCount)
    demand = StateDemand(problem)
    configuration = .allocate(capacity: chainCount + problem.objectCount)
    configuration.initialize(repeating: 0, count: chainCount)
    (configuration + chainCount).initialize(repeating: problem.initialState, count: problem.objectCount)
    requiredLeft = problem.operations.count { $0.isRequired }
    (classes, classTried) = Self.classes(problem)
  }

  deinit { configuration.deallocate() }

  private static func classes(_ problem: SequentialProblem) -> ([UInt32], [Int]) {
    var numbers: [UInt64: UInt32] = [:]
    let classes = problem.operations.map { operation in
      let key = UInt64(operation.object) << 32 | UInt64(operation.kind)
      let number = numbers[key] ?? UInt32(numbers.count)
      numbers[key] = number
      return number
    }
    return (classes, Array(repeating: -1, count: numbers.count))
  }

  var bytes: Int {
    memo.bytes + automaton.bytes + order.capacity * 12 + frames.capacity * 32 + alternatives.capacity * 4
      + problem.operations.count * 80
  }

  var configurations: Int { memo.count }

  func run() -> Outcome {
    if demand.isHopeless { return .exhausted }
    placeObservers()
    noteDepth()
    if requiredLeft == 0 { return .order(order.map(\.id)) }
    _ = memo.insert(configuration)
    pushFrame(placedBefore: order.count)
    while let frame = frames.last {
      if let reason = stopReason() { return .stopped(reason) }
      if frame.next == frame.end {
        frames.removeLast()
        alternatives.removeLast(frame.end - frame.start)
        undo(to: frame.placedBefore)
        continue
      }
      frames[frames.count - 1].next += 1
      if attempt(alternatives[frame.next]) { return .order(order.map(\.id)) }
    }
    return .exhausted
  }

  /// Places the operation and takes up what follows from there; true if that is an order of the whole.
  private func attempt(_ id: UInt32) -> Bool {
    let before = order.count
    expanded += 1
    place(id)
    if demand.isHopeless { return giveUp(before) }
    placeObservers()
    noteDepth()
    if requiredLeft == 0 { return true }
    if !memo.insert(configuration) { return giveUp(before) }
    pushFrame(placedBefore: before)
    return false
  }

  private func giveUp(_ before: Int) -> Bool {
    undo(to: before)
    return false
  }

  private func noteDepth() {
    if order.count <= deepest { return }
    deepest = order.count
    if recordsDeepest { deepestOrder = order.map(\.id) }
  }

  private func stopReason() -> StopReason? {
    if expanded >= limits.configurationsMax { return .work }
    if memo.needsGrowth, bytes + memo.bytes > limits.bytesMax { return .memory }
    return expanded % SearchLimits.pollInterval == 0 ? limits.interruption() : nil
  }

  // MARK: Alternatives

  /// The next operation of the chain, if nothing that it waits for is missing.
  @inline(__always) private func head(_ chain: Int) -> UInt32? {
    let place = problem.starts[chain] &+ configuration[chain]
    guard place < problem.starts[chain &+ 1] else { return nil }
    let after = problem.after[chain]
    if after != SequentialProblem.none,
      configuration[Int(problem.chains[Int(after)])] <= problem.ranks[Int(after)]
    {
      return nil
    }
    return problem.members[Int(place)]
  }

  @inline(__always) private func state(_ id: UInt32) -> UInt32 {
    configuration[chainCount &+ Int(problem.operations[Int(id)].object)]
  }

  private func pushFrame(placedBefore: Int) {
    let start = alternatives.count
    for chain in 0..<chainCount {
      if let id = head(chain), isWorthwhile(id) { alternatives.append(id) }
    }
    alternatives[start...].sort { rank($0) < rank($1) }
    dropTwins(from: start)
    frames.append(Frame(placedBefore: placedBefore, start: start, end: alternatives.count, next: start))
  }

  /// Required operations by invocation, then the others.
  private func rank(_ id: UInt32) -> UInt64 {
    (problem.operations[Int(id)].isRequired ? 0 : 1 << 32) | UInt64(id)
  }

  private func isWorthwhile(_ id: UInt32) -> Bool {
    let operation = problem.operations[Int(id)]
    if automaton.next(state(id), operation.kind) == Automaton.none { return false }
    return operation.isRequired || demand.mayNeedResult(of: id)
  }

  private func dropTwins(from start: Int) {
    var end = start
    for place in start..<alternatives.count {
      let id = alternatives[place]
      if !problem.operations[Int(id)].isRequired {
        if classTried[Int(classes[Int(id)])] == expanded { continue }
        classTried[Int(classes[Int(id)])] = expanded
      }
      alternatives[end] = id
      end += 1
    }
    alternatives.removeLast(alternatives.count - end)
  }

  // MARK: Placing

  private func placeObservers() {
    for chain in 0..<chainCount {
      while let id = head(chain), automaton.traits[Int(problem.operations[Int(id)].kind)].isObserver,
        automaton.next(state(id), problem.operations[Int(id)].kind) != Automaton.none
      { place(id) }
    }
  }

  /// The state must allow it.
  private func place(_ id: UInt32) {
    let operation = problem.operations[Int(id)]
    let cell = configuration + (chainCount + Int(operation.object))
    let previous = cell.pointee
    cell.pointee = automaton.next(previous, operation.kind)
    configuration[Int(problem.chains[Int(id)])] += 1
    if operation.isRequired { requiredLeft -= 1 }
    let slot = demand.place(id, operation, isChange: cell.pointee != previous)
    order.append(Placed(id: id, state: previous, slot: slot))
  }

  private func undo(to count: Int) {
    while order.count > count {
      let last = order.removeLast()
      let operation = problem.operations[Int(last.id)]
      configuration[chainCount + Int(operation.object)] = last.state
      configuration[Int(problem.chains[Int(last.id)])] -= 1
      if operation.isRequired { requiredLeft += 1 }
      demand.undo(last.id, operation, slot: last.slot)
    }
  }
}
