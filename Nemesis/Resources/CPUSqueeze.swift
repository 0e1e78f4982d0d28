import Clusters
import Histories

extension FaultPackage {
  /// A node gets a small share of the processors: a noisy neighbour, a limit of its container, a machine that swaps. It is
  /// slow, not dead: what it promised in time it does too late.
  public static let cpuSqueeze = FaultPackage(
    name: "cpu-squeeze",
    summary: "lets the processes of the chosen nodes run for a share of the time only, in slices, until healed",
    targets: NodeChoice.all.map(\.target), defaultTargets: ["one", "minority", "primary"],
    parameters: [
      FaultParameter(
        "share", "of the time in which the processes may run", .percent, initial: .range(5, 50), limits: 1...99)
    ],
    requires: [.processors], nodesMin: 1, make: { CPUSqueezeFault(clock: .startingNow()) })
}

/// Squeezes nodes and proves by the state of their processes that they stood still for the rest of the time.
actor CPUSqueezeFault: Fault {
  private let search: PrimarySearch
  /// By node that the last injection squeezed and that is not healed yet: its share.
  private var squeezed: [String: Double] = [:]

  init(clock: NemesisClock) { search = PrimarySearch(clock: clock) }

  func inject(_ action: FaultAction, in cluster: any ClusterControl) async throws -> Injection {
    guard let processors = cluster.processors else { return .skipped(reason: Capability.processors.absence) }
    guard let percent = action.number("share") else {
      return .skipped(reason: "the action does not say which share of the time the processes get")
    }
    switch try await NodeChoice.nodes(of: action, search, in: cluster) {
    case .none(let reason): return .skipped(reason: reason)
    case .nodes(let nodes):
      try await Task { try await squeeze(nodes, share: percent / 100, processors) }.value
      return .injected(targets: "\(words(nodes, in: cluster)) to \((percent * 10).rounded() / 10) %")
    }
  }

  func heal(in cluster: any ClusterControl) async throws -> FaultEvidence {
    guard let processors = cluster.processors else { throw FaultError(Capability.processors.absence) }
    let nodes = cluster.nodes.map(\.name).filter { squeezed[$0] != nil }
    let reports = try await release(nodes, processors)
    let seen = nodes.map { SeenSqueeze(node: $0, share: squeezed[$0] ?? 1, report: reports[$0] ?? SqueezeReport()) }
    squeezed = [:]
    return squeezeEvidence(seen)
  }

  func restore(in cluster: any ClusterControl) async throws {
    guard let processors = cluster.processors else { return }
    _ = try await release(cluster.nodes.map(\.name), processors)
    squeezed = [:]
  }

  /// When one cannot be squeezed the others go on.
  private func squeeze(_ nodes: [String], share: Double, _ processors: any ProcessorControl) async throws {
    let results = await onEach(nodes) { try await processors.squeeze($0, share: share) }
    guard let failure = failure(results, "cannot be squeezed") else {
      for node in nodes { squeezed[node] = share }
      return
    }
    _ = try await release(nodes, processors)
    throw failure
  }

  private func release(
    _ nodes: [String], _ processors: any ProcessorControl
  ) async throws -> [String: SqueezeReport] {
    let results = await Task { await onEach(nodes) { try await processors.release($0) } }.value
    if let failure = failure(results, "cannot be released") { throw failure }
    var reports: [String: SqueezeReport] = [:]
    for case (let node, .success(let report)) in results { reports[node] = report }
    return reports
  }
}

/// How one node was squeezed.
struct SeenSqueeze: Sendable {
  /// Of the time in which a node should stand still, the least that it must have been seen to. Looking takes its time, and
  /// so does stopping.
  static let seenMin = 0.7

  var node: String
  /// Of the time in which it may run, from 0 to 1.
  var share: Double
  var report: SqueezeReport

  /// Whether the kernel said that all its processes stood still for most of the time in which they were to.
  var tookEffect: Bool {
    report.elapsedNanoseconds > 0
      && Double(report.stoppedNanoseconds) >= Self.seenMin * (1 - share) * Double(report.elapsedNanoseconds)
  }

  /// `n3: in state T for 78 % of 1.2 s, 0.11 s of processor time`.
  var summary: String {
    guard report.elapsedNanoseconds > 0 else { return "\(node): no process was squeezed" }
    let stopped = 100 * report.stoppedNanoseconds / report.elapsedNanoseconds
    return "\(node): in state T for \(stopped) % of \(seconds(report.elapsedNanoseconds)), "
      + "\(seconds(report.processorNanoseconds)) of processor time"
  }

  var detail: Value {
    [
      "node": .string(node), "share": .double(share), "elapsed": .int(report.elapsedNanoseconds),
      "stopped": .int(report.stoppedNanoseconds), "processor": .int(report.processorNanoseconds),
    ]
  }

  private func seconds(_ nanoseconds: Int64) -> String { "\((Double(nanoseconds) / 1e7).rounded() / 100) s" }
}

/// Proof of a squeeze: the share of the time in which the nodes' processes were in state T.
func squeezeEvidence(_ squeezes: [SeenSqueeze]) -> FaultEvidence {
  FaultEvidence(
    took: !squeezes.isEmpty && squeezes.allSatisfy(\.tookEffect),
    summary: squeezes.isEmpty ? "no node was to be squeezed" : squeezes.map(\.summary).joined(separator: "; "),
    detail: ["nodes": .list(squeezes.map(\.detail))])
}
