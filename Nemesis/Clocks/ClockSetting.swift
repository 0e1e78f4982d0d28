import Clusters

/// Limits, units and words that the clock faults have in common.
enum ClockLimits {
  /// A millisecond, below which a jump is noise, to thirty days, by when everything has expired.
  static let offsetSeconds = 0.001...2_592_000.0

  static func nanoseconds(_ seconds: Double) -> Int64 { Int64((seconds * 1e9).rounded()) }

  /// `+1.5 s`, `-0.02 s`: three digits are enough for people; the detail has all.
  static func words(_ nanoseconds: Int64) -> String {
    let milliseconds = (Double(nanoseconds) / 1e6).rounded()
    return "\(nanoseconds < 0 ? "" : "+")\(milliseconds / 1000) s"
  }

  /// Whether a clock moved as far as it was to. A tenth is left for what it gained meanwhile by a drift of its own.
  static func matches(_ change: Int64, _ wanted: Int64) -> Bool {
    wanted != 0 && (change - wanted).magnitude <= wanted.magnitude / 10
  }
}

/// Sets the clocks of all of the nodes at once; when one cannot be set the others are right again.
func setClocks(
  _ nodes: [String], _ skew: ClockSkew, by owner: String, _ clocks: any ClockControl
) async throws -> [String: [ClockStep]] {
  let results = await onEach(nodes) { try await clocks.set($0, skew, by: owner) }
  guard let failure = failure(results, "cannot have its clock set") else { return stepsByNode(results) }
  _ = try await rightClocks(nodes, by: owner, clocks)
  throw failure
}

/// Takes back what the owner did to the nodes' clocks, to the end even in a cancelled task. Idempotent.
func rightClocks(
  _ nodes: [String], by owner: String, _ clocks: any ClockControl
) async throws -> [String: [ClockStep]] {
  let results = await Task { await onEach(nodes) { try await clocks.set($0, .none, by: owner) } }.value
  if let failure = failure(results, "cannot have its clock set right") { throw failure }
  return stepsByNode(results)
}

private func stepsByNode(_ results: [(String, Result<[ClockStep], any Error>)]) -> [String: [ClockStep]] {
  var steps: [String: [ClockStep]] = [:]
  for case (let node, .success(let taken)) in results { steps[node] = taken }
  return steps
}
