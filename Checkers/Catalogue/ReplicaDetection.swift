import Histories

extension HistoryTraits {
  /// The models of replicated objects that the history may be of.
  ///
  /// What reads show tells them apart, and whether answers report contexts. Of types that differ in operations that the
  /// history does not have, which decide it alike, the one with the fewest is named.
  var replicatedModels: [InvariantModel] {
    let models = isOfSiblings ? [] : isOfReplicatedMap ? [ConvergenceChecker.mapName] : replicatedTypes.map(\.modelName)
    return InvariantModel.all.filter { models.contains($0.name) || isOfSiblings && $0.name == SiblingsChecker.name }
  }

  /// All that is put is a value with, or without, a context: what a store of strings would not be given.
  var isOfSiblings: Bool {
    let puts = payloads("put").map { values.value($0).map }
    return functions.isSubset(of: ["get", "local-get", "put"]) && puts.contains { $0?["context"] != nil }
      && puts.allSatisfy { $0?["value"] != nil }
  }

  private var replicatedTypes: [ReplicatedType] {
    let (states, reports) = (Set(readings.flatMap(states)), removalsReportContexts)
    let fitting = ReplicatedType.allCases.filter { type in
      functions.isSubset(of: type.updates + Self.replicaReads) && (states.isEmpty || states.contains(type.state))
        && !(type == .twoPhaseSet && reports)
    }
    return fitting.filter { type in !fitting.contains { Set($0.updates).isStrictSubset(of: type.updates) } }
  }

  /// Every update is of a key, or reads show what several keys hold.
  private var isOfReplicatedMap: Bool {
    let updates = Set(ReplicatedType.allCases.flatMap(\.updates))
    guard functions.isSubset(of: updates.union(Self.replicaReads)) else { return false }
    let given = functions.intersection(updates).sorted().flatMap { invoked($0) }
    return !given.isEmpty && given.allSatisfy { values.pair($0) != nil }
      || readings.contains { $0.isMap && values.value($0).map?["value"] == nil }
  }

  private static let replicaReads = ["read", "local-read"]

  /// What reads were answered with.
  private var readings: [ValueWord] { Self.replicaReads.flatMap { answers($0) }.filter { !$0.isNull } }

  /// The states that an answer can be one of.
  private func states(_ word: ValueWord) -> [ReplicatedType.State] {
    switch values.value(word).map?["value"] ?? values.value(word) {
    case .null: []
    case .list: [.elements]
    case .int: [.amount, .value]
    default: [.value]
    }
  }
}
