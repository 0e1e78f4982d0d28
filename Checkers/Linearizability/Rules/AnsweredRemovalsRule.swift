/// A rule of a container with unique values that gives out no removals of unknown outcome.
///
/// It says "valid" if none of them is needed, "violation" if the values that others took show one by themselves, and
/// nil otherwise.
protocol AnsweredRemovalsRule {
  associatedtype Operation: ContainedOperation

  /// The rule's name in results.
  static var name: String { get }

  /// The answer for these values of the history, removals of unknown outcome left out.
  static func outcome(_ values: ContainerValues, _ history: ObjectHistory<Operation>) -> RuleDecision.Outcome
}

extension AnsweredRemovalsRule {
  /// The answer for a history; nil if a value was inserted twice, or if removals of unknown outcome may be needed.
  static func decide(_ history: ObjectHistory<Operation>, valueCount: Int) -> RuleDecision? {
    switch ContainerValues.read(history, valueCount: valueCount) {
    case .duplicates: return nil
    case .violation(let core): return RuleDecision(rule: name, outcome: .violation(core: core))
    case .values(let values):
      let all = outcome(values, history)
      guard case .violation = all, !values.pending.isEmpty else { return RuleDecision(rule: name, outcome: all) }
      let removed = outcome(values.removedOnly(), history)
      guard case .violation = removed else { return nil }
      return RuleDecision(rule: name, outcome: removed)
    }
  }
}
