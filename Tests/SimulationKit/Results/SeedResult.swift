/// What one seed did, and the promise it found broken.
public struct SeedResult<Counter: CounterName>: Sendable {
  public let seed: UInt64
  public var violation: Violation?
  var shared = Tally<ClusterCounter>()
  var own = Tally<Counter>()

  init(seed: UInt64) { self.seed = seed }

  /// How often something happened that happens in all systems.
  public subscript(counter: ClusterCounter) -> Int {
    get { shared[counter] }
    set { shared[counter] = newValue }
  }

  /// How often something happened that the system wanted to be counted.
  public subscript(counter: Counter) -> Int {
    get { own[counter] }
    set { own[counter] = newValue }
  }

  mutating func count(_ outcome: some ClientOutcome) {
    self[outcome.isUnknown ? ClusterCounter.unknown : outcome.isRefusal ? .refused : .answered] += 1
  }

  mutating func count(_ network: SimulatedNetwork) {
    self[.lost] = network.lost
    self[.duplicated] = network.duplicated
    self[.reordered] = network.reordered
  }
}

/// What seeds must do to prove anything.
public struct Sufficiency<Counter: CounterName>: Sendable {
  /// Each seed without a violation does enough of this: ``ClusterOptions/progressMin``.
  public let progress: Counter
  /// Most seeds see a crash, and so many of these.
  public let usual: [(counter: Counter, min: Int)]
  /// Some seed sees these.
  public let somewhere: [Counter]
  /// Seeds in percent that must be as usual.
  public static var usualPercentMin: Int { 80 }

  /// What to look at.
  public init(progress: Counter, usual: [(counter: Counter, min: Int)], somewhere: [Counter] = []) {
    self.progress = progress
    self.usual = usual
    self.somewhere = somewhere
  }

  func isUsual(_ result: SeedResult<Counter>) -> Bool {
    result[.crashes] > 0 && usual.allSatisfy { result[$0.counter] >= $0.min }
  }
}
