import Clusters
import Histories

/// Nodes hit one after the other, each when the one before is back: how a cluster is upgraded, or how a bad day goes on.
///
/// Each has an equal share of the hold, and is broken for the first half of its share.
actor Rolling {
  static let target = FaultTarget(
    "rolling", "all nodes, one after the other: the next when the one before is back", nodesMin: 2)

  /// What came of it: the nodes that were hit, in their order, and why it could not go on.
  struct Record: Sendable, Hashable {
    var hit: [String] = []
    var problem: String?
  }

  private let clock: NemesisClock
  private var tour: Task<Record, Never>?
  /// Of the last tour, when it is ended.
  private var record: Record?

  init(clock: NemesisClock) { self.clock = clock }

  /// Goes on by itself until all were hit, it is ended, or the environment fails.
  ///
  /// - Parameter hit: breaks a node; false where there is nothing to break, as another fault did already.
  /// - Parameter release: mends it. A tour that is ended early leaves that to the fault's healing.
  func begin(
    _ action: FaultAction, hit: @escaping @Sendable (String) async throws -> Bool,
    release: @escaping @Sendable (String) async throws -> Void = { _ in }
  ) {
    record = nil
    let share = action.hold / Int64(max(1, action.order.count))
    tour = Task { [clock] in await Self.walk(action.order, share, clock, hit, release) }
  }

  /// Ends the tour after the step that is under way. What came of it; nil where there was none since `forget`.
  func end() async -> Record? {
    guard let tour else { return record }
    tour.cancel()
    record = await tour.value
    self.tour = nil
    return record
  }

  /// Drops the record of an ended tour.
  func forget() { record = nil }

  private static func walk(
    _ order: [String], _ share: Int64, _ clock: NemesisClock, _ hit: @escaping @Sendable (String) async throws -> Bool,
    _ release: @escaping @Sendable (String) async throws -> Void
  ) async -> Record {
    var record = Record()
    let start = clock.now()
    do {
      for (index, node) in order.enumerated() {
        let begin = start + Int64(index) * share
        try await clock.sleep(begin)
        // Tasks of their own: an ended tour must not leave a node half broken.
        guard try await Task(operation: { try await hit(node) }).value else { continue }
        record.hit.append(node)
        try await clock.sleep(begin + share / 2)
        try await Task { try await release(node) }.value
      }
    } catch is CancellationError {
      return record
    } catch {
      record.problem = "\(error)"
    }
    return record
  }
}

extension FaultEvidence {
  /// The same with what came of a tour: it took effect where two nodes or more were hit.
  func rolled(_ record: Rolling.Record?) -> FaultEvidence {
    guard let record else { return self }
    var result = self
    result.took = took && record.hit.count >= 2 && record.problem == nil
    result.summary += record.problem.map { "; it could not go on: \($0)" } ?? "; one after the other"
    if case .map(var entries) = detail {
      entries["order"] = .list(record.hit.map(Value.string))
      result.detail = .map(entries)
    }
    return result
  }
}
