/// Just-in-time linearization (Lowe, "Testing for linearizability", 2017) with an antichain memo: CHECKERS 1.3.
///
/// The search walks the return events of the schedule. An operation is placed only when some return cannot be passed
/// without it, so a configuration is what happened to the operations that are live there, never a set of all. Per event
/// it tries, depth first: the returning operation itself, the other live updates, and last the crashed classes, fewest
/// uses first. Observers are placed at once, wherever the state allows (reduction 4): they change nothing, so an order
/// that places one later is as good with it placed now.
///
/// Exact: it ends with a linearization, with the proof that there is none, or with the reason why it stopped.
final class Search {
  /// Values of `via` besides operation ids.
  enum Via {
    static let crashed: UInt32 = 1 << 31
    /// The optional operation that returns here did not happen.
    static let skip = UInt32.max
    static let root = UInt32.max - 1
  }

  enum Outcome {
    /// Ids of the problem's operations, in an order that proves it.
    case linearizable([UInt32])
    /// No configuration passes the return event with this index in the schedule.
    case stuck(returnIndex: Int)
    case stopped(StopReason)
  }

  private struct Frame {
    var row: UInt32
    /// The next alternative to try.
    var cursor: UInt32
  }

  let problem: SearchProblem
  let automaton: Automaton
  let schedule: Schedule
  let memo: ConfigurationMemo
  private let words: Int
  private let limits: SearchLimits
  private var stack: [Frame] = []
  /// The configuration under construction: mask, then gains.
  private let scratch: UnsafeMutablePointer<UInt64>
  /// Configurations taken up, with those taken up again.
  private(set) var expanded = 0
  /// The furthest return event at which a configuration waited.
  private(set) var deepest = 0

  init(_ problem: SearchProblem, _ automaton: Automaton, _ limits: SearchLimits) {
    self.problem = problem
    self.automaton = automaton
    self.limits = limits
    schedule = Schedule(problem, automaton)
    fixedBytes = schedule.bytes + problem.operations.count * MemoryLayout<SearchOperation>.stride
    words = max(1, (schedule.slotCount + 63) / 64)
    memo = ConfigurationMemo(words: words)
    scratch = .allocate(capacity: 2 * words)
    scratch.initialize(repeating: 0, count: 2 * words)
  }

  deinit { scratch.deallocate() }

  /// Bytes allocated by the search and its parts.
  var bytes: Int { fixedBytes + automaton.bytes + memo.bytes + stack.capacity * MemoryLayout<Frame>.stride }

  /// Bytes of the problem and its schedule.
  private let fixedBytes: Int

  func run() -> Outcome {
    if schedule.returns.isEmpty { return .linearizable([]) }
    for state in problem.initialStates {
      clearScratch()
      admitFresh(at: 0, state: state)
      settle(state, usage: 0, at: 0, from: 0, parent: ConfigurationMemo.none, via: Via.root)
      if final != nil { return finish(from: state) }
    }
    while let frame = stack.last {
      if let reason = stopReason() { return .stopped(reason) }
      expanded += 1
      if memo.isDead(frame.row) || !expand(frame.row, top: stack.count - 1) { stack.removeLast() }
      if let final { return finish(from: initialState(of: final.parent)) }
    }
    return .stuck(returnIndex: deepest)
  }

  /// The step by which the last return event was passed.
  private(set) var final: (parent: UInt32, via: UInt32)?

  private func finish(from initial: UInt32) -> Outcome {
    let order = linearization(
      of: final?.parent ?? ConfigurationMemo.none, then: final?.via ?? Via.root, from: initial)
    assert(WitnessVerifier.flaw(of: order, in: problem, automaton) == nil, "the search's witness is wrong")
    return .linearizable(order)
  }

  /// The stack may double too.
  private var bytesAtGrowth: Int {
    bytes - memo.bytes + memo.bytesAtGrowth + stack.capacity * MemoryLayout<Frame>.stride
  }

  private func stopReason() -> StopReason? {
    if expanded >= limits.configurationsMax { return .work }
    if memo.needsGrowth, bytesAtGrowth > limits.bytesMax {
      return .memory
    }
    return expanded % SearchLimits.pollInterval == 0 ? limits.interruption() : nil
  }

  // MARK: Alternatives

  /// Tries alternatives of the configuration on top until one leads on; false if none is left.
  ///
  /// In order: without the returning operation where that is allowed; the returning operation; then the live updates
  /// and the crashed classes, first those after which the returning operation can happen, then the others. Any order is
  /// exact; this one finds a linearization of a wide history without wandering.
  private func expand(_ row: UInt32, top: Int) -> Bool {
    let at = Int(memo.returnIndex(row))
    let block = at / Schedule.blockReturns
    let others =
      schedule.updateStarts[at + 1] - schedule.updateStarts[at]
      + schedule.activeStarts[block + 1] - schedule.activeStarts[block]
    while stack[top].cursor < 2 + 2 * others {
      let cursor = stack[top].cursor
      stack[top].cursor += 1
      switch cursor {
      case 0: skip(row, at)
      case 1: use(schedule.returns[at], row, at, isHelpful: nil)
      case ..<(2 + others): useOther(cursor - 2, row, at, isHelpful: true)
      default: useOther(cursor - 2 - others, row, at, isHelpful: false)
      }
      if stack.count > top + 1 || final != nil { return true }
    }
    return false
  }

  /// One of the live updates, or after them of the crashed classes.
  private func useOther(_ number: UInt32, _ row: UInt32, _ at: Int, isHelpful: Bool) {
    let place = schedule.updateStarts[at] + number
    if place >= schedule.updateStarts[at + 1] {
      let active = schedule.activeStarts[at / Schedule.blockReturns] + place - schedule.updateStarts[at + 1]
      useCrashed(schedule.activeClasses[Int(active)], row, at, isHelpful: isHelpful)
    } else if schedule.updates[Int(place)] != schedule.returns[at] {
      use(schedule.updates[Int(place)], row, at, isHelpful: isHelpful)
    }
  }

