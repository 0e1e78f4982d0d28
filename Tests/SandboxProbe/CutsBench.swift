import CLinux
import Clusters
import Glibc

/// Measures how soon after the call a partition of five nodes is in force, and how soon it is healed, while programs that
/// compute all the time want the processors.
///
/// Every node sends every other a datagram each millisecond, with the time in it. A cut is in force when the last datagram
/// that arrived on any cut link was sent; it is healed when the first one that arrived was sent on the last of them.
struct CutsBench {
  private static let count = 5
  /// Quiet after every change, in microseconds: datagrams under way arrive, and pauses between two are seen.
  private static let settleMicroseconds: UInt32 = 40_000

  private let sandbox: Sandbox
  private let links: Set<Link>
  /// Receives the nodes' reports.
  private let reports = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)

  /// `sandbox-probe cuts [ROUNDS] [LOAD]`
  static func run(_ arguments: [String]) async throws {
    let rounds = arguments.first.flatMap { Int($0) } ?? 200
    let load = arguments.dropFirst().first.flatMap { Int($0) } ?? 2
    print("\(rounds) partitions of 5 nodes, 2 against 3, while \(load) programs compute; milliseconds after the call")
    print("rules   what     p50   p90   p99   max")
    for placement in [CutPlacement.bridge, .perNode] {
      let bench = try await CutsBench(placement, load: load)
      try await bench.measure(rounds, placement == .bridge ? "bridge " : "perNode")
      try await bench.sandbox.tearDown()
    }
  }

  private init(_ placement: CutPlacement, load: Int) async throws {
    guard let directory = mkdtemp(strdup("/tmp/cuts-bench-XXXXXX")).map({ String(cString: $0) }) else { exit(1) }
    let nodes = SandboxLayout.addresses(count: Self.count).enumerated().map { place, address in
      Node(
        name: "n\(place + 1)", number: place + 1, address: address, ports: [:],
        dataDirectory: "\(directory)/n\(place + 1)",
        logFile: "\(directory)/n\(place + 1).log")
    }
    let names = nodes.map(\.address)
    sandbox = Sandbox(
      nodes: nodes.enumerated().map { place, node in
        let burners = Array(
          repeating: Self.process(["burn"]), count: load / Self.count + (place < load % Self.count ? 1 : 0))
        return NodeSpec(node: node, processes: [Self.process(["tick"] + names)] + burners)
      })
    let (left, right) = (["n1", "n2"], ["n3", "n4", "n5"])
    let pairs = left.flatMap { here in right.map { Link(from: here, to: $0) } }
    links = Set(pairs + pairs.map { Link(from: $0.to, to: $0.from) })
    try await sandbox.setUp(cuts: placement)
    if let problem = sandbox.networkUnavailable { throw problem }
    for node in nodes { try await sandbox.processes?.start(node.name) }
    usleep(300_000)
  }

  private static func process(_ arguments: [String]) -> ProcessSpec {
    ProcessSpec(executable: "/proc/self/exe", arguments: arguments, environment: [:], workingDirectory: "/")
  }

  private func measure(_ rounds: Int, _ name: String) async throws {
    guard let network = sandbox.network else { return }
    var times: [String: [Double]] = [:]
    for _ in 0..<rounds {
      for (what, wanted) in [("cut", links), ("heal", [])] {
        try ask("forget")
        let start = monotonicNanoseconds()
        _ = try await network.cut(wanted)
        times[what + " returned", default: []].append(Self.milliseconds(start, monotonicNanoseconds()))
        usleep(Self.settleMicroseconds)
        let seen = try ask("report")
        // What arrived when the links were cut was sent before; what did not arrive after the heal counts as all the time.
        let moments = links.map { link in
          what == "cut" ? seen[link]?.last ?? start : seen[link]?.first ?? monotonicNanoseconds()
        }
        times[what, default: []].append(Self.milliseconds(start, max(start, moments.max() ?? start)))
      }
    }
    for what in ["cut", "cut returned", "heal", "heal returned"] {
      let sorted = (times[what] ?? []).sorted()
      let shares = [0.5, 0.9, 0.99, 1].map { share in
        let index = min(sorted.count - 1, Int(Double(sorted.count) * share))
        return "\(Double(Int(sorted[index] * 10)) / 10)"
      }
      print("\(name) \(what): \(shares.joined(separator: " "))")
    }
  }

  private static func milliseconds(_ from: UInt64, _ to: UInt64) -> Double { Double(to - from) / 1e6 }

  /// Asks every node; its answer has a word for each node that it heard: `n3=FIRST:LAST`, times of sending.
  @discardableResult
  private func ask(_ question: String) throws -> [Link: (first: UInt64, last: UInt64)] {
    var seen: [Link: (first: UInt64, last: UInt64)] = [:]
    for node in sandbox.nodes {
      let answer = exchange(reports, node.address, NodePorts.ticks, question)
      for word in answer.split(separator: " ") {
        let parts = word.split(whereSeparator: { "=:".contains($0) }).map(String.init)
        guard parts.count == 3, let first = UInt64(parts[1]), let last = UInt64(parts[2]) else { continue }
        guard let from = sandbox.nodes.first(where: { $0.address == parts[0] })?.name else { continue }
        seen[Link(from: from, to: node.name)] = (first, last)
      }
    }
    return seen
  }
}
