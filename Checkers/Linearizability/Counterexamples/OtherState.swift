extension Evidence {
  /// Names for the state that no operation shown needs, up to this many.
  private static let namesMax = 4

  /// With the state that nobody needs named, where it can be only one of a few.
  ///
  /// `Automaton.dead` stands for all such states. What the object held at the cut was left by an update that no other
  /// one certainly followed before the cut; of these results, those that an operation shown needs have their own place
  /// among the initial states, if they are possible. The rest are what `dead` stands for, or more.
  func namingOtherState(of object: LoweredObject) -> Evidence {
    let automaton = object.automaton
    guard initialStates.contains(Automaton.dead), !startsAnywhere, leftOut == 0, automaton.isTransparent else {
      return self
    }
    let needed = members.compactMap { member -> UInt32? in
      if case .only(let state) = automaton.traits[Int(member.operation.kind)].condition { state } else { nil }
    }
    let others = lastResults(object).subtracting(needed).subtracting(initialStates)
    guard (1...Self.namesMax).contains(others.count) else { return self }
    var result = self
    result.initialStates = initialStates.filter { $0 != Automaton.dead } + others.sorted()
    return result
  }

  /// The states that the object can have had at the cut by the times of the updates alone.
  private func lastResults(_ object: LoweredObject) -> Set<UInt32> {
    var (latestBegin, hasUpdate): (UInt32, Bool) = (0, false)
    var updates: [SearchOperation] = []
    for operation in object.problem.operations where operation.invocation < cutTime {
      if object.automaton.traits[Int(operation.kind)].isObserver { continue }
      updates.append(operation)
      if operation.isRequired, operation.completion < cutTime {
        (latestBegin, hasUpdate) = (operation.invocation, true)
      }
    }
    let last = updates.filter { $0.completion >= latestBegin }
    let results = last.map { object.automaton.traits[Int($0.kind)].result }
    return Set(results + (hasUpdate ? [] : object.problem.initialStates))
  }
}
