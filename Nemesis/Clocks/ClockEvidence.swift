import Clusters
import Histories

/// How one node's clock jumped and came back.
struct ClockJump: Sendable {
  var node: String
  /// Asked for, in nanoseconds.
  var offset: Int64
  /// What its processes' clock code gave before and after the jump; empty while the node was down.
  var away: [ClockStep]
  /// And when it was healed: of other processes where the node was restarted meanwhile.
  var back: [ClockStep] = []

  /// Whether every process that ran at either moment had its clock moved as far as asked.
  var tookEffect: Bool {
    !(away + back).isEmpty && away.allSatisfy { ClockLimits.matches($0.change, offset) }
      && back.allSatisfy { ClockLimits.matches($0.change, -offset) }
  }

  /// `n3: pid 17 +1.5 s, back -1.5 s`.
  var summary: String {
    if (away + back).isEmpty { return "\(node): no process had its clock moved" }
    return "\(node): \(words(away)), back \(words(back))"
  }

  private func words(_ steps: [ClockStep]) -> String {
    guard let first = steps.first else { return "no process" }
    let others = steps.count == 1 ? "" : " and \(steps.count - 1) more"
    return "pid \(first.pid) \(ClockLimits.words(first.change))\(others)"
  }

  var detail: Value {
    [
      "node": .string(node), "offset": .int(offset), "away": .list(away.map(\.detail)),
      "back": .list(back.map(\.detail)),
    ]
  }
}

extension ClockStep {
  /// Nanoseconds ahead of the host's clock.
  var detail: Value { ["pid": .int(Int64(pid)), "before": .int(before), "after": .int(after)] }
}

/// Proof of a jump: the clock code in the memory of the nodes' processes gave times that far from the host's.
func jumpEvidence(_ jumps: [ClockJump]) -> FaultEvidence {
  FaultEvidence(
    took: !jumps.isEmpty && jumps.allSatisfy(\.tookEffect),
    summary: jumps.isEmpty ? "no clock was to be set" : jumps.map(\.summary).joined(separator: "; "),
    detail: ["nodes": .list(jumps.map(\.detail))])
}

/// How one node's clock gained or lost time.
struct ClockGain: Sendable {
  var node: String
  /// What it should have gained, in nanoseconds: somewhere from the least to the most.
  var wanted: ClosedRange<Int64>
  /// When it was healed: what every process's clock gave before and after.
  var back: [ClockStep]

  /// Whether every process's clock had gained what the rate makes of the time that passed, a tenth more or less.
  var tookEffect: Bool {
    let slack = Int64(max(wanted.lowerBound.magnitude, wanted.upperBound.magnitude) / 10)
    let limits = (wanted.lowerBound - slack)...(wanted.upperBound + slack)
    return !back.isEmpty && back.allSatisfy { $0.change != 0 && limits.contains(-$0.change) }
  }

  var summary: String {
    guard let first = back.first else { return "\(node): no process had its clock moved" }
    let others = back.count == 1 ? "" : " and \(back.count - 1) more"
    return "\(node): pid \(first.pid) gained \(ClockLimits.words(-first.change))\(others)"
  }

  var detail: Value {
    [
      "node": .string(node), "least": .int(wanted.lowerBound), "most": .int(wanted.upperBound),
      "back": .list(back.map(\.detail)),
    ]
  }
}

/// Proof of a drift: what the processes' clocks had gained on the host's when they were set right.
func gainEvidence(_ gains: [ClockGain]) -> FaultEvidence {
  FaultEvidence(
    took: !gains.isEmpty && gains.allSatisfy(\.tookEffect),
    summary: gains.isEmpty ? "no clock was to drift" : gains.map(\.summary).joined(separator: "; "),
    detail: ["nodes": .list(gains.map(\.detail))])
}

/// How often one node's clock jumped to and fro.
struct ClockStrobing: Sendable {
  var node: String
  /// Jumps that a process's clock was seen to make, and those where it moved by another distance.
  var seen = 0
  var missed = 0

  /// Whether it went and came back at least once, and never moved otherwise than asked.
  var tookEffect: Bool { seen >= 2 && missed == 0 }

  var summary: String { "\(node): \(seen) jumps measured" + (missed == 0 ? "" : ", \(missed) not as asked") }

  var detail: Value { ["node": .string(node), "seen": .int(Int64(seen)), "missed": .int(Int64(missed))] }

  /// Counts a jump by `change`; one while the node was down counts for nothing.
  mutating func count(_ steps: [ClockStep], _ change: Int64) {
    if steps.isEmpty { return }
    if steps.allSatisfy({ ClockLimits.matches($0.change, change) }) { seen += 1 } else { missed += 1 }
  }
}

/// Proof of a strobe: the jumps that were measured, one by one.
func strobeEvidence(_ strobings: [ClockStrobing], problem: String?) -> FaultEvidence {
  let counts = strobings.isEmpty ? "no clock was to be strobed" : strobings.map(\.summary).joined(separator: "; ")
  return FaultEvidence(
    took: problem == nil && !strobings.isEmpty && strobings.allSatisfy(\.tookEffect),
    summary: counts + (problem.map { "; ended early: \($0)" } ?? ""),
    detail: ["nodes": .list(strobings.map(\.detail)), "problem": problem.map(Value.string) ?? .null])
}
