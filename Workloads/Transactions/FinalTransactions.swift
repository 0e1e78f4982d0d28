import Generators
import Histories

/// Limits of the transactions at the end of a run.
enum FinalTransactions {
  /// Keys read: those used last, all of them but in runs of many hours.
  static let keysMax = 100_000
  /// Keys that one transaction reads.
  static let keysPerTransaction = 16
  /// Groups of keys that several threads read: those that the end of the load wrote to.
  static let newestGroups = 2
  /// Attempts at each transaction: an election may still refuse the first.
  static let attemptsMax = 3
}

/// Reads of every group of keys, a transaction each: of the first groups by several threads, of the others by one.
///
/// The order of versions is what reads say it is: an append that nobody read back has no place in it, and what a fault
/// swallowed shows only if somebody looks. A transaction that is refused is tried again.
///
/// - Parameter groups: the newest first.
func finalTransactions(reading groups: [[Int]], threads: Int) -> some Generator {
  var reads = [[GeneratedOperation]](repeating: [], count: max(threads, 1))
  for (position, keys) in groups.enumerated() {
    let readers = position < FinalTransactions.newestGroups ? FinalReads.readersPerKey : 1
    for reader in 0..<min(readers, reads.count) {
      reads[(position + reader) % reads.count].append(GeneratedOperation(transaction: keys.map { .read($0) }))
    }
  }
  let byThread = reads
  return eachThread { thread in
    Persistent(byThread.indices.contains(thread.rawValue) ? byThread[thread.rawValue] : [])
  }
}

/// Keys in groups of the size that final transactions read.
func finalGroups(of keys: [Int]) -> [[Int]] {
  stride(from: 0, to: keys.count, by: FinalTransactions.keysPerTransaction).map { start in
    Array(keys[start..<min(start + FinalTransactions.keysPerTransaction, keys.count)])
  }
}

extension History {
  /// The keys of all transactions, each once, that of the last event first.
  func transactionKeys(max: Int = FinalTransactions.keysMax) -> [Int] {
    var found: [Int] = []
    var known: Set<Int> = []
    var index = count
    while index > 0, found.count < max {
      index -= 1
      guard type(at: index) == .invoke, function(at: index) == "txn" else { continue }
      for step in (payload(at: index).list ?? []).reversed() {
        guard let key = MicroOperation(step)?.key, known.insert(key).inserted else { continue }
        found.append(key)
      }
    }
    return found
  }
}

/// Each of the operations in turn on one thread, the next when the one before is `ok` or has had its attempts.
struct Persistent: Generator {
  private let operations: [GeneratedOperation]
  private var position = 0
  private var attempts = 0
  /// An operation of ours is under way: the thread may have begun with another.
  private var isRunning = false

  init(_ operations: [GeneratedOperation]) { self.operations = operations }

  mutating func next(_ context: Context) -> Next {
    guard position < operations.count else { return .exhausted }
    return operations[position].offered(in: context)
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) {
    guard event.event.type != .invoke else {
      isRunning = true
      return
    }
    guard isRunning else { return }
    isRunning = false
    attempts += 1
    guard event.event.type == .ok || attempts == FinalTransactions.attemptsMax else { return }
    position += 1
    attempts = 0
  }
}
