import Checkers
import Generators
import Histories
import Testing

/// The siblings checker against the enumeration of every set of puts that may have happened.
@Suite struct SiblingsDifferentialTests {
  @Test(arguments: [SiblingsChecker.Claim.noLostUpdates, .noResurrection])
  func `siblings are judged as the twin judges them`(claim: SiblingsChecker.Claim) throws {
    var simulation = SiblingsSimulation(RandomStreams(seed: 0).stream("siblings/\(claim)"), putsMax: 5)
    var (split, replicated) = (InvariantSplit(), InvariantSplit())
    for number in 0..<Soak.histories(slice: 3_000, whole: 400_000, parts: 2) {
      let events = simulation.history(tampers: number % 3 != 0)
      let twin = SiblingsTwin(events)
      let (expected, result) = (twin.verdict(claim), try SiblingsChecker.report(History(events), claim))
      split.count(expected)
      if twin.replicas > 0 { replicated.count(expected) }
      let hasConflict = result.count(.falseConflict) > 0
      if result.verdict != expected || hasConflict != twin.hasFalseConflict {
        Issue.record(
          """
          history \(number): \(result.verdict), expected \(expected), false conflict \(twin.hasFalseConflict): \
          \((result.findings + result.observations).map(\.summary))
          \(ConvergenceDifferentialTests.text(events))
          """)
        return
      }
    }
    split.show("siblings, \(claim)")
    replicated.show("  those with replicas that were read directly")
    #expect(split.isBalanced && min(replicated.valid, replicated.invalid) * 10 >= replicated.valid)
  }
}
