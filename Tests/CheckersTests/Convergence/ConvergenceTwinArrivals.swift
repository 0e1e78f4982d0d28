import Histories

/// Final states that differ by what arrived between the reads, by trying out every order and every arrival.
extension ConvergenceTwin {
  /// Calls the body with every order of the final reads that keeps real time until it is content.
  private func forEachOrder(_ body: ([Read]) -> Bool) -> Bool {
    func extend(_ order: [Int]) -> Bool {
      if order.count == finals.count { return body(order.map { finals[$0] }) }
      return finals.indices.contains { next in
        let isHeldUp = finals.indices.contains {
          !order.contains($0) && $0 != next && finals[$0].end < finals[next].begin
        }
        return !order.contains(next) && !isHeldUp && extend(order + [next])
      }
    }
    return extend([])
  }

  /// - Parameter isState: whether a read may show what these updates make.
  func arrivesLate(_ isState: (Set<Int>, Read) -> Bool) -> Bool {
    func follow(_ reads: ArraySlice<Read>, _ arrived: Set<Int>) -> Bool {
      guard let read = reads.first else { return true }
      return subsets(of: open.filter { !arrived.contains($0) }).contains { new in
        let now = arrived.union(new)
        return isState(now, read) && follow(reads.dropFirst(), now)
      }
    }
    return forEachOrder { follow($0[...], Set(updates.indices.filter { updates[$0].isOK })) }
  }

  /// The same of a register: the last value is that of an acknowledged write until one of unknown outcome arrives that
  /// wins, and that of such a one until the next.
  func arrivesLate(_ assigned: [Int: Double]) -> Bool {
    let certain = updates.indices.filter { updates[$0].isOK }
      .map { (value: updates[$0].value, time: assigned[$0] ?? updates[$0].timestamp ?? 0) }
    let greatest = certain.map(\.time).max()
    func wins(_ read: Read) -> Bool {
      guard let greatest else { return read.value == .null }
      return certain.contains {
        $0.value == read.value && $0.time == greatest && (read.timestamp ?? greatest) == greatest
      }
    }
    // Timestamps: those that were told, and any between.
    func follow(
      _ reads: ArraySlice<Read>, _ winner: Int?, _ told: Double?, _ least: Double, _ used: Set<Int>, _ last: Value?
    ) -> Bool {
      guard let read = reads.first else { return true }
      let rest = reads.dropFirst()
      // Of several that are equally late one wins everywhere.
      if winner == nil, last == nil || last == read.value, wins(read), follow(rest, nil, nil, least, used, read.value) {
        return true
      }
      if let winner, updates[winner].value == read.value,
        told == nil || read.timestamp == nil || told == read.timestamp,
        (read.timestamp ?? least) >= least, follow(rest, winner, told ?? read.timestamp, least, used, nil)
      {
        return true
      }
      return open.contains { next in
        guard !used.contains(next), updates[next].value == read.value,
          (read.timestamp ?? .infinity) >= max(least, told ?? 0)
        else { return false }
        return follow(rest, next, read.timestamp, max(least, told ?? 0), used.union([next]), nil)
      }
    }
    return forEachOrder { follow($0[...], nil, nil, greatest ?? 0, [], nil) }
  }
}
