import Clusters
import Histories

extension FaultPackage {
  /// A node's clock of day runs too fast or too slow and jumps to the true time when healed: a bad oscillator, a starved
  /// virtual machine, a leap second that is smeared by some and not by others.
  ///
  /// Real clocks drift by far less; what a day does there must show within a run's seconds here.
  public static let clockDrift = FaultPackage(
    name: "clock-drift",
    summary: "makes the clock of day of the chosen nodes run faster or slower, and sets it right when healed",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["one", "minority", "primary"],
    parameters: [
      FaultParameter(
        "rate", "how much faster than the true clock; 50% is 1.5 times as fast, negative is slower", .percent,
        initial: .range(-50, 50), limits: -99...900)
    ],
    requires: [.clocks], nodesMin: 1, make: { ClockDriftFault(clock: .startingNow()) })
}

/// Makes clocks drift and proves it by what they had gained in the end.
actor ClockDriftFault: Fault {
  private struct Drift {
    var ratePPM: Int64
    /// When the clocks were being set, on the nemesis' clock.
    var start: ClosedRange<Int64>
    var nodes: [String]
  }

  private let clock: NemesisClock
  private let search: PrimarySearch
  /// Injected and not healed yet.
  private var drift: Drift?

  init(clock: NemesisClock) {
    self.clock = clock
    search = PrimarySearch(clock: clock)
  }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let clocks = cluster.clocks else { return .skipped(reason: Capability.clocks.absence) }
    guard let percent = action.number("rate") else {
      return .skipped(reason: "the action does not say how fast the clock is to run")
    }
    let ratePPM = Int64((percent * 10_000).rounded())
    if ratePPM == 0 { return .skipped(reason: "a clock that runs at the true rate does not drift") }
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .nodes(let nodes):
      let owner = action.fault
      let start = clock.now()
      _ = try await Task { try await setClocks(nodes, ClockSkew(ratePPM: ratePPM), by: owner, clocks) }.value
      drift = Drift(ratePPM: ratePPM, start: start...clock.now(), nodes: nodes)
      return .injected(targets: "\(words(nodes, in: cluster)) by \(Double(ratePPM) / 10_000) %")
    }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let clocks = cluster.clocks else { throw FaultError(Capability.clocks.absence) }
    guard let drift else { return gainEvidence([]) }
    let nodes = cluster.nodes.map(\.name).filter(drift.nodes.contains)
    let start = clock.now()
    let steps = try await rightClocks(nodes, by: FaultPackage.clockDrift.name, clocks)
    let wanted = gain(drift, until: start...clock.now())
    self.drift = nil
    return gainEvidence(nodes.map { ClockGain(node: $0, wanted: wanted, back: steps[$0] ?? []) })
  }

  func restore(in cluster: any ClusterControl) async throws {
    guard let clocks = cluster.clocks else { return }
    _ = try await rightClocks(cluster.nodes.map(\.name), by: FaultPackage.clockDrift.name, clocks)
    drift = nil
  }

  /// In nanoseconds, from the shortest to the longest time that can have passed.
  private func gain(_ drift: Drift, until end: ClosedRange<Int64>) -> ClosedRange<Int64> {
    let shortest = max(0, end.lowerBound - drift.start.upperBound)
    let longest = end.upperBound - drift.start.lowerBound
    let gains = [shortest, longest].map { Int64((Double($0) * Double(drift.ratePPM) / 1e6).rounded()) }.sorted()
    return gains[0]...gains[1]
  }
}
