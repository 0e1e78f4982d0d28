/// Names for violations of sets whose elements are added, removed and asked for.
struct SetObjectAnomalies {
  let around: ViolatedHistory<SetObjectOperation>
  let isInitial: (UInt32) -> Bool
  let text: (UInt32) -> String

  func find() -> NamedAnomaly? {
    let (me, element) = (around.violation, around.operation.element)
    let own = around.others { _, operation in operation.element == element }
    let adds = own.filter { around[$0].kind == .add }
    let removals = own.filter { around[$0].kind == .remove }
    switch around.operation.needsPresent {
    case true?:
      if adds.isEmpty, !isInitial(element) {
        return NamedAnomaly(.phantom, "\(operation: me) found \(text(element)), which nobody had added")
      }
      let removal = removals.last { removal in
        around.isBefore(removal) && adds.allSatisfy { around.precedes($0, removal) }
      }
      if let removal {
        return NamedAnomaly(
          .staleRead,
          "\(operation: removal) finished before \(operation: me) began, and nobody had added \(text(element)) again")
      }
    case false?:
      let add = adds.last { add in
        around.isBefore(add) && removals.allSatisfy { around.precedes($0, add) }
      }
      if let add {
        return NamedAnomaly(
          .lostElement,
          "\(operation: add) finished before \(operation: me) began, and nobody had removed \(text(element))")
      }
    case nil: break
    }
    return nil
  }
}

/// Names for violations of sets that only grow.
struct GrowSetAnomalies {
  let around: ViolatedHistory<GrowSetOperation>
  let initial: [UInt32]
  let text: (UInt32) -> String

  func find() -> NamedAnomaly? {
    guard case .read(let elements) = around.operation else { return nil }
    return duplicate(elements) ?? phantom(elements) ?? lost(elements) ?? incomparable(elements)
  }

  private func duplicate(_ elements: [UInt32]) -> NamedAnomaly? {
    guard let place = elements.indices.dropFirst().first(where: { elements[$0 - 1] == elements[$0] }) else {
      return nil
    }
    return NamedAnomaly(.duplicateElement, "\(operation: around.violation) shows \(text(elements[place])) twice")
  }

  private func phantom(_ elements: [UInt32]) -> NamedAnomaly? {
    var known = Set(initial)
    for position in around.begun { if case .add(let element) = around[position] { known.insert(element) } }
    guard let wild = elements.first(where: { !known.contains($0) }) else { return nil }
    return NamedAnomaly(.phantom, "\(operation: around.violation) shows \(text(wild)), which nobody had added")
  }

  private func lost(_ elements: [UInt32]) -> NamedAnomaly? {
    let (me, shown) = (around.violation, Set(elements))
    for other in around.begun.reversed() where other != me && around.isBefore(other) {
      let missing: UInt32?
      switch around[other] {
      case .add(let element): missing = shown.contains(element) ? nil : element
      case .read(let earlier): missing = earlier.first { !shown.contains($0) }
      }
      guard let missing else { continue }
      return NamedAnomaly(
        .lostElement,
        "\(operation: other) finished before \(operation: me) began, which does not show \(text(missing))")
    }
    return nil
  }

  private func incomparable(_ elements: [UInt32]) -> NamedAnomaly? {
    let shown = Set(elements)
    let others = around.others { position, operation in
      guard case .read(let earlier) = operation, around.isDone(position) else { return false }
      return !shown.isSubset(of: earlier) && !shown.isSuperset(of: earlier)
    }
    guard let other = others.last, case .read(let earlier) = around[other],
      let mine = elements.first(where: { !earlier.contains($0) }),
      let theirs = earlier.first(where: { !shown.contains($0) })
    else { return nil }
    return NamedAnomaly(
      .incomparableReads,
      "\(operation: other) shows \(text(theirs)) and not \(text(mine)), \(operation: around.violation) the other way round"
    )
  }
}
