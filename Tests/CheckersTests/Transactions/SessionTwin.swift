import Histories

/// The guarantees to sessions by their definitions (Terry and others, "Session guarantees for weakly consistent replicated
/// data", PDIS 1994), with sessions of transactions (Bailis and others, "Highly available transactions", VLDB 2014,
/// appendix): a session's transactions come in its order, and what one of them reads and writes has no order of its own.
///
/// A definition says what a read must not miss, and what the order of writes must keep. That order is one of all
/// transactions, in which the versions of every key come in theirs (Viotti and Vukolić, "Consistency in non-transactional
/// distributed storage systems", 2016: `ar`); all are tried. A transaction whose outcome is unknown counts if a read
/// shows anything of it.
struct SessionTwin {
  private let transactions: [TwinTransaction]
  private let longest: [[Int]]

  init(_ all: [TwinTransaction], longest: [[Int]]) {
    let shown = longest.enumerated().flatMap { key, list in list.map { [key, $0] } }
    transactions = all.filter { transaction in
      transaction.outcome == .committed
        || (transaction.outcome == .unknown
          && longest.indices.contains { key in transaction.appends(to: key).contains { shown.contains([key, $0]) } })
    }
    self.longest = longest
  }

  // MARK: What reads must not miss

  /// One read: of which key, what it shows, and who wrote the last of that below the own appends that it ends in, if it
  /// is somebody else.
  private struct View {
    var reader: TwinTransaction
    var key: Int
    var list: [Int]
    /// Of `list`, what transactions wrote that count.
    var written: Set<Int>
    var source: TwinTransaction?

    /// It does not show all that another transaction wrote to its key: a write is an append, not a transaction.
    func misses(_ writer: TwinTransaction) -> Bool {
      writer.invocation != reader.invocation && !Set(writer.appends(to: key)).isSubset(of: list)
    }

    /// It does not show all that the other read shows, of what others wrote than its own transaction.
    func isOlder(than other: View, besides late: TwinTransaction? = nil) -> Bool {
      let left = other.written.subtracting(reader.appends(to: key)).subtracting(late?.appends(to: key) ?? [])
      return key == other.key && !left.isSubset(of: list)
    }
  }

  private var views: [View] {
    transactions.flatMap { reader in
      reader.reads.map { read in
        let below = reader.outsideReads.first { $0.place == read.place }?.list.last
        let source = transactions.first { writer in below.map { writer.appends(to: read.key).contains($0) } ?? false }
        return View(
          reader: reader, key: read.key, list: read.list,
          written: Set(
            read.list.filter { element in transactions.contains { $0.appends(to: read.key).contains(element) } }),
          source: source?.invocation == reader.invocation ? nil : source)
      }
    }
  }

  /// "Read your writes".
  var missesOwnWrites: Bool {
    views.contains { view in transactions.contains { $0.precedesInProcess(view.reader) && view.misses($0) } }
  }

  /// "Monotonic reads".
  var readsBackwards: Bool {
    let views = views
    return views.contains { early in
      views.contains { early.reader.precedesInProcess($0.reader) && $0.isOlder(than: early) }
    }
  }

  /// "Monotonic writes": whoever has a write has those before it in its session.
  var missesEarlierWrites: Bool {
    let views = views
    return views.contains { seeing in
      guard let late = seeing.source else { return false }
      return views.contains { missing in
        missing.reader.invocation == seeing.reader.invocation
          && transactions.contains { $0.precedesInProcess(late) && missing.misses($0) }
      }
    }
  }

  /// "Writes follow reads": whoever has a write has what its session had read before it. What the same transaction wrote
  /// too it wrote whatever it read.
  var missesReadBefore: Bool {
    let views = views
    return views.contains { seeing in
      guard let late = seeing.source else { return false }
      return views.contains { missing in
        missing.reader.invocation == seeing.reader.invocation
          && views.contains {
            ($0.reader.invocation == late.invocation || $0.reader.precedesInProcess(late))
              && missing.isOlder(than: $0, besides: late)
          }
      }
    }
  }

  /// Monotonic reads and writes together: what a session has of another's writes, it has from then on.
  var missesWritesSeenBefore: Bool {
    let views = views
    return views.contains { seeing in
      guard let late = seeing.source else { return false }
      return views.contains { missing in
        seeing.reader.precedesInProcess(missing.reader)
          && transactions.contains { $0.precedesInProcess(late) && missing.misses($0) }
      }
    }
  }

  // MARK: The order of writes

  /// Some order of all transactions keeps the versions of every key and these pairs.
  private func hasOrder(_ pairs: [(TwinTransaction, TwinTransaction)]) -> Bool {
    func continues(_ left: [TwinTransaction]) -> Bool {
      if left.isEmpty { return true }
      return left.contains { next in
        let isFirst = !left.contains { other in
          other.invocation != next.invocation && precedesInVersions(other, next)
            || pairs.contains { $0.invocation == other.invocation && $1.invocation == next.invocation }
        }
        return isFirst && continues(left.filter { $0.invocation != next.invocation })
      }
    }
    return continues(transactions)
  }

  private func precedesInVersions(_ first: TwinTransaction, _ second: TwinTransaction) -> Bool {
    longest.indices.contains { key in
      first.appends(to: key).contains { early in
        guard let place = longest[key].firstIndex(of: early) else { return false }
        return second.appends(to: key).contains { longest[key].firstIndex(of: $0) ?? .max > place }
      }
    }
  }

  /// Some order of writes keeps the order of each session.
  var hasSessionOrder: Bool {
    hasOrder(
      transactions.flatMap { first in
        transactions.filter { first.precedesInProcess($0) && !first.isReadOnly && !$0.isReadOnly }.map { (first, $0) }
      })
  }

  /// Some order of writes keeps them after what their sessions had read before.
  var hasReadOrder: Bool {
    hasOrder(
      views.flatMap { view -> [(TwinTransaction, TwinTransaction)] in
        guard let source = view.source else { return [] }
        return transactions.filter { writer in
          !writer.isReadOnly
            && (writer.invocation == view.reader.invocation || view.reader.precedesInProcess(writer))
        }.map { (source, $0) }
      })
  }

  /// The levels that hold; all of them ask for an order of the versions without write cycles.
  func levels() -> Set<String> {
    var levels: Set<String> = []
    if !missesOwnWrites { levels.insert("read-your-writes") }
    if !readsBackwards { levels.insert("monotonic-reads") }
    if !missesEarlierWrites, hasSessionOrder { levels.insert("monotonic-writes") }
    if !missesReadBefore, hasReadOrder { levels.insert("writes-follow-reads") }
    if levels.isSuperset(of: ["read-your-writes", "monotonic-reads", "monotonic-writes"]), !missesWritesSeenBefore {
      levels.insert("pram")
    }
    return levels
  }
}
