import Clusters
import Histories

/// Proof of a packet fault: the kernel counted packets of the system that the rule hit, and a witness that does not know
/// of the rule noticed it.
func packetEvidence(_ effects: PacketEffects?, of rule: PacketRule, _ recipe: PacketRecipe) -> FaultEvidence {
  guard let effects else {
    return FaultEvidence(took: false, summary: "the rule was no longer in force", detail: .null)
  }
  let witness = recipe.witness(effects, rule.change)
  let hitting = effects.links.values.count { $0.hit > 0 }
  let counted = "\(effects.affected.packets) \(recipe.counted) on \(hitting) of \(effects.links.count) links"
  let passed = effects.passed == 0 ? "" : "; \(effects.passed) passed for want of room"
  return FaultEvidence(
    took: effects.affected.packets > 0 && witness != nil,
    summary: "\(counted); \(witness ?? "nothing else noticed it")\(passed)",
    detail: [
      "packets": .int(Int64(effects.affected.packets)), "bytes": .int(Int64(effects.affected.bytes)),
      "passed": .int(Int64(effects.passed)), "probe": effects.probe.value,
      "links": .list(
        effects.links.sorted { $0.key < $1.key }.map { link, tally in
          [
            "from": .string(link.from), "to": .string(link.to), "seen": .int(Int64(tally.seen)),
            "hit": .int(Int64(tally.hit)),
          ]
        }),
      "nodes": .list(effects.stacks.sorted { $0.key < $1.key }.map { $1.value(of: $0) }),
    ])
}

extension ProbeReport {
  /// `36 of 40 probes arrived`.
  var arrivals: String { "\(received) of \(sent) probes arrived" }

  /// `probes took 51.3 ms`; nil where none arrived.
  var travelTime: String? { medianNanoseconds.map { "probes took \(milliseconds($0)) ms" } }

  fileprivate var value: Value {
    [
      "links": .int(Int64(links)), "sent": .int(Int64(sent)), "received": .int(Int64(received)),
      "duplicated": .int(Int64(duplicated)), "late": .int(Int64(late)),
      "nanoseconds": medianNanoseconds.map { .int($0) } ?? .null,
    ]
  }

  private func milliseconds(_ nanoseconds: Int64) -> String {
    let tenths = (nanoseconds + 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10)"
  }
}

extension PacketEffects {
  /// A counter's growth on all nodes together.
  func total(_ counter: KeyPath<StackCounters, Int>) -> Int { stacks.values.reduce(0) { $0 + $1[keyPath: counter] } }
}

extension StackCounters {
  fileprivate func value(of node: String) -> Value {
    [
      "node": .string(node), "checksum-errors": .int(Int64(checksumErrors)), "resets": .int(Int64(resets)),
      "retransmitted": .int(Int64(retransmitted)), "out-of-order": .int(Int64(outOfOrder)),
    ]
  }
}
