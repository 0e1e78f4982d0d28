import PaxosLog
import SimulationKit

/// All nodes apply the same values in the same order, only chosen ones, each command once, whether slot by slot or by way
/// of a snapshot.
struct AppliedPrefix {
  private(set) var reference: Reference
  /// By node: the last slot that was checked; nil while it is down.
  private var checked: [Slot?]

  init(nodes: Int, _ limits: SessionLimits) {
    reference = Reference(limits)
    checked = Array(repeating: nil, count: nodes)
  }

  mutating func crashed(_ node: Int) { checked[node] = nil }

  /// After a step: what the node applied since the last one. Each node applies in order, so the reference grows here.
  mutating func stepped(_ node: Int, _ core: MultiPaxos, _ chosen: ChosenOnce?) throws {
    let last = core.chosenThrough
    guard checked[node] != last else { return }
    // What a restarted node applied before its first step may be older than anything in its log.
    if let before = checked[node], before < last {
      for slot in before + 1...last { try applied(slot, by: node, core, chosen) }
    }
    checked[node] = last
    guard last > 0 else { return }
    guard last <= reference.lastSlot else {
      throw Violation("Agreement", "node \(node + 1) skipped to slot \(last), of which nobody applied the value")
    }
    guard core.machine.entryCount == reference.entryCounts[Int(last) - 1] else {
      throw Violation(
        "Applied Once",
        "node \(node + 1) has \(core.machine.entryCount) entries after slot \(last), not "
          + "\(reference.entryCounts[Int(last) - 1])")
    }
    guard core.stateHash == reference.hashes[Int(last) - 1] else {
      throw Violation("Agreement", "node \(node + 1) has another state after slot \(last)")
    }
  }

  private mutating func applied(_ slot: Slot, by node: Int, _ core: MultiPaxos, _ chosen: ChosenOnce?) throws {
    // A slot that a snapshot brought is not in the log; the digest of the state speaks for it.
    guard let value = core.log[slot]?.value else { return }
    if let chosen {
      guard let proposal = chosen.chosen(in: slot) else {
        throw Violation("Only Chosen", "node \(node + 1) applied slot \(slot) before a majority had it on disk")
      }
      guard proposal.value == value else {
        throw Violation("Only Chosen", "node \(node + 1) applied a value in slot \(slot) that was not chosen")
      }
    }
    if slot <= reference.lastSlot, reference.slots[Int(slot) - 1] != value {
      throw Violation("Agreement", "node \(node + 1) applied another value in slot \(slot)")
    }
    if slot == reference.lastSlot + 1 { reference.apply(value) }
  }
}
