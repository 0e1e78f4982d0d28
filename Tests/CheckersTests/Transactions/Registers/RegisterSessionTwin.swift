/// The guarantees to sessions by their definitions, as `SessionTwin` has them for lists, over every order of the versions
/// of every key.
///
/// A transaction whose outcome is unknown counts if a read shows anything of it. What a failed transaction wrote is no
/// version: a read of it says nothing.
struct RegisterSessionTwin {
  private let transactions: [RegisterTwinTransaction]
  private let keys: Int

  init(_ all: [RegisterTwinTransaction], keys: Int) {
    let shown = Set(
      all.flatMap { transaction in
        transaction.steps.compactMap { step -> Int? in
          if case .read(_, let value?) = step { return value }
          return nil
        }
      })
    transactions = all.filter { transaction in
      transaction.outcome == .committed
        || (transaction.outcome == .unknown
          && (0..<keys).contains { transaction.writes(to: $0).contains(where: shown.contains) })
    }
    self.keys = keys
  }

  /// One read from outside: how many versions of the key, in their order, are there once it is made; and whose it shows.
  private struct View {
    var reader: Int
    var key: Int
    var length: Int
    var source: Int?
  }

  /// The levels that some order of the versions allows.
  func levels() -> Set<String> {
    var levels: Set<String> = []
    for order in orders where !hasWriteCycle(order) {
      let views = views(order)
      let (ryw, mr) = (!missesOwnWrites(order, views), !readsBackwards(order, views))
      let mw = !missesEarlierWrites(order, views) && hasOrder(order, sessionPairs)
      if ryw { levels.insert("read-your-writes") }
      if mr { levels.insert("monotonic-reads") }
      if mw { levels.insert("monotonic-writes") }
      if !missesReadBefore(order, views), hasOrder(order, readPairs(views)) { levels.insert("writes-follow-reads") }
      if ryw, mr, mw, !missesWritesSeenBefore(order, views) { levels.insert("pram") }
      if levels.count == 5 { break }
    }
    return levels
  }

  /// By key: every order of the transactions that wrote it, and of all keys every combination.
  private var orders: [[[Int]]] {
    (0..<keys).reduce([[]]) { orders, key in
      let writers = transactions.indices.filter { transactions[$0].version(of: key) != nil }
      return orders.flatMap { order in DependencyTwin.orders(writers.map { [$0] }).map { order + [$0] } }
    }
  }

  private func views(_ order: [[Int]]) -> [View] {
    transactions.indices.flatMap { reader in
      transactions[reader].externalReads.compactMap { read -> View? in
        if read.value == 0 { return View(reader: reader, key: read.key, length: 0) }
        guard let writer = transactions.firstIndex(where: { $0.writes(to: read.key).contains(read.value) }) else {
          return nil
        }
        let length = (order[read.key].firstIndex(of: writer) ?? 0) + 1
        return View(reader: reader, key: read.key, length: length, source: writer == reader ? nil : writer)
      }
    }
  }

  private func misses(_ view: View, _ writer: Int, _ order: [[Int]]) -> Bool {
    guard writer != view.reader, writer != view.source, let place = order[view.key].firstIndex(of: writer) else {
      return false
    }
    return place >= view.length
  }

  private func isOlder(_ view: View, than other: View, _ order: [[Int]]) -> Bool {
    guard let source = other.source else { return false }
    return view.key == other.key && misses(view, source, order)
  }

  private func precedes(_ first: Int, _ second: Int) -> Bool {
    transactions[first].precedesInProcess(transactions[second])
  }

  // MARK: What reads must not miss

  private func missesOwnWrites(_ order: [[Int]], _ views: [View]) -> Bool {
    views.contains { view in transactions.indices.contains { precedes($0, view.reader) && misses(view, $0, order) } }
  }

  private func readsBackwards(_ order: [[Int]], _ views: [View]) -> Bool {
    views.contains { early in
      views.contains { precedes(early.reader, $0.reader) && isOlder($0, than: early, order) }
    }
  }

  private func missesEarlierWrites(_ order: [[Int]], _ views: [View]) -> Bool {
    views.contains { seeing in
      guard let late = seeing.source else { return false }
      return views.contains { missing in
        missing.reader == seeing.reader
          && transactions.indices.contains { precedes($0, late) && misses(missing, $0, order) }
      }
    }
  }

  private func missesReadBefore(_ order: [[Int]], _ views: [View]) -> Bool {
    views.contains { seeing in
      guard let late = seeing.source else { return false }
      return views.contains { missing in
        missing.reader == seeing.reader
          && views.contains {
            ($0.reader == late || precedes($0.reader, late)) && isOlder(missing, than: $0, order)
          }
      }
    }
  }

  private func missesWritesSeenBefore(_ order: [[Int]], _ views: [View]) -> Bool {
    views.contains { seeing in
      guard let late = seeing.source else { return false }
      return views.contains { missing in
        precedes(seeing.reader, missing.reader)
          && transactions.indices.contains { precedes($0, late) && misses(missing, $0, order) }
      }
    }
  }

  // MARK: The order of writes

  private func precedesInVersions(_ first: Int, _ second: Int, _ order: [[Int]]) -> Bool {
    order.contains { writers in
      guard let early = writers.firstIndex(of: first), let late = writers.firstIndex(of: second) else { return false }
      return early < late
    }
  }

  /// Whether some order of these keeps the versions and the pairs; a pair of one with itself is kept by none.
  private func hasOrder(_ order: [[Int]], _ pairs: [(Int, Int)], among all: [Int]? = nil) -> Bool {
    func continues(_ left: [Int]) -> Bool {
      if left.isEmpty { return true }
      return left.contains { next in
        let isFirst = !left.contains { other in
          other != next && precedesInVersions(other, next, order) || pairs.contains { $0 == (other, next) }
        }
        return isFirst && continues(left.filter { $0 != next })
      }
    }
    return continues(all ?? Array(transactions.indices))
  }

  /// Of those that certainly committed.
  private func hasWriteCycle(_ order: [[Int]]) -> Bool {
    !hasOrder(order, [], among: transactions.indices.filter { transactions[$0].outcome == .committed })
  }

  private var sessionPairs: [(Int, Int)] {
    transactions.indices.flatMap { first in
      transactions.indices.filter {
        precedes(first, $0) && !transactions[first].writtenKeys.isEmpty && !transactions[$0].writtenKeys.isEmpty
      }.map { (first, $0) }
    }
  }

  private func readPairs(_ views: [View]) -> [(Int, Int)] {
    views.flatMap { view -> [(Int, Int)] in
      guard let source = view.source else { return [] }
      return transactions.indices.filter { writer in
        !transactions[writer].writtenKeys.isEmpty && (writer == view.reader || precedes(view.reader, writer))
      }.map { (source, $0) }
    }
  }
}
