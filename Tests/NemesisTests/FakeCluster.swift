import Clusters
import Nemesis
import Synchronization

/// A failure that a test asked for.
struct Planned: Error, Hashable {}

/// A cluster in memory that records what is asked of it, and can fail or do nothing at all.
struct FakeCluster: ClusterControl {
  let nodes: [Node]
  let fakeNetwork = FakeNetwork()
  let fakeProcesses: FakeProcesses
  let fakePrimaries = FakePrimaries()
  let fakeMembership: FakeMembership
  let fakeClocks = FakeClocks()
  let fakeProcessors = FakeProcessors()
  let fakeVersions: FakeVersions
  let fakeBoots: FakeBoots
  let fakePackets = FakePackets()
  let fakeDisks: FakeDisks
  var capable = Set(Capability.allCases)

  init(_ count: Int, without missing: Capability...) {
    nodes = (1...count).map { number in
      Node(
        name: "n\(number)", number: number, address: "198.18.0.\(number)", ports: [:], dataDirectory: "/data",
        logFile: "/log")
    }
    fakeProcesses = FakeProcesses(nodes.map(\.name))
    fakeVersions = FakeVersions(fakeProcesses)
    fakeBoots = FakeBoots(fakeProcesses)
    fakeMembership = FakeMembership(nodes.map(\.name))
    fakeDisks = FakeDisks(nodes.map(\.name))
    capable.subtract(missing)
  }

  var names: [String] { nodes.map(\.name) }
  var network: (any NetworkControl)? { capable.contains(.network) ? fakeNetwork : nil }
  var processes: (any ProcessControl)? { capable.contains(.processes) ? fakeProcesses : nil }
  var primaries: (any PrimaryControl)? { capable.contains(.primaries) ? fakePrimaries : nil }
  var membership: (any MembershipControl)? { capable.contains(.membership) ? fakeMembership : nil }
  var clocks: (any ClockControl)? { capable.contains(.clocks) ? fakeClocks : nil }
  var processors: (any ProcessorControl)? { capable.contains(.processors) ? fakeProcessors : nil }
  var versions: (any VersionControl)? { capable.contains(.versions) ? fakeVersions : nil }
  var boots: (any BootControl)? { capable.contains(.boots) ? fakeBoots : nil }
  var packets: (any PacketControl)? { capable.contains(.packets) ? fakePackets : nil }
  var disks: (any DiskControl)? { capable.contains(.disks) ? fakeDisks : nil }
}

/// Counters as the kernel keeps them: from the cut, while the link stays cut.
final class FakeNetwork: NetworkControl {
  struct State {
    var counters: [Link: Drops] = [:]
    /// Every set of links that was asked for.
    var calls: [Set<Link>] = []
    /// Answers as if all were well, and cuts nothing.
    var ignores = false
    /// So many of the next calls of `cut` throw.
    var failures = 0
    /// Calls of `cut` that throw, counted from 0.
    var callsThatFail: Set<Int> = []
    /// Calls of `cut` at work now, and the most that there ever were.
    var cutting = 0
    var cuttingMax = 0
    /// Packets that each link loses as soon as it is cut.
    var packetsAtOnce = 0
  }

  let state = Mutex(State())

  var cutNow: Set<Link> { state.withLock { Set($0.counters.keys) } }
  var cuttingMax: Int { state.withLock { $0.cuttingMax } }
  var calls: [Set<Link>] { state.withLock { $0.calls } }

