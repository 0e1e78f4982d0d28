import Clusters

/// The search for a primary to break.
///
/// A cluster between two leaders has none for a moment, often just after the last fault: asking a few times tells that
/// from a cluster that has lost its leader for good.
struct PrimarySearch: Sendable {
  var clock: NemesisClock
  /// How long to go on asking.
  var timeNanosecondsMax: Int64 = 1_000_000_000
  /// From one question to the next.
  var pauseNanoseconds: Int64 = 50_000_000

  /// Puts the first node of `order` that says it is primary in front; nil when none said so in time.
  ///
  /// Several may say so (an old leader that does not know yet that it is one no more): the random order decides.
  /// Throws `CancellationError` when the task is cancelled while it waits.
  func primaryFirst(_ order: [String], in cluster: any ClusterControl) async throws -> [String]? {
    guard let primaries = cluster.primaries else { return nil }
    let end = clock.now() + timeNanosecondsMax
    while true {
      let claimants = Set(await primaries.primaries())
      if let primary = order.first(where: claimants.contains) { return [primary] + order.filter { $0 != primary } }
      let next = clock.now() + pauseNanoseconds
      guard next <= end else { return nil }
      try await clock.sleep(next)
    }
  }

  /// What the report says when there was none.
  var failure: String { "no node said within \(timeNanosecondsMax / 1_000_000) ms that it is primary" }
}

/// Nodes in the cluster's order, for words that people compare: `n1 n2 n10`.
func words(_ names: some Collection<String>, in cluster: any ClusterControl) -> String {
  let chosen = Set(names)
  return cluster.nodes.map(\.name).filter(chosen.contains).joined(separator: " ")
}
