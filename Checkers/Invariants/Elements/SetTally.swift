import Histories

/// The numbers of a set-full result, over all objects of a history.
struct SetTally {
  /// An element and for how long, in nanoseconds, reads that began went without it though it was known.
  struct Stale {
    var fates: ElementFates
    var element: UInt32
    var latency: Int64
  }

  private var (objects, reads, elements, acknowledged, recovered) = (0, 0, 0, 0, 0)
  private var (stable, lost, neverRead, doubled) = (0, 0, 0, 0)
  /// Those of stale elements; all other stable ones have none.
  private var stableLatencies: [Int64] = []
  private var lostLatencies: [Int64] = []
  /// Longest first; of equal ones the earlier element first.
  private(set) var worstStale: [Stale] = []

  /// Elements that came late.
  var stale: Int { stableLatencies.count }

  /// Why nothing can be said, unless something was found.
  var unknown: String? {
    if reads == 0 { return "no read completed: nobody saw the set" }
    return stable == 0 ? "no read that completed has an element that was added" : nil
  }

  mutating func add(_ fates: ElementFates) {
    objects += 1
    reads += fates.reads.count
    for (element, record) in fates.records.enumerated() {
      if record.doubled != ElementHistory.never { doubled += 1 }
      if record.added == ElementHistory.never { continue }
      elements += 1
      if record.acknowledged != ElementHistory.never {
        acknowledged += 1
      } else if record.seen != ElementHistory.never {
        recovered += 1
      }
      add(fates, UInt32(truncatingIfNeeded: element))
    }
  }

  private mutating func add(_ fates: ElementFates, _ element: UInt32) {
    switch fates.fates[Int(element)] {
    case .unwritten: break
    case .neverRead: neverRead += 1
    case .stable: stable += 1
    case .stale:
      stable += 1
      let latency = fates.stableLatency(element)
      stableLatencies.append(latency)
      keepWorst(Stale(fates: fates, element: element, latency: latency))
    case .lost:
      lost += 1
      lostLatencies.append(fates.lostLatency(element))
    }
  }

  private mutating func keepWorst(_ stale: Stale) {
    let max = InvariantReport.findingsPerAnomalyMax
    if worstStale.count == max, let least = worstStale.last, least.latency >= stale.latency { return }
    let place = worstStale.firstIndex { $0.latency < stale.latency } ?? worstStale.count
    worstStale.insert(stale, at: place)
    if worstStale.count > max { worstStale.removeLast() }
  }

  var statistics: [(name: String, value: Value)] {
    let counts = [
      ("objects", objects), ("reads", reads), ("elements", elements), ("acknowledged", acknowledged),
      ("recovered", recovered), ("stable", stable), ("stale", stale), ("lost", lost), ("never-read", neverRead),
      ("duplicated", doubled),
    ]
    return counts.map { (name: $0.0, value: .int(Int64($0.1))) }
      + Self.quantiles("stable-latency-ns", stableLatencies, zeros: stable - stale)
      + Self.quantiles("lost-latency-ns", lostLatencies, zeros: 0)
  }

  /// The smallest number that so many percent do not exceed, for several percentages; nothing where there are none.
  private static func quantiles(_ name: String, _ some: [Int64], zeros: Int) -> [(name: String, value: Value)] {
    let (sorted, count) = (some.sorted(), some.count + zeros)
    guard count > 0 else { return [] }
    return [("p50", 50), ("p95", 95), ("p99", 99), ("max", 100)].map { suffix, percent in
      let rank = max(1, (count * percent + 99) / 100)
      return (name: "\(name)-\(suffix)", value: .int(rank <= zeros ? 0 : sorted[rank - zeros - 1]))
    }
  }
}
