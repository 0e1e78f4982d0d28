import Testing

@testable import DynamoRing

@Suite struct FailureDetectorTests {
  private let configuration = Configuration(id: 1, members: [1, 2, 3])
  private let millisecond: Nanoseconds = 1_000_000

  private func beating(gap: Nanoseconds) -> (FailureDetector, Nanoseconds) {
    var detector = FailureDetector(configuration, at: 0)
    for count in 1...100 as ClosedRange<UInt64> {
      detector.heard(Heartbeat(node: 2, life: 1, count: count), at: count * gap)
    }
    return (detector, 100 * gap)
  }

  @Test func suspicionGrowsWithTimeAndFallsWithNews() {
    var (detector, now) = beating(gap: 200 * millisecond)
    #expect(detector.isAlive(2, at: now + 1_000 * millisecond))
    #expect(!detector.isAlive(2, at: now + 4_000 * millisecond))
    #expect(detector.suspicion(of: 2, at: now + 4_000 * millisecond) > detector.suspicion(of: 2, at: now))
    now += 4_000 * millisecond
    detector.heard(Heartbeat(node: 2, life: 2, count: 1), at: now)
    #expect(detector.isAlive(2, at: now))
  }

  @Test func whoIsHeardOfRarelyIsGivenMoreTime() {
    let (often, afterOften) = beating(gap: 100 * millisecond)
    let (rarely, afterRarely) = beating(gap: 800 * millisecond)
    #expect(!often.isAlive(2, at: afterOften + 3_000 * millisecond))
    #expect(rarely.isAlive(2, at: afterRarely + 3_000 * millisecond))
  }

  @Test func oldNewsIsNone() {
    var (detector, now) = beating(gap: 100 * millisecond)
    now += 5_000 * millisecond
    detector.heard(Heartbeat(node: 2, life: 1, count: 100), at: now)
    detector.heard(Heartbeat(node: 2, life: 0, count: 5_000), at: now)
    #expect(!detector.isAlive(2, at: now))
  }

  /// "Even if B is responsive to node C's messages" (§4.8.3).
  @Test func whoDoesNotAnswerIsSuspectedUntilItIsHeardOf() {
    var (detector, now) = beating(gap: 100 * millisecond)
    detector.unanswered(by: 2, since: now - 10)
    detector.heard(Heartbeat(node: 2, life: 1, count: 101), at: now)
    #expect(!detector.isAlive(2, at: now))
    detector.heard(from: 2, at: now)
    #expect(detector.isAlive(2, at: now))
    detector.unanswered(by: 2, since: now - 10)
    #expect(detector.isAlive(2, at: now))
  }

  @Test func nobodySuspectsItself() {
    #expect(FailureDetector(configuration, at: 0).isAlive(1, at: .max))
  }
}
