/// The replicated log of one server (§5.3): entries up to ``lastIndex`` with never decreasing terms, from 1 on or from
/// behind a prefix that a snapshot took the place of (§7).
public struct Log: Sendable {
  private var entries: [Entry] = []
  /// The index just before the first entry held; 0 until a prefix is discarded.
  public private(set) var base: LogIndex
  /// Its term: "retained for the AppendEntries consistency check for the first log entry following the snapshot" (§7).
  public private(set) var baseTerm: Term

  /// An empty log that begins behind entry `base`.
  init(base: LogIndex = 0, term: Term = 0) {
    self.base = base
    baseTerm = term
  }

  /// Entries held in memory.
  public var count: Int { entries.count }
  /// Index of the last entry; 0 for an empty log.
  public var lastIndex: LogIndex { base + LogIndex(entries.count) }
  /// Term of the last entry; 0 for an empty log.
  public var lastTerm: Term { entries.last?.term ?? baseTerm }

  /// The entry at `index`; nil when the log does not hold it.
  public subscript(index: LogIndex) -> Entry? {
    holds(index) ? entries[Int(index - base - 1)] : nil
  }

  /// The term of the entry at `index`, and of the position before the first entry; nil beyond the end.
  public func term(at index: LogIndex) -> Term? {
    if index == base { return baseTerm }
    return holds(index) ? entries[Int(index - base - 1)].term : nil
  }

  /// Whether a log that ends with (`index`, `term`) is at least as up-to-date as this one (§5.4.1).
  func isUpToDate(index: LogIndex, term: Term) -> Bool {
    term != lastTerm ? term > lastTerm : index >= lastIndex
  }

  /// Adds an entry behind the last.
  mutating func append(_ entry: Entry) { entries.append(entry) }

  /// Removes the entry at `index` and everything after it.
  mutating func truncate(from index: LogIndex) {
    guard holds(index) else { return }
    entries.removeSubrange(Int(index - base - 1)...)
  }

  /// Discards the entries up to `index`, if it holds that.
  mutating func compact(through index: LogIndex) {
    guard index > base, let term = term(at: index) else { return }
    entries.removeFirst(Int(index - base))
    base = index
    baseTerm = term
  }

  /// The index just before the tail that ends with entry `index` and has at most so many entries and bytes.
  func startOfTail(before index: LogIndex, entriesMax: Int, bytesMax: Int) -> LogIndex {
    var start = min(index, lastIndex)
    var bytes = 0
    while start > base, index - start < entriesMax {
      bytes += entries[Int(start - base - 1)].byteCount
      if bytes > bytesMax { break }
      start -= 1
    }
    return start
  }

  /// Entries from `index` on, as many as both limits allow, at least one if there is one.
  func slice(from index: LogIndex, entriesMax: Int = .max, bytesMax: Int = .max) -> [Entry] {
    guard holds(index) else { return [] }
    let start = Int(index - base - 1)
    var end = start
    var bytes = 0
    while end < entries.count, end - start < entriesMax {
      bytes += entries[end].byteCount
      if bytes > bytesMax, end > start { break }
      end += 1
    }
    return Array(entries[start..<end])
  }

  /// The first index of the run of entries that have the term of the entry at `index` ("the first index it stores for
  /// that term", §5.3). Binary search: terms never decrease.
  func firstIndexOfTerm(at index: LogIndex) -> LogIndex {
    guard let term = term(at: index), index > base else { return base + 1 }
    return partitioningIndex { $0.term >= term }
  }

  /// The last index with `term`; nil when the log has no entry of that term.
  func lastIndex(ofTerm term: Term) -> LogIndex? {
    let next = partitioningIndex { $0.term > term }
    guard next > base + 1, self.term(at: next - 1) == term else { return nil }
    return next - 1
  }

  /// Whether there is an entry at `index`.
  private func holds(_ index: LogIndex) -> Bool { index > base && index <= lastIndex }

  /// The first index whose entry satisfies a predicate that is false up to some point and true from there on.
  private func partitioningIndex(where belongsToSecondHalf: (Entry) -> Bool) -> LogIndex {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if belongsToSecondHalf(entries[middle]) { high = middle } else { low = middle + 1 }
    }
    return base + 1 + LogIndex(low)
  }
}
