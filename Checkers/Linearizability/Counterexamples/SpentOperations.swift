/// Crashed operations that a prefix cut may leave out, because every configuration at the cut has used as much.
///
/// Two rules, both sound:
///
/// - Of each class, the fewest that any configuration used, and those invoked first: no order that goes on from there
///   has them any more.
/// - A *blind* class can stand in for a *conditional* one with the same result: where `cas 1→2` happens, `w 2` does the
///   same. So a configuration that has used a `w 2` more than the cut takes away, and a `cas 1→2` less, loses nothing:
///   in the orders that go on from it, that `w 2` takes the place of the `cas 1→2`. Let b be what a configuration used
///   of the blind class beyond the first rule, and for each conditional class c_i in the same way. Leaving out x_i of
///   each conditional class is sound if, for every configuration, the sum of max(0, x_i - c_i) is at most b.
///
/// What a configuration used was invoked before the cut, so all of it can stand in at any time after.
struct SpentOperations {
  private let classes: [Schedule.CrashClass]
  private let traits: [Automaton.Traits]
  private let operations: [SearchOperation]
  /// Event of the cut.
  private let time: UInt32
  /// By configuration and class: uses, and then uses beyond the fewest.
  private var used: [[Int]]
  /// By class: how many are left out.
  private var fewest: [Int]

  init(_ search: Search, usages: [UInt32], before time: UInt32) {
    let classes = search.schedule.classes
    self.classes = classes
    traits = search.automaton.traits
    self.time = time
    operations = search.problem.operations
    used = usages.map { usage in
      classes.indices.map { Int(search.memo.usage.count(of: UInt32($0), in: usage)) }
    }
    fewest = classes.indices.map { _ in 0 }
    for place in classes.indices { takeFewest(of: place) }
    for blind in classes.indices where traits[Int(classes[blind].kind)].condition == .always { takeCovered(by: blind) }
  }

  /// Ids of the search's problem.
  func ids() -> Set<UInt32> {
    var ids: Set<UInt32> = []
    for (crashed, count) in zip(classes, fewest) { ids.formUnion(crashed.operations.prefix(count)) }
    return ids
  }

  private mutating func takeFewest(of place: Int) {
    let count = used.map { $0[place] }.min() ?? 0
    fewest[place] = count
    for configuration in used.indices { used[configuration][place] -= count }
  }

  /// Leaves out conditional operations one by one, as long as the blind class covers them in every configuration.
  private mutating func takeCovered(by blind: Int) {
    let result = traits[Int(classes[blind].kind)].result
    var cover = used.map { $0[blind] }
    for place in classes.indices where result != Automaton.none && isConditional(place, leaving: result) {
      var taken = 0
      while fewest[place] < classes[place].operations.count, isInvoked(classes[place].operations[fewest[place]]) {
        let needing = used.indices.filter { used[$0][place] <= taken }
        guard needing.allSatisfy({ cover[$0] > 0 }) else { break }
        for configuration in needing { cover[configuration] -= 1 }
        taken += 1
        fewest[place] += 1
      }
    }
  }

  private func isConditional(_ place: Int, leaving result: UInt32) -> Bool {
    let traits = traits[Int(classes[place].kind)]
    guard case .only = traits.condition else { return false }
    return traits.result == result
  }

  private func isInvoked(_ id: UInt32) -> Bool { operations[Int(id)].invocation < time }
}
