/// What every transaction sees by read dependencies and the order of processes: of each process a first part.
///
/// A vector clock for every node, O(n·k) for k processes (AWDIT, section 4).
struct CausalClocks {
  private let history: RegisterHistory
  private let processCount: Int
  /// By node: the number of its process, and how many of that process come before it.
  private var process: [UInt32]
  private var position: [UInt32]
  /// By node, `processCount` entries: how many transactions of each process it sees.
  private var clocks: [UInt32]
  /// Whether read dependencies and the order of processes have no cycle.
  private(set) var isComplete: Bool

  /// Nil if the clocks take more than the bytes.
  init?(_ history: RegisterHistory, _ graph: TransactionGraph, bytesMax: Int) {
    self.history = history
    process = Array(repeating: 0, count: history.count)
    position = process
    var isFirst = [Bool](repeating: true, count: history.count)
    for next in graph.nextInProcess where next != TransactionGraph.none { isFirst[Int(next)] = false }
    var processes = 0
    for node in 0..<history.count {
      if isFirst[node] {
        process[node] = UInt32(processes)
        processes += 1
      }
      let next = graph.nextInProcess[node]
      if next == TransactionGraph.none { continue }
      (process[Int(next)], position[Int(next)]) = (process[node], position[node] + 1)
    }
    processCount = processes
    if processes * history.count > bytesMax / MemoryLayout<UInt32>.stride { return nil }
    clocks = Array(repeating: 0, count: processes * history.count)
    isComplete = false
    isComplete = fill(graph)
  }

  private mutating func fill(_ graph: TransactionGraph) -> Bool {
    var missing = [UInt32](repeating: 0, count: history.count)
    for edge in graph.edges { missing[Int(edge & TransactionGraph.nodeMask)] += 1 }
    for next in graph.nextInProcess where next != TransactionGraph.none { missing[Int(next)] += 1 }
    var queue = (0..<UInt32(history.count)).filter { missing[Int($0)] == 0 }
    var done = 0
    while done < queue.count {
      let node = Int(queue[done])
      done += 1
      for edge in graph.edges[Int(graph.starts[node])..<Int(graph.starts[node + 1])] {
        let target = Int(edge & TransactionGraph.nodeMask)
        join(node, into: target)
        missing[target] -= 1
        if missing[target] == 0 { queue.append(UInt32(target)) }
      }
      let next = graph.nextInProcess[node]
      if next == TransactionGraph.none { continue }
      join(node, into: Int(next))
      missing[Int(next)] -= 1
      if missing[Int(next)] == 0 { queue.append(next) }
    }
    return done == history.count
  }

  private mutating func join(_ source: Int, into target: Int) {
    let (from, to) = (source * processCount, target * processCount)
    clocks.withUnsafeMutableBufferPointer { clocks in
      for process in 0..<processCount where clocks[from + process] > clocks[to + process] {
        clocks[to + process] = clocks[from + process]
      }
      let own = to + Int(process[source])
      clocks[own] = max(clocks[own], position[source] + 1)
    }
  }

  /// Whether the node has the other one in its past.
  func sees(_ node: UInt32, _ other: UInt32) -> Bool {
    clocks[Int(node) * processCount + Int(process[Int(other)])] > position[Int(other)]
  }

  /// Of every key that is read, the last version of each process that the reader sees comes before what it read.
  var order: InferredOrder {
    var order = InferredOrder()
    let groups = versionsByProcess
    for node in 0..<history.count {
      for version in history.reads(of: node) {
        let key = Int(history.keys[Int(version)])
        var first = Int(history.keyStarts[key]) + 1
        let end = Int(history.keyStarts[key + 1])
        while first < end {
          let last = groups.ends[first]
          if let seen = lastSeen(groups.versions[first..<Int(last)], by: node) {
            order.add(seen, before: version, readBy: UInt32(node), history)
          }
          first = Int(last)
        }
      }
    }
    return order
  }

  /// The last of these versions of one process, in its order, whose writer the node sees.
  private func lastSeen(_ versions: ArraySlice<UInt32>, by node: Int) -> UInt32? {
    guard let first = versions.first else { return nil }
    let process = Int(process[Int(history.writers[Int(first)])])
    let bound = clocks[node * processCount + process]
    var (low, high) = (versions.startIndex, versions.endIndex)
    while low < high {
      let middle = (low + high) / 2
      if position[Int(history.writers[Int(versions[middle])])] < bound { low = middle + 1 } else { high = middle }
    }
    return low == versions.startIndex ? nil : versions[low - 1]
  }

  /// The versions of each key, without the initial one, by process and in its order; at the first place of each process,
  /// where it ends.
  private var versionsByProcess: (versions: [UInt32], ends: [UInt32]) {
    var words: [UInt64] = []
    words.reserveCapacity(history.versionCount)
    for version in 0..<history.versionCount where history.writers[version] != RegisterHistory.none {
      words.append(UInt64(process[Int(history.writers[version])]) << 32 | UInt64(version))
    }
    RadixSort.sort(&words, fromBit: 32)
    var next = history.keyStarts
    var versions = [UInt32](repeating: 0, count: history.versionCount)
    for word in words {
      let version = UInt32(truncatingIfNeeded: word)
      let key = Int(history.keys[Int(version)])
      next[key] += 1
      versions[Int(next[key])] = version
    }
    var ends = [UInt32](repeating: 0, count: history.versionCount)
    for key in 0..<history.keyStarts.count - 1 {
      var end = history.keyStarts[key + 1]
      for place in stride(from: Int(end) - 1, to: Int(history.keyStarts[key]), by: -1) {
        ends[place] = end
        let isFirst =
          place == Int(history.keyStarts[key]) + 1
          || process[Int(history.writers[Int(versions[place - 1])])]
            != process[Int(history.writers[Int(versions[place])])]
        if isFirst { end = UInt32(place) }
      }
    }
    return (versions, ends)
  }
}
