/// A part of an object's history that is not linearizable by itself: what a counterexample shows.
///
/// Every change made to it is *sound*: if the history before the change is linearizable, so is the one after. So as
/// long as the reduced history has no order, the original has none. The changes, each with the reason:
///
/// - **Cut after the violation**: a prefix of a linearizable history is linearizable; what had not returned by then may
///   or may not have happened.
/// - **Drop an observer**: it changes no state, so an order without it is still an order.
/// - **Make an operation optional**, until its own return: the order that has it is still allowed.
/// - **Hide an optional operation** that cannot matter: `Relevance` has the proof. Of equal ones that may happen
///   forever, no more than there are required operations that need a state: a live use belongs to the chain of changes
///   that ends in one of them, and a chain that comes to one state twice can leave out what lies between.
/// - **Cut the prefix** before an event p: a linearization of the whole passes p in a state that `ReachableStates`
///   knows. What comes after p in it is an order of the rest from that state. An operation that crosses p may lie on
///   either side, so it becomes optional until its own return; if it is an observer it is dropped; one that may happen
///   forever stays, unless every linearization has used it by then.
struct Evidence {
  struct Member {
    /// Position in the lowered object's operations.
    var id: UInt32
    var operation: SearchOperation

    /// What is left of it when everything before the event is cut off; nil if nothing.
    func crossing(_ time: UInt32, _ automaton: Automaton) -> Member? {
      if operation.completion < time { return nil }
      guard operation.invocation < time else { return self }
      if automaton.traits[Int(operation.kind)].isObserver { return nil }
      var member = self
      member.operation.isRequired = false
      return member
    }
  }

  var initialStates: [UInt32]
  /// In order of invocation.
  var members: [Member]
  /// Event of the violating return: what returns later may or may not have happened.
  var endTime: UInt32
  /// Everything that had returned before this event is in `initialStates`.
  var cutTime: UInt32 = 0
  /// `initialStates` stand for every state: nothing is known of what was before.
  var startsAnywhere = false
  /// Completed updates that a rule left out, since the others have no order even without them: states are then those
  /// of an object without these.
  var leftOut = 0

  var problem: SearchProblem { SearchProblem(initialStates: initialStates, operations: members.map(\.operation)) }

  /// All operations of the problem up to the return of the violating one.
  init(_ problem: SearchProblem, violation: UInt32) {
    self.init(
      problem, core: 0..<UInt32(problem.operations.count), until: problem.operations[Int(violation)].completion)
  }

  /// The operations of the problem that a rule named, up to an event: leaving out all others is sound, says the rule.
  init(_ problem: SearchProblem, core: some Sequence<UInt32>, until end: UInt32) {
    initialStates = problem.initialStates
    members = []
    endTime = end
    for id in core where problem.operations[Int(id)].invocation < end {
      var operation = problem.operations[Int(id)]
      if operation.completion != SearchOperation.never, operation.completion > end {
        operation.isRequired = false
        operation.completion = SearchOperation.never
      }
      members.append(Member(id: id, operation: operation))
    }
  }

  /// The same, with a count of the updates that the rule left out.
  init(_ problem: SearchProblem, core: [UInt32], until end: UInt32, _ automaton: Automaton) {
    self.init(problem, core: core, until: end)
    let isKept = Set(core)
    leftOut = problem.operations.indices.count { id in
      problem.operations[id].completion <= end && !automaton.traits[Int(problem.operations[id].kind)].isObserver
        && !isKept.contains(UInt32(id))
    }
  }

  /// Without the observers that need not have happened, and the optional operations that cannot matter.
  ///
  /// - Parameter kept: operations that stay all the same.
  func hidingIrrelevant(_ automaton: Automaton, keeping kept: Set<UInt32> = []) -> Evidence {
    let relevance = Relevance(members.map(\.operation), automaton)
    let copiesMax = relevance.isComplete ? requiredNeeds(automaton) : Int.max
    var copies: [UInt32: Int] = [:]
    var result = self
    result.members = members.filter { member in
      if member.operation.isRequired || kept.contains(member.id) { return true }
      let kind = member.operation.kind
      if automaton.traits[Int(kind)].isObserver || !relevance.canMatter(member.operation) { return false }
      if !member.operation.isOptionalForever { return true }
      copies[kind, default: 0] += 1
      return copies[kind, default: 0] <= copiesMax
    }
    return result
  }

  /// Required operations that can happen in one state only.
  private func requiredNeeds(_ automaton: Automaton) -> Int {
    members.count { member in
      guard member.operation.isRequired else { return false }
      if case .only = automaton.traits[Int(member.operation.kind)].condition { return true }
      return false
    }
  }

  /// Without what is over before return event `p` of the search of this evidence.
  func cuttingPrefix(at p: Int, _ states: ReachableStates, _ automaton: Automaton) -> Evidence {
    let time = states.time(enteringReturnIndex: p)
    let entry = states.entering(returnIndex: p)
    var result = self
    result.initialStates = entry.states
    result.cutTime = max(time, cutTime)
    result.startsAnywhere = false
    result.members = members.compactMap { member in
      entry.spent.contains(states.id(of: member)) ? nil : member.crossing(time, automaton)
    }
    return result
  }

  /// Without what was invoked after an earlier end; what returned after it may have happened or not.
  func ending(at end: UInt32) -> Evidence {
    var result = self
    result.endTime = end
    result.members = members.compactMap { member in
      if member.operation.invocation > end { return nil }
      var member = member
      if member.operation.completion != SearchOperation.never, member.operation.completion > end {
        (member.operation.isRequired, member.operation.completion) = (false, SearchOperation.never)
      }
      return member
    }
    return result
  }

  func dropping(_ ids: Set<UInt32>) -> Evidence {
    var result = self
    result.members.removeAll { ids.contains($0.id) }
    return result
  }

  func relaxing(_ ids: Set<UInt32>) -> Evidence {
    var result = self
    for place in result.members.indices where ids.contains(result.members[place].id) {
      result.members[place].operation.isRequired = false
    }
    return result
  }
}
