import Histories

/// Causal reverse by its meaning: for each read, is there an order of the writes that keeps real time and of which it
/// saw a prefix?
struct CausalReverseTwin {
  private let writes: [TwinCall]
  private let reads: [TwinCall]

  init(_ events: [Event]) {
    let calls = TwinCall.all(in: events)
    writes = calls.filter { $0.function == "write" }
    reads = calls.filter { $0.function == "read" && $0.isOK }
  }

  func verdict() -> Verdict {
    if reads.isEmpty { return .unknown }
    return reads.allSatisfy { unwritten($0).isEmpty && !isReversed($0) } ? .valid : .invalid
  }

  /// Reads that no order explains.
  func reversed() -> [Int] { reads.filter(isReversed).map(\.end) }

  /// Names of the anomalies of elements that nobody had begun to write.
  func unwritten() -> [String] { reads.flatMap(unwritten) }

  private func unwritten(_ read: TwinCall) -> [String] {
    (read.output.list ?? []).compactMap { value in
      let writers = writes.filter { $0.input == value && $0.begin < read.end }
      if writers.contains(where: { $0.type != .fail }) { return nil }
      return writers.isEmpty ? "thin-air-read" : "aborted-read"
    }
  }

  private func isReversed(_ read: TwinCall) -> Bool {
    let seen = Set(read.output.list ?? [])
    let involved = writes.filter { write in
      write.isOK || write.type != .fail && seen.contains(write.input) && write.begin < read.end
    }
    let isSeen = involved.map { seen.contains($0.input) && $0.begin < read.end }
    return !Orders.exists(involved.count) { order in
      let prefix = order.prefix { isSeen[$0] }.count
      if prefix != isSeen.count(where: { $0 }) { return false }
      return order.indices.allSatisfy { later in
        order[..<later].allSatisfy { involved[$0].begin < involved[order[later]].end }
      }
    }
  }
}
