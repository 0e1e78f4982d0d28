import PaxosLog
import SimulationKit

/// What an acceptor said must stay true, over its crashes too (§2.2, P1a; §2.5): it accepts nothing below a promise that
/// it answered, and forgets neither that promise nor a proposal that it said it accepted.
struct AcceptorMemory {
  /// By node: the highest ballot for which a promise left.
  private var promised: [Ballot]
  /// By node and slot: the highest ballot of which an acceptance left.
  private var accepted: [[Slot: Ballot]]

  init(nodes: Int) {
    promised = Array(repeating: .zero, count: nodes)
    accepted = Array(repeating: [:], count: nodes)
  }

  /// A message leaves.
  mutating func sent(_ message: Message, by node: Int) throws {
    switch message {
    case .promise(let promise): promised[node] = max(promised[node], promise.ballot)
    case .accepted(let answer):
      guard answer.ballot >= promised[node] else {
        throw Violation(
          "P1a", "node \(node + 1) accepted ballot \(answer.ballot) after it promised \(promised[node])")
      }
      for slot in answer.firstSlot..<answer.firstSlot + answer.count {
        accepted[node][slot] = max(accepted[node][slot] ?? .zero, answer.ballot)
      }
    default: break
    }
  }

  /// A restarted node must remember all that, or have a snapshot that covers it.
  mutating func restarted(_ node: Int, _ recovered: RecoveredState) throws {
    guard recovered.state.promised >= promised[node] else {
      throw Violation(
        "Stable Storage", "node \(node + 1) promised \(promised[node]) and remembers \(recovered.state.promised)")
    }
    let covered = max(recovered.snapshot?.through ?? 0, recovered.log.base)
    for (slot, ballot) in accepted[node].sorted(by: { $0.key < $1.key }) {
      if slot <= covered {
        accepted[node][slot] = nil
      } else if recovered.log[slot].map({ $0.ballot < ballot }) ?? true {
        throw Violation("Stable Storage", "node \(node + 1) accepted ballot \(ballot) in slot \(slot) and forgot it")
      }
    }
  }
}
