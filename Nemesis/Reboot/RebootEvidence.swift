import Clusters
import Histories

/// How one node died, and what its clock shows since it came back.
struct Reboot: Sendable {
  var death: Death
  /// In nanoseconds; nil where nothing ran.
  var uptimeBefore: Int64?
  var uptimeAfter: Int64?

  /// Whether the kernel says that its processes were killed, and that those of now have another monotonic clock.
  var tookEffect: Bool {
    guard death.tookEffect, let uptimeBefore, let uptimeAfter else { return false }
    // Clocks that nobody touched go forward between the two readings.
    return uptimeAfter < uptimeBefore
  }

  /// `n3: pid 17 ended by signal 9, back as pid 25; its uptime was 5,012.3 s and is 12.0 s`.
  var summary: String {
    let words = { (uptime: Int64?) -> String in
      uptime.map { "\((Double($0) / 1e8).rounded() / 10) s" } ?? "not to be had, as nothing ran"
    }
    return "\(death.summary); its uptime was \(words(uptimeBefore)) and is \(words(uptimeAfter))"
  }

  var detail: Value {
    guard case .map(var detail) = death.detail else { return death.detail }
    detail["uptimeBefore"] = uptimeBefore.map { .int($0) } ?? .null
    detail["uptimeAfter"] = uptimeAfter.map { .int($0) } ?? .null
    return .map(detail)
  }
}

/// Proof of a reboot: it took effect where every targeted node was killed and came back with a clock that had gone back.
func rebootEvidence(_ reboots: [Reboot]) -> FaultEvidence {
  FaultEvidence(
    took: !reboots.isEmpty && reboots.allSatisfy(\.tookEffect),
    summary: reboots.isEmpty ? "no node was to be restarted" : reboots.map(\.summary).joined(separator: "; "),
    detail: ["nodes": .list(reboots.map(\.detail))])
}
