// Where a planted bug merges otherwise.
extension DynamoNode {
  /// The merge of what two replicas hold: syntactic reconciliation where one has seen the other, semantic by the type of
  /// value where not (§4.4).
  func merged(_ mine: Object, _ theirs: Object) -> Object {
    var merged = mine
    merged.merge(theirs)
    switch (configuration.bug, mine, theirs, merged) {
    case (.counterMergeAdds, .counter(let mine), .counter(let theirs), _): return .counter(mine.adding(theirs))
    case (.removedResurfaces, .set(let mine), .set(let theirs), .set(let right)):
      return .set(right.with(mine.versions + theirs.versions))
    case (.removalTakesUnseen, .set(let mine), .set(let theirs), .set(let right)):
      return .set(right.without(mine.versions + theirs.versions))
    default: return merged
    }
  }

  /// What is kept of an object.
  func planted(_ object: Object) -> Object {
    guard case .siblings(var register) = object else { return object }
    switch configuration.bug {
    case .lastWriteWins:
      if let last = register.versions.max(by: { ($0.dot.counter, $0.dot.node) < ($1.dot.counter, $1.dot.node) }) {
        register.versions = [last]
      }
      return .siblings(register)
    case .deletionForgotten where register.versions.isEmpty: return Object(.siblings)
    default: return object
    }
  }
}

extension PNCounter {
  /// Entries that differ are added.
  fileprivate func adding(_ other: PNCounter) -> PNCounter {
    var sum = self
    for theirs in other.entries where self[theirs.node] != theirs {
      var entry = self[theirs.node]
      entry.added = min(entry.added + theirs.added, Self.sumMax)
      entry.subtracted = min(entry.subtracted + theirs.subtracted, Self.sumMax)
      sum[theirs.node] = entry
    }
    return sum
  }
}

extension DottedValues {
  /// All versions that either had.
  fileprivate func with(_ all: [Version]) -> DottedValues {
    var united = self
    united.versions = Array(Set(all)).sorted { $0.dot < $1.dot }
    return united
  }

  /// Without any value of which one of these versions is gone.
  fileprivate func without(_ all: [Version]) -> DottedValues {
    var rest = self
    let gone = Set(Set(all).subtracting(versions).map(\.value))
    rest.versions.removeAll { gone.contains($0.value) }
    return rest
  }
}
