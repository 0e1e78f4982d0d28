import Clusters
import Generators

/// One node that is killed and started, over and over.
struct CrashLoop: Sendable {
  /// More turns than any hold has room for.
  static let turnsMax = 1_000_000

  let node: String
  let processes: any ProcessControl
  let clock: NemesisClock
  /// On average. Each turn's own is between half and one and a half of it.
  let uptimeSeconds: Double
  /// The node's own: what one node's turns take from it does not depend on the others.
  let stream: RandomStream

  /// Goes on until the task is cancelled or the environment fails; a turn that has begun is ended in any case.
  func run() async -> CrashRecord {
    var stream = stream
    var record = CrashRecord(node: node)
    // The first death comes at any moment of the first uptime: nodes are out of step from the start.
    var uptime = stream.unit() * uptimeSeconds
    for _ in 0..<Self.turnsMax {
      do { try await clock.sleep(clock.now() + Int64(uptime * 1e9)) } catch { return record }
      // A task of its own: a cancelled loop must not leave the node killed.
      record.add(await Task { await turn() }.value)
      if record.problem != nil { return record }
      uptime = uptimeSeconds * (0.5 + stream.unit())
    }
    return record
  }

  /// What happened in one turn.
  struct Turn {
    /// That the kernel reported.
    var ends: [ProcessEnd] = []
    /// Whether the node had ended by itself before.
    var hadEnded = false
    /// Why the node could not be killed, or not be started.
    var problem: String?
  }

  private func turn() async -> Turn {
    var turn = Turn()
    do {
      let before = try processes.state(node)
      turn.hadEnded = before.hasEnded && !before.isKilled
      turn.ends = try await processes.kill(node)
      // A node that another fault killed is left to that fault.
      let isAnothers = try turn.ends.isEmpty && processes.state(node).isKilled
      if !isAnothers { try await startIfDown(node, processes) }
    } catch {
      turn.problem = "\(error)"
    }
    return turn
  }
}
