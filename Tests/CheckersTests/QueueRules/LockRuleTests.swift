import Checkers
import Histories
import Testing

/// Locks: rules, models and the whole checker against the twins.
@Suite struct LockRuleTests {
  private func semaphore(_ permits: Int, owned: Bool) -> QueueDifferential<Semaphore, [Int64]> {
    QueueDifferential(
      name: "semaphore of \(permits)\(owned ? ", owned" : "")", model: Semaphore(permits: permits, owned: owned),
      twin: Twins.semaphore(permits: permits, owned: owned),
      states: { Self.held(permits, $0) ?? (owned ? numbers($0) : [Array(repeating: 0, count: Int($0.int ?? 0))]) },
      operationsMax: 9 + permits)
  }

  @Test func mutex() throws {
    let test = QueueDifferential(
      name: "mutex", model: MutexLock(), twin: Twins.semaphore(permits: 1, owned: false),
      states: Self.mutexStates)
    try test.run(.semaphore(permits: 1, wild: false), seed: 11)
  }

  @Test func ownedMutex() throws {
    let test = QueueDifferential(
      name: "mutex, owned", model: MutexLock(owned: true), twin: Twins.semaphore(permits: 1, owned: true),
      states: { Self.held(1, $0) ?? [$0.int.map { [$0] } ?? []] })
    try test.run(.semaphore(permits: 1, wild: false), seed: 12)
  }

  @Test(arguments: [2, 3]) func semaphore(permits: Int) throws {
    try semaphore(permits, owned: false).run(.semaphore(permits: permits, wild: false), seed: 13)
  }

  @Test func ownedSemaphore() throws {
    try semaphore(2, owned: true).run(.semaphore(permits: 2, wild: false), seed: 14)
  }

  @Test func semaphoreThatAnybodyReleases() throws {
    try semaphore(1, owned: false).run(
      .semaphore(permits: 1, wild: true), seed: 15, applies: 0)
  }

  @Test(arguments: [false, true]) func fencedLock(leased: Bool) throws {
    let test = QueueDifferential(
      name: "fenced lock\(leased ? ", leased" : "")", model: FencedLock(leased: leased),
      twin: Twins.fencedLock(leased: leased), states: { value in Self.states(value) })
    try test.run(.fencedLock(leased: leased), seed: 16, applies: 65)
  }

  /// The state that no operation shown needs: every permit is held, by nobody who is shown.
  private static func held(_ permits: Int, _ value: Value) -> [[Int64]]? {
    value == Counterexample.otherState ? [Array(repeating: -7, count: permits)] : nil
  }

  /// What a mutex that nobody owns shows.
  static func mutexStates(_ value: Value) -> [[Int64]] { held(1, value) ?? (value == "locked" ? [[0]] : [[]]) }

  /// A hold with an untold token stands for all tokens that it can have.
  private static func states(_ value: Value) -> [[Int64]] {
    guard let fields = value.map else { return [] }
    let (issued, written) = (fields["issued"]?.int ?? 0, fields["written"]?.int ?? 0)
    if fields["holder"] == "unknown" { return (issued + 1..<30).map { [$0, $0, written] } }
    return [[fields["holder"]?.int ?? 0, issued, written]]
  }
}
