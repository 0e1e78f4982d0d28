import Histories

/// Decides every isolation level of a small list-append history, each by its definition, by trying everything.
///
/// No level is derived from another. Reads that no list of versions explains at all refute every level, as Elle's map
/// of anomalies has it: two lists of one key of which neither continues the other, a list with an element twice, and an
/// element that nobody appended.
struct IsolationTwin {
  private let history: TwinHistory
  private let longest: [[Int]]
  private let hasVersions: Bool

  init(_ history: History) throws {
    let twin = try TwinHistory(history)
    self.history = twin
    let reads = (0..<twin.keys).map { key in
      twin.transactions.flatMap { transaction in
        transaction.steps.compactMap { step -> [Int]? in
          if case .read(key, let list?) = step { return list }
          return nil
        }
      }
    }
    let longest = reads.map { lists in lists.reduce([]) { $0.count < $1.count ? $1 : $0 } }
    self.longest = longest
    hasVersions = (0..<twin.keys).allSatisfy { key in
      reads[key].allSatisfy { longest[key].starts(with: $0) } && Set(longest[key]).count == longest[key].count
        && longest[key].allSatisfy { element in
          twin.transactions.contains { $0.appends(to: key).contains(element) }
        }
    }
  }

  /// Keys to which several transactions, as may be, appended what no read shows.
  var hasSeveralUnseen: Bool {
    (0..<history.keys).contains { key in
      history.transactions.count { transaction in
        transaction.outcome != .failed && transaction.appends(to: key).contains { !longest[key].contains($0) }
      } > 1
    }
  }

  /// By key: its longest list; nil where reads are such that there are no versions.
  var versions: [[Int]]? { hasVersions ? longest : nil }

  /// The levels that hold, by name.
  func levels() -> Set<String> {
    guard hasVersions else { return [] }
    let sets = history.committedSets
    var levels = sets.reduce(into: Set<String>()) { $0.formUnion(dependencyLevels($1)) }
    let keys = history.keys
    for (name, axioms) in Self.abstractExecutions
    where sets.contains(where: { AbstractExecutionTwin.holds($0, keys: keys, axioms) }) {
      levels.insert(name)
    }
    for (prefix, suffix, order) in Self.orders {
      if sets.contains(where: { SerialTwin.holds($0, keys: keys, order) }) { levels.insert(prefix) }
      if sets.contains(where: { SnapshotTwin.holds($0, keys: keys, order) }) { levels.insert(suffix) }
    }
    if levels.contains("read-uncommitted") {
      levels.formUnion(SessionTwin(history.transactions, longest: longest).levels())
    }
    return levels
  }

  private static let abstractExecutions: [(String, AbstractExecutionTwin.Axioms)] = [
    ("read-atomic", .readAtomic), ("causal", .causal), ("parallel-snapshot-isolation", .parallelSnapshot),
    ("prefix", .prefixConsistency),
  ]

  private static let orders: [(serial: String, snapshot: String, SerialTwin.Order)] = [
    ("serializable", "snapshot-isolation", { _, _ in false }),
    ("strong-session-serializable", "strong-session-snapshot-isolation", { $0.precedesInProcess($1) }),
    ("strict-serializable", "strong-snapshot-isolation", { $0.precedesInRealTime($1) }),
  ]

  /// The levels that some version order of these transactions allows.
  private func dependencyLevels(_ transactions: [TwinTransaction]) -> Set<String> {
    let twin = DependencyTwin(transactions: transactions, longest: longest, keys: history.keys)
    let isCommitted = !twin.hasAbortedRead && !twin.hasIntermediateRead
    let isInternal = twin.isInternallyConsistent
    var levels: Set<String> = []
    for order in twin.versionOrders {
      let found = twin.phenomena(order)
      if !found.writeCycle { levels.insert("read-uncommitted") }
      guard isCommitted, !found.informationCycle else { continue }
      levels.insert("read-committed")
      if !found.cursorCycle { levels.insert("cursor-stability") }
      if !twin.hasVanishing { levels.insert("monotonic-atomic-view") }
      if isInternal, !found.antiDependencyCycle { levels.insert("repeatable-read") }
      if isInternal, !found.updateCycle { levels.insert("update-serializable") }
      if !found.antiDependencyCycle { break }
    }
    return levels
  }
}
