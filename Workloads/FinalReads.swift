import Generators
import Histories

/// Limits of the reads at the end of a run.
enum FinalReads {
  /// Keys read: those used last. Older ones are left as the load left them, so that the end of a long run stays short.
  static let keysMax = 1_000
  /// Threads that read each key, as far as there are threads: neighbours, which talk to different nodes.
  static let readersPerKey = 3
}

/// Reads of the keys used last, the last first, each by several threads.
///
/// Acknowledged writes that a fault swallowed show only if somebody looks, and replicas that diverged only if several
/// do. Function `read`, value `[k, null]`.
func finalReads(of history: History, threads: Int) -> some Generator {
  var reads = [[GeneratedOperation]](repeating: [], count: max(threads, 1))
  for (position, key) in history.keysUsedLast(max: FinalReads.keysMax).enumerated() {
    for reader in 0..<min(FinalReads.readersPerKey, reads.count) {
      reads[(position + reader) % reads.count].append(GeneratedOperation("read", .keyed(key, .null)))
    }
  }
  let byThread = reads
  return eachThread { thread in
    byThread.indices.contains(thread.rawValue) ? operations(byThread[thread.rawValue]) : operations([])
  }
}

extension History {
  /// The keys of the last events, each once, that of the last event first.
  func keysUsedLast(max: Int) -> [Value] {
    var found: [Value] = []
    var isFound = [Bool](repeating: false, count: keys.count)
    var index = count
    while index > 0, found.count < Swift.min(max, keys.count) {
      index -= 1
      guard let id = keyID(at: index), !isFound[Int(id)] else { continue }
      isFound[Int(id)] = true
      found.append(keys[id])
    }
    return found
  }
}
