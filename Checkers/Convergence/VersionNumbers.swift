import Histories

/// The updates of an object, the writes of a register above all, as versions: those that did not fail, in order of
/// invocation.
struct VersionNumbers {
  /// By version: the position of the update.
  private(set) var updates: [Int] = []
  /// By value: the version; `never` where nobody wrote it.
  private var versionOfValue: [UInt32]
  /// By position of the update.
  private var versionOfUpdate: [UInt32]

  init(_ object: ReplicaHistory) {
    versionOfValue = Array(repeating: VersionGraph.never, count: object.elements.count)
    versionOfUpdate = Array(repeating: VersionGraph.never, count: object.updates.count)
    for (position, update) in object.updates.enumerated() where update.outcome != .failed {
      if update.element != ReplicaHistory.never {
        versionOfValue[Int(update.element)] = UInt32(truncatingIfNeeded: updates.count)
      }
      versionOfUpdate[position] = UInt32(truncatingIfNeeded: updates.count)
      updates.append(position)
    }
  }

  func version(of value: UInt32) -> UInt32? {
    versionOfValue[Int(value)] == VersionGraph.never ? nil : versionOfValue[Int(value)]
  }

  /// What was observed: the writes of each actor are a list that all version vectors share, each context of ids is a
  /// list of its own.
  func graph(_ object: ReplicaHistory, observesAcknowledged: Bool) -> VersionGraph {
    var lists = ContextLists()
    for actor in 0..<object.sequences.actors {
      lists.close(with: object.sequences.all(UInt32(truncatingIfNeeded: actor)).map { versionOfUpdate[Int($0)] })
    }
    let versions = updates.indices.map { version(UInt32(truncatingIfNeeded: $0), object, &lists) }
    return VersionGraph(
      versions, lists.segments, observed: lists.observed, starts: lists.starts,
      observesAcknowledged: observesAcknowledged)
  }

  private func version(
    _ number: UInt32, _ object: ReplicaHistory, _ lists: inout ContextLists
  ) -> VersionGraph.Version {
    let update = object.updates[updates[Int(number)]]
    var version = VersionGraph.Version(
      isAcknowledged: update.isApplied, invocation: update.invocation, completion: update.completion,
      start: VersionGraph.never, isNamed: update.id != ReplicaHistory.never)
    guard update.hasContext else { return version }
    version.start = UInt32(truncatingIfNeeded: lists.segments.count)
    var below: [UInt32] = []
    for id in object.named(update.context) {
      if let other = object.update(ofID: id) {
        if versionOfUpdate[other] != number { below.append(versionOfUpdate[other]) }
      } else {
        version.observesStrangers = true
      }
    }
    for entry in object.vector(update.context) {
      if object.sequences.hasGap(entry) { version.observesStrangers = true }
      let covered = object.sequences.covered(entry)
      let length = min(covered.count, place(of: update, in: entry.actor, object))
      lists.share(entry.actor, length)
      if length < covered.count { below += covered.dropFirst(length + 1).map { versionOfUpdate[Int($0)] } }
    }
    lists.own(below)
    version.end = UInt32(truncatingIfNeeded: lists.segments.count)
    return version
  }

  /// Where the write is among those of an actor; after all of them if it is none of these.
  private func place(
    of update: ReplicaHistory.Update, in actor: UInt32, _ object: ReplicaHistory
  ) -> Int {
    guard let dot = object.dot(update), dot.actor == actor else { return .max }
    return object.sequences.count(OperationIDs.Dot(actor: actor, number: dot.number - 1))
  }
}

/// Lists of versions, and the parts of them that contexts are made of.
private struct ContextLists {
  private(set) var observed: [UInt32] = []
  private(set) var starts = [0]
  private(set) var segments: [VersionGraph.Segment] = []

  /// One more list.
  mutating func close(with versions: [UInt32]) {
    observed += versions
    starts.append(observed.count)
  }

  /// The beginning of a list that is there already.
  mutating func share(_ list: UInt32, _ length: Int) {
    if length > 0 {
      segments.append(VersionGraph.Segment(list: list, length: UInt32(truncatingIfNeeded: length)))
    }
  }

  /// A list that nobody else has.
  mutating func own(_ versions: [UInt32]) {
    guard !versions.isEmpty else { return }
    close(with: versions)
    share(UInt32(truncatingIfNeeded: starts.count - 2), versions.count)
  }
}
