import Histories

/// The reads of a long-fork history by the keys that they read, each group with the chain of what its reads saw.
///
/// A chain has one place for each number of keys seen. A read that sees as many keys as an earlier one must see the
/// same; else it must see all that the next smaller one of the chain saw and nothing that the next larger one did not.
/// By induction the chain is ordered by inclusion, so that these neighbours stand for all reads: O(keys) a read. Only
/// what reads really saw is kept, a bit for each key that such a read lists, so that memory is linear in them too.
struct ReadGroups {
  private struct Group {
    /// Increasing.
    var keys: [UInt32]
    /// Words of 64 bits for one read: bit i says that it saw `keys[i]`.
    var words: Int
    /// By the number of keys seen: the read of the chain that saw so many, by its place in the two columns below;
    /// `none` where it has none.
    var chain: [UInt32]
    /// The transactions of the chain's reads, in the order in which they were met.
    var reads: [UInt32] = []
    /// What each of them saw, `words` words for one.
    var states: [UInt64] = []

    /// The first word of the state of the chain's read of so many keys.
    func firstWord(_ seen: Int) -> Int { Int(chain[seen]) * words }
  }

  private static let none = UInt32.max

  private let transactions: Transactions
  private var groups: [Group] = []
  private var byKeys: [[UInt32]: Int] = [:]
  /// By key: the group that read it first.
  private var groupOfKey: [Int]
  private(set) var keysMax = 0
  /// Two reads that share some keys only, by their completions.
  private(set) var overlap: (first: Int, second: Int)?
  private var firstRead: [Int] = []
  /// The read at hand: its keys with whether it saw them, by key, and the same as bits.
  private var micro: [(key: UInt32, isSeen: Bool)] = []
  private var state: [UInt64] = []

  var count: Int { groups.count }

  init(_ transactions: Transactions) {
    self.transactions = transactions
    groupOfKey = Array(repeating: -1, count: transactions.keys.count)
  }

  /// Adds a completed read that saw a value in `seen` of its keys.
  mutating func add(_ transaction: Int, seen: Int, _ writes: KeyWrites, _ log: inout FindingLog) {
    let range = transactions.micro(transaction)
    guard range.count > 1 else { return }
    micro.removeAll(keepingCapacity: true)
    var isSorted = true
    for operation in transactions.operations[range] {
      if let last = micro.last, last.key > operation.key { isSorted = false }
      micro.append((operation.key, !operation.value.isNull))
    }
    if !isSorted { micro.sort { $0.key < $1.key } }
    let group = findGroup(transaction)
    setState(words: groups[group].words)
    guard let other = incomparable(group, seen) else { return insert(transaction, group, seen) }
    report(transaction, group, other, writes, &log)
  }

  // MARK: Groups

  private mutating func findGroup(_ transaction: Int) -> Int {
    let candidate = groupOfKey[Int(micro[0].key)]
    if candidate >= 0, isRead(groups[candidate].keys) { return candidate }
    let keys = micro.map(\.key)
    if let known = byKeys[keys] { return known }
    let (group, words) = (groups.count, (keys.count + 63) / 64)
    groups.append(
      Group(keys: keys, words: words, chain: Array(repeating: Self.none, count: keys.count + 1)))
    byKeys[keys] = group
    firstRead.append(Int(transactions.completions[transaction]))
    keysMax = max(keysMax, keys.count)
    for key in keys {
      if groupOfKey[Int(key)] < 0 {
        groupOfKey[Int(key)] = group
      } else if overlap == nil {
        overlap = (firstRead[groupOfKey[Int(key)]], firstRead[group])
      }
    }
    return group
  }

  private func isRead(_ keys: [UInt32]) -> Bool {
    guard keys.count == micro.count else { return false }
    for place in keys.indices where keys[place] != micro[place].key { return false }
    return true
  }

  // MARK: Chains

  private mutating func setState(words: Int) {
    state.removeAll(keepingCapacity: true)
    for _ in 0..<words { state.append(0) }
    for (place, read) in micro.enumerated() where read.isSeen { state[place / 64] |= 1 << UInt64(place % 64) }
  }

  /// The place in the chain of a read that does not compare with the one at hand.
  private func incomparable(_ group: Int, _ seen: Int) -> Int? {
    if groups[group].chain[seen] != Self.none { return isWithin(group, seen, stateIsLarger: true) ? nil : seen }
    var smaller = seen - 1
    while smaller >= 0, groups[group].chain[smaller] == Self.none { smaller -= 1 }
    if smaller >= 0, !isWithin(group, smaller, stateIsLarger: true) { return smaller }
    var larger = seen + 1
    while larger < groups[group].chain.count, groups[group].chain[larger] == Self.none { larger += 1 }
    return larger < groups[group].chain.count && !isWithin(group, larger, stateIsLarger: false) ? larger : nil
  }

  /// Whether the smaller of the chain's state and the one at hand is part of the larger.
  private func isWithin(_ group: Int, _ place: Int, stateIsLarger: Bool) -> Bool {
    let first = groups[group].firstWord(place)
    for word in 0..<groups[group].words {
      let chained = groups[group].states[first + word]
      if (stateIsLarger ? chained & ~state[word] : state[word] & ~chained) != 0 { return false }
    }
    return true
  }

  private mutating func insert(_ transaction: Int, _ group: Int, _ seen: Int) {
    guard groups[group].chain[seen] == Self.none else { return }
    groups[group].chain[seen] = UInt32(truncatingIfNeeded: groups[group].reads.count)
    groups[group].reads.append(UInt32(truncatingIfNeeded: transaction))
    groups[group].states.append(contentsOf: state)
  }

  /// The fork of the read at hand and one of the chain, with a write that only the one saw and one that only the other
  /// did: there is one of each, as neither saw all that the other did.
  private func report(
    _ transaction: Int, _ group: Int, _ place: Int, _ writes: KeyWrites, _ log: inout FindingLog
  ) {
    log.add(.longFork) { witnesses in
      let (keys, first) = (groups[group].keys, groups[group].firstWord(place))
      let other = Int(groups[group].reads[Int(groups[group].chain[place])])
      func isChained(_ key: Int) -> Bool { groups[group].states[first + key / 64] >> (key % 64) & 1 == 1 }
      func isSeen(_ key: Int) -> Bool { state[key / 64] >> (key % 64) & 1 == 1 }
      let there = keys.indices.first { isChained($0) && !isSeen($0) }.map { keys[$0] }
      let here = keys.indices.first { isSeen($0) && !isChained($0) }.map { keys[$0] }
      let reads = [other, transaction].map {
        (Int(transactions.invocations[$0]), Int(transactions.completions[$0]))
      }
      let (one, two) = (name(there), name(here))
      let written = [there, here].compactMap { $0.flatMap { writes.event(ofKey: $0) } }
      return (
        "\(witnesses.name(reads[0].0, reads[0].1)) saw the write of key \(one) but not that of key \(two), and "
          + "\(witnesses.name(reads[1].0, reads[1].1)) saw that of \(two) but not that of \(one): no order of the "
          + "two writes explains both",
        reads.map(\.0) + written, reads.flatMap { [$0.0, $0.1] } + written
      )
    }
  }

  private func name(_ key: UInt32?) -> String { key.map { "\(transactions.key($0))" } ?? "?" }
}