  /// Whether the returning operation can happen in the state.
  @inline(__always) private func helps(_ state: UInt32, _ at: Int) -> Bool {
    automaton.next(state, schedule.live[Int(schedule.returns[at])].kind) != Automaton.none
  }

  /// The optional operation that returns here did not happen.
  private func skip(_ row: UInt32, _ at: Int) {
    let live = schedule.live[Int(schedule.returns[at])]
    guard live.role == .optional else { return }
    load(row)
    clear(gain: live.slot)
    settle(memo.state(row), usage: memo.usage(row), at: at, from: at + 1, parent: row, via: Via.skip)
  }

  /// The live update happens now.
  private func use(_ id: UInt32, _ row: UInt32, _ at: Int, isHelpful: Bool?) {
    let live = schedule.live[Int(id)]
    let bits = memo.bits(row)
    let (word, bit) = Self.position(live.slot)
    let isUpdate = live.role == .update
    guard isUpdate ? bits[word] & bit == 0 : live.role == .optional && bits[words + word] & bit != 0 else { return }
    let state = memo.state(row)
    let next = automaton.next(state, live.kind)
    // An optional operation that changes nothing need not happen.
    if next == Automaton.none || (!isUpdate && next == state) { return }
    if let isHelpful, isHelpful != helps(next, at) { return }
    load(row)
    if isUpdate { scratch[word] |= bit } else { clear(gain: live.slot) }
    if next != state { admitObservers(at: at, state: next) }
    settle(next, usage: memo.usage(row), at: at, from: at + 1, parent: row, via: id)
  }

  /// One more crashed operation of the class happens now.
  private func useCrashed(_ position: UInt32, _ row: UInt32, _ at: Int, isHelpful: Bool) {
    if schedule.classes[Int(position)].usefulUntil < schedule.returnTimes[at] { return }
    let state = memo.state(row)
    let next = automaton.next(state, schedule.classes[Int(position)].kind)
    if next == Automaton.none || next == state || isHelpful != helps(next, at) { return }
    let used = Int(memo.usage.count(of: position, in: memo.usage(row)))
    guard schedule.classes[Int(position)].isAvailable(used, at: at) else { return }
    load(row)
    admitObservers(at: at, state: next)
    let usage = memo.usage.adding(position, to: memo.usage(row))
    settle(next, usage: usage, at: at, from: at + 1, parent: row, via: Via.crashed | position)
  }

  // MARK: Moving on

  /// Passes all return events that the configuration in `scratch` can pass as it is, and records where it waits.
  private func settle(_ state: UInt32, usage: UInt32, at: Int, from: Int, parent: UInt32, via: UInt32) {
    var at = at
    while pass(at) {
      at += 1
      if at == schedule.returns.count {
        final = (parent, via)
        return
      }
      admitFresh(at: at, state: state)
    }
    deepest = max(deepest, at)
    let header = ConfigurationMemo.Header(
      state: state, usage: usage, returnIndex: UInt32(at), from: UInt32(from), parent: parent, via: via)
    if let row = memo.insert(header, scratch) { stack.append(Frame(row: row, cursor: 0)) }
  }

  /// Takes the returning operation's bit out of the configuration, if it is placed or cannot be any more.
  @inline(__always) private func pass(_ at: Int) -> Bool {
    let live = schedule.live[Int(schedule.returns[at])]
    let (word, bit) = Self.position(live.slot)
    switch live.role {
    case .update:
      if scratch[word] & bit == 0 { return false }
      scratch[word] &= ~bit
    case .observer:
      if scratch[words + word] & bit == 0 { return false }
      scratch[words + word] &= ~bit
    case .optional: return scratch[words + word] & bit == 0
    }
    return true
  }

  /// Takes in what was invoked between the previous return event and this one.
  @inline(__always) private func admitFresh(at: Int, state: UInt32) {
    for place in Int(schedule.freshUpdates[at])..<Int(schedule.updateStarts[at + 1]) {
      let live = schedule.live[Int(schedule.updates[place])]
      if live.role == .optional { set(gain: live.slot) }
    }
    for place in Int(schedule.freshObservers[at])..<Int(schedule.observerStarts[at + 1]) {
      let live = schedule.live[Int(schedule.observers[place])]
      if automaton.next(state, live.kind) != Automaton.none { set(gain: live.slot) }
    }
  }

  /// Places every live observer that the state satisfies.
  @inline(__always) private func admitObservers(at: Int, state: UInt32) {
    for place in Int(schedule.observerStarts[at])..<Int(schedule.observerStarts[at + 1]) {
      let live = schedule.live[Int(schedule.observers[place])]
      if automaton.next(state, live.kind) != Automaton.none { set(gain: live.slot) }
    }
  }

  // MARK: Bits

  private func clearScratch() { scratch.update(repeating: 0, count: 2 * words) }
  private func load(_ row: UInt32) { scratch.update(from: memo.bits(row), count: 2 * words) }

  @inline(__always) private static func position(_ slot: UInt32) -> (word: Int, bit: UInt64) {
    (Int(slot >> 6), 1 << UInt64(slot & 63))
  }

  @inline(__always) private func set(gain slot: UInt32) {
    let (word, bit) = Self.position(slot)
    scratch[words + word] |= bit
  }

  @inline(__always) private func clear(gain slot: UInt32) {
    let (word, bit) = Self.position(slot)
    scratch[words + word] &= ~bit
  }
}
