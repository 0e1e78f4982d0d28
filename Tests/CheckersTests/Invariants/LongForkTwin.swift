import Histories

/// Long fork by its definition: is there an order of the writes of which every read saw a prefix?
struct LongForkTwin {
  private let reads: [(seen: Set<Int64>, keys: Set<Int64>, values: [(key: Int64, value: Value)], end: Int)]
  private let writes: [(key: Int64, value: Value, type: EventType, begin: Int)]

  init(_ events: [Event]) {
    let calls = TwinCall.all(in: events)
    writes = calls.compactMap { call in
      guard let micro = call.input.list?.first?.list, micro.first == "w", let key = micro[1].int else { return nil }
      return (key, micro[2], call.type, call.begin)
    }
    reads = calls.filter { $0.isOK }.compactMap { call in
      let micro = (call.output.list ?? []).compactMap(\.list)
      guard micro.first?.first == "r" else { return nil }
      let values = micro.map { (key: $0[1].int ?? 0, value: $0[2]) }
      return (
        Set(values.filter { !$0.value.isNull }.map(\.key)), Set(values.map(\.key)), values, call.end
      )
    }
  }

  func verdict() -> Verdict {
    if !unwritten().isEmpty || hasFork { return .invalid }
    let groups = Set(reads.map(\.keys).filter { $0.count > 1 })
    let isRewritten = Dictionary(grouping: writes.filter { $0.type != .fail }, by: \.key).values.contains {
      $0.count > 1
    }
    let overlap = groups.contains { group in groups.contains { $0 != group && !$0.isDisjoint(with: group) } }
    return isRewritten || overlap || groups.isEmpty ? .unknown : .valid
  }

  /// Some group of reads of the same keys that no order of the keys explains.
  private var hasFork: Bool {
    Set(reads.map(\.keys)).contains { group in
      let keys = group.sorted()
      let seen = reads.filter { $0.keys == group }.map(\.seen)
      return !Orders.exists(keys.count) { order in
        seen.allSatisfy { $0 == Set(order.prefix($0.count).map { keys[$0] }) }
      }
    }
  }

  /// The anomalies of values that nobody had begun to write, by name, one for each such value of a read.
  func unwritten() -> [String] {
    reads.flatMap { read in
      read.values.filter { !$0.value.isNull }.compactMap { key, value -> String? in
        let writers = writes.filter { $0.key == key && $0.value == value && $0.begin < read.end }
        if writers.contains(where: { $0.type != .fail }) { return nil }
        return writers.isEmpty ? "thin-air-read" : "aborted-read"
      }
    }
  }

  /// Whether the completed reads that end at these events saw two writes in opposite orders.
  func isFork(_ first: Int, _ second: Int) -> Bool {
    guard let left = reads.first(where: { $0.end == first }), let right = reads.first(where: { $0.end == second })
    else { return false }
    return left.keys == right.keys && !left.seen.isSubset(of: right.seen) && !right.seen.isSubset(of: left.seen)
  }
}
