import Clusters
import Histories

extension FaultPackage {
  /// A node's clock of day jumps ahead and back all the time: two time servers that disagree, a hypervisor that corrects.
  /// Time goes backwards again and again, which a single jump shows once.
  public static let clockStrobe = FaultPackage(
    name: "clock-strobe",
    summary: "makes the clock of day of the chosen nodes jump ahead and back again and again, until healed",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["one", "minority", "primary"],
    parameters: [
      FaultParameter(
        "offset", "how far ahead the clock jumps", .seconds, initial: .range(0.1, 10), limits: ClockLimits.offsetSeconds
      ),
      FaultParameter(
        "period", "from one jump to the next", .seconds, initial: .range(0.02, 0.5), limits: 0.005...3600),
    ],
    requires: [.clocks], nodesMin: 1, make: { ClockStrobeFault(clock: .startingNow()) })
}

/// Sets clocks to and fro and proves each jump by what the clock code of the nodes' processes gave before and after.
actor ClockStrobeFault: Fault {
  private struct Strobe {
    var offset: Int64
    var period: Int64
    var nodes: [String]
    var strobings: [String: ClockStrobing]
    /// Whether the clocks are ahead now.
    var isAway = true
    var problem: String?
    var jumping: Task<Void, Never>?
  }

  private let clock: NemesisClock
  private let search: PrimarySearch
  /// Injected and not healed yet.
  private var strobe: Strobe?

  init(clock: NemesisClock) {
    self.clock = clock
    search = PrimarySearch(clock: clock)
  }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let clocks = cluster.clocks else { return .skipped(reason: Capability.clocks.absence) }
    guard let seconds = action.number("offset"), let period = action.number("period") else {
      return .skipped(reason: "the action does not say how far and how often the clock jumps")
    }
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .nodes(let nodes):
      strobe = Strobe(
        offset: ClockLimits.nanoseconds(seconds), period: ClockLimits.nanoseconds(period), nodes: nodes,
        strobings: Dictionary(uniqueKeysWithValues: nodes.map { ($0, ClockStrobing(node: $0)) }))
      // The first jump is the injection: where it fails, the fault does.
      do {
        try await Task { try await jump(away: true, clocks) }.value
      } catch {
        strobe = nil
        throw error
      }
      strobe?.jumping = Task { await goOn(clocks) }
      return .injected(
        targets: "\(words(nodes, in: cluster)) by \(ClockLimits.words(strobe?.offset ?? 0)) every "
          + "\((period * 1000).rounded() / 1000) s")
    }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let clocks = cluster.clocks else { throw FaultError(Capability.clocks.absence) }
    await stop()
    guard let strobe else { return strobeEvidence([], problem: nil) }
    if strobe.isAway {
      try await Task { try await jump(away: false, clocks) }.value
    } else {
      _ = try await rightClocks(strobe.nodes, by: FaultPackage.clockStrobe.name, clocks)
    }
    let counted = cluster.nodes.compactMap { self.strobe?.strobings[$0.name] }
    self.strobe = nil
    return strobeEvidence(counted, problem: strobe.problem)
  }

  func restore(in cluster: any ClusterControl) async throws {
    guard let clocks = cluster.clocks else { return }
    await stop()
    _ = try await rightClocks(cluster.nodes.map(\.name), by: FaultPackage.clockStrobe.name, clocks)
    strobe = nil
  }

  /// Returns when no jump is under way and none will come.
  private func stop() async {
    strobe?.jumping?.cancel()
    await strobe?.jumping?.value
  }

  private func goOn(_ clocks: any ClockControl) async {
    var next = clock.now()
    while let strobe {
      do {
        // From jump to jump; jumps that were missed while the machine was busy are not made up for.
        next = max(next + strobe.period, clock.now())
        try await clock.sleep(next)
        try await Task { try await jump(away: !strobe.isAway, clocks) }.value
      } catch is CancellationError {
        return
      } catch {
        self.strobe?.problem = "\(error)"
        return
      }
    }
  }

  private func jump(away: Bool, _ clocks: any ClockControl) async throws {
    guard let strobe else { return }
    let skew = away ? ClockSkew(offsetNanoseconds: strobe.offset) : .none
    let steps = try await setClocks(strobe.nodes, skew, by: FaultPackage.clockStrobe.name, clocks)
    for (node, taken) in steps { self.strobe?.strobings[node]?.count(taken, away ? strobe.offset : -strobe.offset) }
    self.strobe?.isAway = away
  }
}
