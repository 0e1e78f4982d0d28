import Clusters
import Synchronization

@testable import Nemesis

/// Monotonic clocks of the fake nodes: 1,000 s, until a boot.
final class FakeBoots: BootControl {
  struct State {
    var uptime: [String: Int64] = [:]
    /// Nodes whose clock goes on as if nothing had been said.
    var deaf: Set<String> = []
    var calls: [String] = []
  }

  static let before: Int64 = 1_000_000_000_000
  let state = Mutex(State())
  private let processes: FakeProcesses

  init(_ processes: FakeProcesses) { self.processes = processes }

  func configure(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  func boot(_ node: String, uptimeNanoseconds: Int64) {
    state.withLock { state in
      state.calls.append("\(node) \(uptimeNanoseconds)")
      if !state.deaf.contains(node) { state.uptime[node] = uptimeNanoseconds }
    }
  }

  func uptime(_ node: String) throws -> Int64? {
    guard try processes.state(node).pid != nil else { return nil }
    return state.withLock { $0.uptime[node] ?? Self.before }
  }
}
