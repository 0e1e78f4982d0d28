/// Makes a violation smaller by steps under which an innocent history stays innocent.
///
/// With an order of the larger history at hand, each step leaves an order of the smaller one:
///
/// - *Leave out an observer*: the rest of the order stands, since it changed nothing.
/// - *Leave out an object*: the others do not notice.
/// - *Leave out a state of an object*, for models that tell every condition and result: all operations that leave it or
///   need it, and with each of these the state that it leaves in turn. What remains needs other states, and finds them:
///   the update that left it what it needs remains, and nothing that remains came between them.
/// - *Free an update*: it may have happened, once, after what its process did before it. It did.
/// - *Leave out a free update* that leaves what nothing needs (`ReadsFrom.live`).
///
/// Cutting off the end is no such step: without real time an operation can have seen what was invoked after it
/// returned. So a *cut* at an event frees the updates that return later, and leaves out observers only.
struct SequentialReducer {
  typealias Member = SequentialProblem.Member

  /// Operations looked at in all trials together.
  static let workMax = 2_000_000
  /// Configurations of one trial.
  static let configurationsMax = 5_000
  /// More members are not reduced one by one.
  static let singlesMax = 400

  let problem: SequentialProblem
  /// What shows a violation of the members by itself.
  private let decider: SequentialDecider
  private let limits: SearchLimits
  private var work = 0
  private let findsCycles: Bool

  /// - Parameter findsCycles: only contradictions of the constraints count.
  init(_ problem: SequentialProblem, _ limits: SearchLimits, findsCycles: Bool) {
    self.problem = problem
    self.limits = limits
    var bounded = limits
    bounded.configurationsMax = Self.configurationsMax
    var updateOrders = bounded
    updateOrders.configurationsMax = 200
    var tuning = SequentialTuning()
    if findsCycles { (tuning.usesUpdateOrders, tuning.usesPositions) = (false, false) }
    decider = SequentialDecider(limits: bounded, updateOrderLimits: updateOrders, tuning: tuning)
    self.findsCycles = findsCycles
  }

  mutating func reduce(_ members: [Member]) -> [Member] {
    var members = findsCycles ? members : cut(members)
    members = withoutObjects(members)
    members = inChunks(members, isCandidate: { !$0.isUpdate }, change: { $0.remove(at: $1) })
    if problem.automaton.isTransparent { members = withoutStates(members) }
    if findsCycles { return withoutIdle(members) }
    members = inChunks(members, isCandidate: { $0.isUpdate }, change: { $0[$1].isRequired = false })
    return withoutIdle(members)
  }

  // MARK: Trials

  private mutating func isInvalid(_ members: [Member]) -> Bool {
    work += members.count + 1
    if work > Self.workMax || limits.interruption() != nil { return false }
    switch decider.decide(SequentialProblem(problem, members)) {
    case .cycle, .exhausted: return true
    // That something was never left is what it all comes down to only where it is so in the whole.
    case .unexplained, .order, .stopped: return false
    }
  }

  /// The earliest event such that what returned by then is a violation, with all that may have happened.
  private mutating func cut(_ members: [Member]) -> [Member] {
    let returns = members.filter(\.isRequired).map { problem.operations[Int($0.id)].completion }.sorted()
    var best = members
    var (low, high) = (0, returns.count - 1)
    while low < high {
      let middle = (low + high) / 2
      let trial = self.members(members, returnedBy: returns[middle])
      if isInvalid(trial) { (best, high) = (trial, middle) } else { low = middle + 1 }
    }
    return withoutIdle(best)
  }

  private func members(_ members: [Member], returnedBy event: UInt32) -> [Member] {
    members.compactMap { member in
      if member.isRequired, problem.operations[Int(member.id)].completion <= event { return member }
      return problem.effect(member.id).isUpdate ? Member(id: member.id, isRequired: false) : nil
    }
  }

  private mutating func withoutObjects(_ members: [Member]) -> [Member] {
    var members = members
    for object in Set(members.map { problem.operations[Int($0.id)].object }).sorted() {
      let trial = members.filter { problem.operations[Int($0.id)].object != object }
      if trial.count < members.count, isInvalid(trial) { members = trial }
    }
    return members
  }

  /// Applies the change to ever smaller groups of candidates, and keeps what is still a violation.
  private mutating func inChunks(
    _ start: [Member], isCandidate: (Effect) -> Bool, change: (inout [Member], Int) -> Void
  ) -> [Member] {
    var members = start
    var size = max(1, members.count / 2)
    while size >= 1 {
      var end = members.count
      while end > 0 {
        let begin = max(0, end - size)
        var trial = members
        for place in (begin..<end).reversed()
        where trial[place].isRequired && isCandidate(problem.effect(trial[place].id)) { change(&trial, place) }
        if trial != members, isInvalid(trial) { members = trial }
        end = begin
      }
      if size == 1 || members.count > Self.singlesMax && size <= members.count / Self.singlesMax { break }
      size /= 2
    }
    return members
  }

  private mutating func withoutStates(_ start: [Member]) -> [Member] {
    var members = start
    if members.count > Self.singlesMax { return members }
    for member in start.reversed() where members.contains(member) {
      let trial = without(stateOf: member, members)
      if isInvalid(trial) { members = trial }
    }
    return members
  }

  /// Without what leaves or needs the state that the member leaves, and so on.
  private func without(stateOf member: Member, _ members: [Member]) -> [Member] {
    let object = problem.operations[Int(member.id)].object
    var (dropped, open) = (Set<UInt32>(), [problem.effect(member.id).result])
    while let state = open.popLast() {
      guard state != Automaton.none, dropped.insert(state).inserted else { continue }
      for other in members where problem.operations[Int(other.id)].object == object {
        let effect = problem.effect(other.id)
        if effect.need == state { open.append(effect.result) }
      }
    }
    return members.filter { other in
      let effect = problem.effect(other.id)
      let isSame = problem.operations[Int(other.id)].object == object
      return !isSame || !dropped.contains(effect.need) && !dropped.contains(effect.result)
    }
  }

  /// Without free updates that leave what nothing needs.
  private func withoutIdle(_ members: [Member]) -> [Member] {
    guard problem.automaton.isTransparent else { return members }
    return ReadsFrom(SequentialProblem(problem, members)).live.map { members[Int($0)] }
  }
}
