/// Just-in-time linearization (Lowe, "Testing for linearizability", 2017) with an antichain memo: CHECKERS 1.3.
///
/// The search walks the return events of the schedule. An operation is placed only when some return cannot be passed
/// without it, so a configuration is what happened to the operations that are live there, never a set of all. Per event
/// it tries, depth first: passing without the returning operation where that is allowed, the returning operation
/// itself, the other live updates, and last the crashed classes, fewest uses first.
///
/// - Observers are placed at once, wherever the state allows (reduction 4): they change nothing, so an order that places
///   one later is as good with it placed now.
/// - Before a blind write w, every live operation that can happen in any state can have happened unseen. When w is
///   placed they become *discharged and still available* (reduction 5, lazy hiding), instead of one configuration for
///   each set of them. At its own return such a *hidden* operation is either passed, or placed after all.
/// - A state that nothing can need any more is replaced by `Automaton.dead` (reduction 6; `NeedIntervals`).
///
/// Exact: it ends with a linearization, with the proof that there is none, or with the reason why it stopped. For every
/// linearization that places operations as late as possible some path of the search keeps, at each return event, a
/// configuration that is at least as good (`ConfigurationMemo`) as what the linearization has done by then.
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
    /// The search got no further for a while; `run` goes on with it.
    case paused
  }

  /// A state that was merged into `dead`: configurations had it from the first to the last of these return events.
  struct Merge {
    var state: UInt32
    var usage: UInt32
    var from: UInt32
    var to: UInt32
  }

  let problem: SearchProblem
  let automaton: Automaton
  let schedule: Schedule
  let memo: ConfigurationMemo
  private let words: Int
  private let limits: SearchLimits
  private let needs: NeedIntervals?
  private let stack = FrameStack()
  /// The configuration under construction: discharged, then available bits.
  private let scratch: UnsafeMutablePointer<UInt64>
  private let progress: UnsafeMutablePointer<Progress>

  init(_ problem: SearchProblem, _ automaton: Automaton, _ limits: SearchLimits) {
    self.problem = problem
    self.automaton = automaton
    self.limits = limits
    let schedule = Schedule(problem, automaton)
    self.schedule = schedule
    needs = automaton.isTransparent ? NeedIntervals(problem.operations, schedule, automaton) : nil
    words = schedule.words
    fixedBytes = schedule.bytes + problem.operations.count * MemoryLayout<SearchOperation>.stride
    memo = ConfigurationMemo(schedule)
    scratch = .allocate(capacity: 2 * words)
    scratch.initialize(repeating: 0, count: 2 * words)
    progress = .allocate(capacity: 1)
    progress.initialize(to: Progress())
  }

  deinit {
    scratch.deallocate()
    progress.deinitialize(count: 1).deallocate()
  }

  /// How far the search has come. Behind a pointer, like `FrameStack`: every step touches it.
  private struct Progress {
    var expanded = 0
    var deepest = 0
    /// What had been expanded when it got there.
    var expandedAtDeepest = 0
    var merges: [Merge] = []
    var final: (parent: UInt32, via: UInt32)?
  }

  /// Configurations taken up, with those taken up again.
  var expanded: Int { progress.pointee.expanded }
  /// The furthest return event at which a configuration waited.
  var deepest: Int { progress.pointee.deepest }
  var merges: [Merge] { progress.pointee.merges }
  /// The step by which the last return event was passed.
  var final: (parent: UInt32, via: UInt32)? { progress.pointee.final }

  /// Bytes allocated by the search and its parts.
  var bytes: Int { fixedBytes + automaton.bytes + memo.bytes + stackBytes }

  /// Bytes of the problem and its schedule.
  private let fixedBytes: Int

  private var stackBytes: Int {
    stack.bytes + progress.pointee.merges.capacity * MemoryLayout<Merge>.stride
  }

  /// Searches until the answer is known.
  ///
  /// - Parameter stallMax: configurations to expand without getting to a later return event before `paused` is
  ///   returned; another call goes on where this one stopped.
  func run(stallMax: Int = .max) -> Outcome {
    if schedule.returns.isEmpty { return .linearizable([]) }
    if let outcome = start() { return outcome }
    while stack.count > 0 {
      if let reason = stopReason() { return .stopped(reason) }
      if expanded - progress.pointee.expandedAtDeepest >= stallMax { return .paused }
      progress.pointee.expanded += 1
      let top = stack.count - 1
      if memo.isDead(stack.row(top)) || !expand(stack.row(top), top: top) { stack.removeLast() }
      if let final { return finish(from: initialState(of: final.parent)) }
    }
    return .stuck(returnIndex: deepest)
  }

  /// The configurations before the first return event.
  private func start() -> Outcome? {
    if memo.count > 0 { return nil }
    for state in problem.initialStates {
      clearScratch()
      admitFresh(at: 0, state: state)
      // The first row of a path names its initial state: its own may have been merged by then.
      settle(state, usage: 0, at: 0, from: 0, parent: ConfigurationMemo.none, via: state)
      if final != nil { return finish(from: state) }
    }
    return nil
  }

  private func finish(from initial: UInt32) -> Outcome {
    if limits.isCrashUnlimited || !limits.wantsOrder { return .linearizable([]) }
    let parent = final?.parent ?? ConfigurationMemo.none
    let last = parent == ConfigurationMemo.none ? Via.root : final?.via ?? Via.root
    let order = linearization(of: parent, then: last, from: initial)
    assert(WitnessVerifier.flaw(of: order, in: problem, automaton) == nil, "the search's witness is wrong")
    return .linearizable(order)
  }

  /// The stack may double too.
  private var bytesAtGrowth: Int {
    bytes - memo.bytes + memo.bytesAtGrowth + stackBytes
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
    let others = schedule.updateCount(at) + schedule.classCount(at)
    while let cursor = stack.nextCursor(top, below: 2 &+ 2 &* others) {
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
    let updates = schedule.updateCount(at)
    if number >= updates {
      useCrashed(schedule.crashClass(number - updates, at), row, at, isHelpful: isHelpful)
    } else {
      let place = schedule.place(number, at)
      let id = schedule.updates[place]
      if id == schedule.returns[at] || isInterchangeable(place, row, at) { return }
      use(id, row, at, isHelpful: isHelpful)
    }
  }

  /// Of operations of one kind the one that returns first is used first: what is left is then good for longer.
  ///
  /// Where the state already is what they write, only those count that are not discharged: others are not used there.
  @inline(__always) private func isInterchangeable(_ place: Int, _ row: UInt32, _ at: Int) -> Bool {
    let live = schedule.live[Int(schedule.updates[place])]
    guard live.isOverwrite else { return false }
    let bits = memo.bits(row)
    let state = memo.state(row)
    let without = automaton.next(state, live.kind) == state ? bits : nil
    return schedule.hasEarlierPeer(place, at: at, in: bits + words, without: without)
  }

  /// Whether the returning operation can happen in the state.
  @inline(__always) private func helps(_ state: UInt32, _ at: Int) -> Bool {
    automaton.next(state, schedule.live[Int(schedule.returns[at])].kind) != Automaton.none
  }

  /// The returning operation need not happen, or happened unseen.
  private func skip(_ row: UInt32, _ at: Int) {
    let (word, bit) = Self.position(schedule.live[Int(schedule.returns[at])].slot)
    guard memo.bits(row)[word] & bit != 0 else { return }
    load(row)
    scratch[words + word] &= ~bit
    settle(memo.state(row), usage: memo.usage(row), at: at, from: at + 1, parent: row, via: Via.skip)
  }

  /// The live update happens now.
  private func use(_ id: UInt32, _ row: UInt32, _ at: Int, isHelpful: Bool?) {
    let live = schedule.live[Int(id)]
    let bits = memo.bits(row)
    let (word, bit) = Self.position(live.slot)
    let isDischarged = bits[word] & bit != 0
    guard live.role == .update ? !isDischarged : bits[words + word] & bit != 0 else { return }
    let state = memo.state(row)
    let next = automaton.next(state, live.kind)
    // What need not happen and changes nothing does not happen.
    if next == Automaton.none || (isDischarged && next == state) { return }
    if let isHelpful, isHelpful != helps(next, at) { return }
    load(row)
    scratch[word] |= bit
    scratch[words + word] &= ~bit
    place(at: at, from: state, to: next, isOverwrite: live.isOverwrite, isReturning: isHelpful == nil)
    settle(next, usage: memo.usage(row), at: at, from: at + 1, parent: row, via: id)
  }

  /// One more crashed operation of the class happens now.
  private func useCrashed(_ position: UInt32, _ row: UInt32, _ at: Int, isHelpful: Bool) {
    if schedule.classes[Int(position)].usefulUntil < schedule.returnTimes[at] { return }
    let state = memo.state(row)
    let kind = schedule.classes[Int(position)].kind
    let next = automaton.next(state, kind)
    if next == Automaton.none || next == state || isHelpful != helps(next, at) { return }
    let isUnlimited = limits.isCrashUnlimited
    let used = isUnlimited ? 0 : Int(memo.usage.count(of: position, in: memo.usage(row)))
    guard schedule.classes[Int(position)].isAvailable(used, at: at) else { return }
    load(row)
    place(
      at: at, from: state, to: next, isOverwrite: automaton.traits[Int(kind)].isBlindWrite, isReturning: false)
    let usage = isUnlimited ? memo.usage(row) : memo.usage.adding(position, to: memo.usage(row))
    settle(next, usage: usage, at: at, from: at + 1, parent: row, via: Via.crashed | position)
  }

  /// What follows from an update at once: what it hides, and the observers of the state that it left.
  ///
  /// An update that is placed before the returning operation is placed for its sake: that operation must come now. (Had
  /// it happened before, unseen or not, the update could wait.)
  @inline(__always)
  private func place(at: Int, from state: UInt32, to next: UInt32, isOverwrite: Bool, isReturning: Bool) {
    if isOverwrite { for word in 0..<words { scratch[word] |= scratch[words + word] } }
    if !isReturning {
      let (word, bit) = Self.position(schedule.live[Int(schedule.returns[at])].slot)
      if scratch[words + word] & bit != 0 { scratch[word] &= ~bit }
    }
    if next != state { admitObservers(at: at, state: next) }
  }

  // MARK: Moving on

  /// Passes all return events that the configuration in `scratch` can pass as it is, and records where it waits.
  private func settle(_ state: UInt32, usage: UInt32, at: Int, from: Int, parent: UInt32, via: UInt32) {
    var (at, from, state) = (at, from, state)
    while pass(at) {
      if let needs, state != Automaton.dead, !needs.contains(UInt32(at), state: state) {
        progress.pointee.merges.append(Merge(state: state, usage: usage, from: UInt32(from), to: UInt32(at)))
        (state, from) = (Automaton.dead, at + 1)
      }
      at += 1
      if at == schedule.returns.count {
        progress.pointee.final = (parent, via)
        return
      }
      admitFresh(at: at, state: state)
    }
    if at > deepest {
      progress.pointee.deepest = at
      progress.pointee.expandedAtDeepest = expanded
    }
    let header = ConfigurationMemo.Header(
      state: state, usage: usage, returnIndex: UInt32(at), from: UInt32(from), parent: parent, via: via)
    if let row = memo.insert(header, scratch) {
      stack.append(row)
    }
  }

  /// Takes the returning operation's slot out of the configuration, if it is discharged and not to be placed any more.
  @inline(__always) private func pass(_ at: Int) -> Bool {
    let (word, bit) = Self.position(schedule.live[Int(schedule.returns[at])].slot)
    guard scratch[word] & bit != 0, scratch[words + word] & bit == 0 else { return false }
    scratch[word] &= ~bit
    return true
  }

  /// Takes in what was invoked between the previous return event and this one.
  @inline(__always) private func admitFresh(at: Int, state: UInt32) {
    for place in schedule.freshUpdates(at) {
      let live = schedule.live[Int(schedule.updates[place])]
      let (word, bit) = Self.position(live.slot)
      if live.role != .update { scratch[words + word] |= bit }
      if live.role == .optional { scratch[word] |= bit }
    }
    for place in schedule.freshObservers(at) { admit(schedule.observers[place], in: state) }
  }

  /// Places every live observer that the state satisfies.
  @inline(__always) private func admitObservers(at: Int, state: UInt32) {
    for place in schedule.liveObservers(at) { admit(schedule.observers[place], in: state) }
  }

  @inline(__always) private func admit(_ observer: UInt32, in state: UInt32) {
    let live = schedule.live[Int(observer)]
    guard automaton.next(state, live.kind) != Automaton.none else { return }
    let (word, bit) = Self.position(live.slot)
    scratch[word] |= bit
  }

  // MARK: Bits

  private func clearScratch() { scratch.update(repeating: 0, count: 2 * words) }
  private func load(_ row: UInt32) { scratch.update(from: memo.bits(row), count: 2 * words) }

  @inline(__always) private static func position(_ slot: UInt32) -> (word: Int, bit: UInt64) {
    (Int(slot >> 6), 1 << UInt64(slot & 63))
  }
}
