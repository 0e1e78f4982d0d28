extension RegisterZones {
  /// The operations with all that put them there: who wrote what they needed, back to a write or the initial value, and
  /// for one of unknown outcome the completed operation that shows that it happened.
  ///
  /// Among these alone the same values have the same writers, so what contradicts itself in the history does so here.
  /// Leaving out the rest leaves out whole blocks, readers, and ends of chains: a linearizable history stays one.
  borrowing func core(of operations: [UInt32]) -> [UInt32] {
    let isKept = Column<Bool>(repeating: false, count: history.count)
    for id in operations {
      keep(proof(of: id), isKept)
      keep(id, isKept)
    }
    return (0..<UInt32(history.count)).filter { isKept[$0] }
  }

  /// The operation, if it completed; else a completed one that could not have happened without it.
  private borrowing func proof(of id: UInt32) -> UInt32 {
    var id = id
    // A crashed operation was taken in after its observer, so this goes back to one that completed.
    while history.completions[Int(id)] == Self.none, let value = history.operations[Int(id)].written {
      id = observer[value]
    }
    return id
  }

  private borrowing func keep(_ id: UInt32, _ isKept: borrowing Column<Bool>) {
    var id = id
    while id < Self.initialWriter, !isKept[id] {
      isKept[id] = true
      switch history.operations[Int(id)] {
      case .write: return
      case .read(let value), .cas(let value, _): id = writer[value]
      }
    }
  }

  /// A cycle of cas, each of which needs what another one of them left: the only ones in no block.
  borrowing func cycle(_ blocks: [RegisterBlock]) -> [UInt32]? {
    let isInBlock = Column<Bool>(repeating: false, count: casCount == 0 ? 0 : history.count)
    var found = 0
    for block in blocks where casCount > 0 {
      var id = consumer[block.value]
      while id != Self.none, let value = history.operations[Int(id)].written {
        isInBlock[id] = true
        found += 1
        id = consumer[value]
      }
    }
    if found == casCount { return nil }
    let outside = (0..<UInt32(history.count)).first { id in
      guard case .cas(_, let value) = history.operations[Int(id)] else { return false }
      return writer[value] == id && !isInBlock[id]
    }
    return outside.map { core(of: [$0]) }
  }
}
