import Histories

/// How stale each read of a register was for certain: whatever the order of its writes, as long as it keeps real time.
///
/// A read is stale by a write that began after the version that it saw was certainly there, and that was certainly
/// there itself before the read began. Such writes come between the two in every order. (The versions that lie between
/// are the k of k-atomicity, the time since the first of them is the Δ of Δ-atomicity: Golab, Li and Shah, "Analyzing
/// Consistency Properties for Fun and Profit", PODC 2011, section 2.)
struct ReadStaleness {
  /// A read that missed something.
  struct Miss {
    /// Position in `RegisterVersions.reads`.
    var read: Int
    /// The version that was there first of all that it missed.
    var replacement: UInt32
    /// How many it missed.
    var versions: Int
  }

  private let object: RegisterVersions
  /// Versions that were written, in the order in which their writes began.
  private let order: [UInt32]
  /// Of the writes from this place of `order` on: the one that was there first.
  private let earliest: [UInt32]

  init(_ object: RegisterVersions) {
    self.object = object
    let versions = object.versions
    order = (1..<UInt32(max(versions.count, 1))).filter { !versions[Int($0)].isFailed }
      .sorted { versions[Int($0)].began < versions[Int($1)].began }
    var earliest = order
    for place in order.indices.dropLast().reversed() {
      let (this, later) = (order[place], earliest[place + 1])
      if versions[Int(later)].known < versions[Int(this)].known { earliest[place] = later }
    }
    self.earliest = earliest
  }

  /// The reads that missed something, in order of invocation; n log n.
  func misses() -> [Miss] {
    var misses: [Miss] = []
    for (number, read) in object.reads.enumerated() {
      let place = firstPlace(after: object.versions[Int(read.version)].known)
      guard place < order.count else { continue }
      let replacement = earliest[place]
      if object.versions[Int(replacement)].known < read.invocation {
        misses.append(Miss(read: number, replacement: replacement, versions: 0))
      }
    }
    count(&misses)
    return misses
  }

  /// The first place of `order` whose write began after the event.
  private func firstPlace(after event: Int64) -> Int {
    order.partitioningIndex { object.versions[Int($0)].began > event }
  }

  /// Sweeps over time: writes enter, at the place where they began, when they are certainly there; a read counts those
  /// that entered from its own place on.
  private func count(_ misses: inout [Miss]) {
    if misses.isEmpty { return }
    let versions = object.versions
    let arrivals = order.indices.filter { versions[Int(order[$0])].known != RegisterVersions.never }
      .sorted { versions[Int(order[$0])].known < versions[Int(order[$1])].known }
    var entered = PrefixCounts(count: order.count)
    var next = 0
    for number in misses.indices {
      let read = object.reads[misses[number].read]
      while next < arrivals.count, versions[Int(order[arrivals[next]])].known < read.invocation {
        entered.add(at: arrivals[next])
        next += 1
      }
      misses[number].versions = next - entered.count(before: firstPlace(after: versions[Int(read.version)].known))
    }
  }
}

/// How many of the places below one were marked (Fenwick, "A New Data Structure for Cumulative Frequency Tables", 1994).
private struct PrefixCounts {
  private var tree: [Int32]

  init(count: Int) { tree = Array(repeating: 0, count: count + 1) }

  mutating func add(at place: Int) {
    var node = place + 1
    while node < tree.count {
      tree[node] += 1
      node += node & -node
    }
  }

  func count(before place: Int) -> Int {
    var (node, sum) = (place, 0)
    while node > 0 {
      sum += Int(tree[node])
      node &= node - 1
    }
    return sum
  }
}
