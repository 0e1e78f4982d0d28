import Glibc
import Histories

/// The versions of every key of a list-append history, as far as reads show them.
///
/// The order of a key's versions is its longest read, of which every other must be a prefix (CHECKERS 2; Kingsbury and
/// Alvaro, "Elle", VLDB 2020, section 4.2). Version n is the list of the first n elements.
struct ListVersions {
  static let none = UInt32.max

  /// The elements of key k: places `starts[k]..<starts[k + 1]`.
  private(set) var starts: [UInt32] = [0]
  /// By place: the append that made the element, as its place in `Transactions.operations`; none if nobody did.
  private(set) var writers: [UInt32] = []
  /// By append (place in `Transactions.operations`): its position in its key's list, from 0; none if no read shows it.
  private(set) var positions: [UInt32]
  /// By read (place in `Transactions.operations`): the length of its list; none if it is unknown or no prefix of the
  /// longest.
  private(set) var lengths: [UInt32]
  /// By read (place in `Transactions.operations`): the length of the version that it read from outside; none if there is
  /// none. After own appends that is what the list shows below them: a list that ends in these says what they were put
  /// on, and one that does not is no version with them on top (`internal`).
  private(set) var outside: [UInt32]
  /// By key: a read that shows the longest list, as a place in `Transactions.operations`; none if there is none.
  private(set) var longest: [UInt32]
  /// Reads that are no prefix of the longest, by place in `Transactions.operations`.
  private(set) var incompatible: [UInt32] = []
  /// Appends, by place in `Transactions.operations`, that such reads show: they have no position, but were seen.
  private(set) var shownElsewhere: Set<UInt32> = []
  /// Longest reads that show an element twice, each with the position of the second.
  private(set) var duplicates: [(read: UInt32, position: UInt32)] = []

  func count(_ key: UInt32) -> Int { Int(starts[Int(key) + 1] - starts[Int(key)]) }

  /// The append that made the n-th element of the key.
  func writer(_ key: UInt32, _ position: Int) -> UInt32 { writers[Int(starts[Int(key)]) + position] }

  /// The same, but none for an element that the list shows again: it is no version.
  func firstWriter(_ key: UInt32, _ position: Int) -> UInt32 {
    let append = writer(key, position)
    return append != Self.none && positions[Int(append)] == UInt32(position) ? append : Self.none
  }

  init(_ transactions: Transactions, _ appends: AppendIndex) {
    let operations = transactions.operations
    positions = Array(repeating: Self.none, count: operations.count)
    (lengths, outside) = (positions, positions)
    longest = Array(repeating: Self.none, count: transactions.keys.count)
    transactions.history.values.withLists { lists in
      findLongest(operations, lists)
      for key in 0..<longest.count { addElements(UInt32(key), operations, lists, appends) }
      findIncompatible(operations, lists, appends)
    }
    findOutside(operations)
  }

  private mutating func findLongest(_ operations: [Transactions.MicroOperation], _ lists: ListWords) {
    var most = [Int](repeating: 0, count: longest.count)
    for (place, operation) in operations.enumerated() where operation.isKnown {
      let length = lists[operation.value]?.count ?? 0
      let key = Int(operation.key)
      if longest[key] == Self.none || length > most[key] {
        most[key] = length
        longest[key] = UInt32(place)
      }
    }
  }

  private mutating func addElements(
    _ key: UInt32, _ operations: [Transactions.MicroOperation], _ lists: ListWords, _ appends: AppendIndex
  ) {
    defer { starts.append(UInt32(writers.count)) }
    guard longest[Int(key)] != Self.none, let elements = lists[operations[Int(longest[Int(key)])].value] else { return }
    for (position, element) in elements.enumerated() {
      let append = appends.find(key, ValueWord(rawValue: element))
      writers.append(append)
      if append == Self.none { continue }
      if positions[Int(append)] == Self.none {
        positions[Int(append)] = UInt32(position)
      } else {
        duplicates.append((longest[Int(key)], UInt32(position)))
      }
    }
  }

  private mutating func findIncompatible(
    _ operations: [Transactions.MicroOperation], _ lists: ListWords, _ appends: AppendIndex
  ) {
    for (place, operation) in operations.enumerated() where operation.isKnown {
      let elements = lists[operation.value]
      let whole = lists[operations[Int(longest[Int(operation.key)])].value]
      guard let elements, let base = whole?.baseAddress, !isPrefix(elements, of: base) else {
        lengths[place] = UInt32(elements?.count ?? 0)
        continue
      }
      incompatible.append(UInt32(place))
      for element in elements {
        let append = appends.find(operation.key, ValueWord(rawValue: element))
        if append != AppendIndex.none { shownElsewhere.insert(append) }
      }
    }
  }

  /// Own appends of the transaction at hand to one key.
  private struct Own {
    var transaction = UInt32.max
    /// The position of the first, and how many follow it one by one; none if they do not.
    var first = ListVersions.none
    var count: UInt32 = 0
  }

  private mutating func findOutside(_ operations: [Transactions.MicroOperation]) {
    var own = [Own](repeating: Own(), count: longest.count)
    for (place, operation) in operations.enumerated() {
      guard operation.kind == .write else {
        if !operation.isKnown { continue }
        outside[place] = operation.isOwn ? below(own[Int(operation.key)], lengths[place]) : lengths[place]
        continue
      }
      if !operation.isShared { continue }
      let known = own[Int(operation.key)]
      let position = positions[place]
      if known.transaction != operation.transaction {
        own[Int(operation.key)] = Own(transaction: operation.transaction, first: position, count: 1)
      } else if known.first != Self.none, position == known.first + known.count {
        own[Int(operation.key)].count += 1
      } else {
        own[Int(operation.key)].first = Self.none
      }
    }
  }

  /// The length of what is below own appends that a list of this length ends in.
  private func below(_ own: Own, _ length: UInt32) -> UInt32 {
    guard own.first != Self.none, length != Self.none, length == own.first + own.count else { return Self.none }
    return own.first
  }

  /// - Parameter whole: at least as many words.
  @inline(__always)
  private func isPrefix(_ elements: UnsafeBufferPointer<UInt64>, of whole: UnsafePointer<UInt64>) -> Bool {
    guard let base = elements.baseAddress, base != whole else { return true }
    return memcmp(base, whole, elements.count * MemoryLayout<UInt64>.stride) == 0
  }
}
