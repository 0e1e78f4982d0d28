/// Names for violations of counters.
struct CounterAnomalies {
  let around: ViolatedHistory<CounterOperation>
  let initial: Int128

  /// The least and the greatest number that a read can show by what was added before it and may have been while it ran.
  private struct Bounds {
    var least: Int128
    var most: Int128
    var hasSubtractions = false
    /// The last addition that certainly came before.
    var last: UInt32?
  }

  func find() -> NamedAnomaly? {
    guard case .read(let number) = around.operation else { return nil }
    let (me, bounds) = (around.violation, bounds())
    if Int128(number) < bounds.least {
      if !bounds.hasSubtractions, let last = bounds.last {
        return NamedAnomaly(
          .lostUpdate,
          "what had been added when \(operation: me) began, at last by \(operation: last), makes \(bounds.least) at least"
        )
      }
      return NamedAnomaly(
        .outOfBounds, "\(operation: me) is below \(bounds.least), the least that the additions can make")
    }
    if Int128(number) > bounds.most {
      return NamedAnomaly(
        .outOfBounds, "\(operation: me) is above \(bounds.most), the most that all additions so far can make")
    }
    return bounds.hasSubtractions ? nil : stale(number)
  }

  private func bounds() -> Bounds {
    var bounds = Bounds(least: initial, most: initial)
    for position in around.begun {
      guard case .add(let number) = around[position] else { continue }
      let certain = around.isBefore(position)
      bounds.least += certain ? Int128(number) : Int128(min(number, 0))
      bounds.most += certain ? Int128(number) : Int128(max(number, 0))
      if number < 0 { bounds.hasSubtractions = true }
      if certain, number != 0 { bounds.last = position }
    }
    return bounds
  }

  /// A counter that only grows showed more before.
  private func stale(_ number: Int64) -> NamedAnomaly? {
    let greater = around.others { position, operation in
      if case .read(let other) = operation { other > number && around.isBefore(position) } else { false }
    }
    guard let other = greater.last else { return nil }
    return NamedAnomaly(
      .staleRead,
      "\(operation: other) finished before \(operation: around.violation) began, and nobody subtracts anything")
  }
}