  func configure(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  /// Packets of 60 bytes arrive on every link; those on cut links are dropped.
  func traffic(_ packets: Int) {
    state.withLock { state in
      for link in state.counters.keys { state.counters[link]?.add(packets) }
    }
  }

  func traffic(_ packets: Int, on link: Link) { state.withLock { $0.counters[link]?.add(packets) } }

  func cut(_ links: Set<Link>) async throws -> [Link: Drops] {
    try Task.checkCancellation()
    state.withLock { state in
      state.cutting += 1
      state.cuttingMax = max(state.cuttingMax, state.cutting)
    }
    defer { state.withLock { $0.cutting -= 1 } }
    // As long as a real cut takes others may come in between.
    for _ in 0..<10 { await Task.yield() }
    return try state.withLock { state in
      state.calls.append(links)
      if state.callsThatFail.contains(state.calls.count - 1) { throw Planned() }
      if state.failures > 0 {
        state.failures -= 1
        throw Planned()
      }
      if state.ignores { return [:] }
      let healed = state.counters.filter { !links.contains($0.key) }
      var kept = state.counters.filter { links.contains($0.key) }
      for link in links where kept[link] == nil {
        kept[link] = Drops(packets: state.packetsAtOnce, bytes: 60 * state.packetsAtOnce)
      }
      state.counters = kept
      return healed
    }
  }

  func drops() async throws -> [Link: Drops] { state.withLock { $0.counters } }
}

extension ProcessState {
  fileprivate var pid: Int32? {
    switch self {
    case .running(let pid), .paused(let pid): pid
    default: nil
    }
  }
}

extension Drops {
  fileprivate mutating func add(_ count: Int) {
    packets += count
    bytes += 60 * count
  }
}

/// Processes that have only a state; pids count up from 101.
final class FakeProcesses: ProcessControl {
  struct State {
    var states: [String: ProcessState] = [:]
    var pidNext: Int32 = 101
    /// `kill n1`, `start n1`, …
    var calls: [String] = []
    /// `kill` reports nothing and kills nothing.
    var ignoresKills = false
    var killFails: Set<String> = []
    var startFails: Set<String> = []
    var stopFails: Set<String> = []
    /// `stop` answers as if all were well, and stops nothing.
    var ignoresStops = false
    /// Deaf to SIGTERM.
    var stubborn: Set<String> = []
    /// `pause` answers as if all were well, and stops nothing.
    var ignoresPauses = false
    var pauseFails: Set<String> = []
    var resumeFails: Set<String> = []

    mutating func start(_ node: String) {
      states[node] = .running(pid: pidNext)
      pidNext += 1
    }
  }

  let state = Mutex(State())

  init(_ nodes: [String]) {
    state.withLock { state in for node in nodes { state.start(node) } }
  }

  var calls: [String] { state.withLock { $0.calls } }
  func configure(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }
  func state(_ node: String) throws -> ProcessState { state.withLock { $0.states[node] ?? .notStarted } }

  func start(_ node: String) async throws {
    try Task.checkCancellation()
    try state.withLock { state in
      state.calls.append("start \(node)")
      if state.startFails.contains(node) { throw Planned() }
      state.start(node)
    }
  }

  func kill(_ node: String) async throws -> [ProcessEnd] {
    try Task.checkCancellation()
    return try state.withLock { state in
      state.calls.append("kill \(node)")
      if state.killFails.contains(node) { throw Planned() }
      guard !state.ignoresKills else { return [] }
      switch state.states[node] {
      case .running(let pid), .paused(let pid):
        state.states[node] = .signaled(signal: 9)
        return [ProcessEnd(pid: pid, signal: 9, code: nil)]
      default: return []
      }
    }
  }

  func stop(_ node: String, graceSeconds: Double) async throws -> [ProcessEnd] {
    try Task.checkCancellation()
    return try state.withLock { state in
      state.calls.append("stop \(node) \(graceSeconds)")
      if state.stopFails.contains(node) { throw Planned() }
      guard let pid = state.states[node]?.pid, !state.ignoresStops else { return [] }
      let isKilled = state.stubborn.contains(node)
      state.states[node] = isKilled ? .signaled(signal: 9) : .exited(code: 0)
      return [ProcessEnd(pid: pid, signal: isKilled ? 9 : nil, code: isKilled ? nil : 0)]
    }
  }

  func pause(_ node: String) async throws {
    try Task.checkCancellation()
    try state.withLock { state in
      state.calls.append("pause \(node)")
      if state.pauseFails.contains(node) { throw Planned() }
      guard !state.ignoresPauses, case .running(let pid) = state.states[node] else { return }
      state.states[node] = .paused(pid: pid)
    }
  }

  func resume(_ node: String) async throws {
    try Task.checkCancellation()
    try state.withLock { state in
      state.calls.append("resume \(node)")
      if state.resumeFails.contains(node) { throw Planned() }
      if case .paused(let pid) = state.states[node] { state.states[node] = .running(pid: pid) }
    }
  }
}

/// Answers from a list, one a question; the last one for ever.
final class FakePrimaries: PrimaryControl {
  private let answers = Mutex<[[String]]>([[]])
  private let asked = Mutex(0)

  var questions: Int { asked.withLock { $0 } }
  func answer(_ list: [[String]]) { answers.withLock { $0 = list } }

  func primaries() async -> [String] {
    asked.withLock { $0 += 1 }
    return answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
  }
}
