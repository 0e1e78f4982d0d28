/// How many crashed operations of each class a configuration has used, as interned multisets.
///
/// A history with thousands of crashed operations has as many classes, but a configuration uses few of them: a multiset
/// is a sorted list of (class, count) in one arena, and configurations hold its id. Id 0 is the empty one.
final class UsageTable {
  /// Sorted by class: class in the upper half, count in the lower.
  private var entries: [UInt64] = []
  private var starts: [UInt32] = [0, 0]
  private var totals: [UInt32] = [0]
  private var ids: [Int: [UInt32]] = [:]
  /// (multiset, class) → the multiset with one more of the class.
  private var successors: [UInt64: UInt32] = [:]

  var count: Int { totals.count }

  /// Bytes of the arena and the dictionaries, about.
  var bytes: Int { entries.capacity * 8 + totals.capacity * 4 + starts.capacity * 4 + totals.count * 120 }

  /// How many operations the multiset holds in all.
  func total(_ id: UInt32) -> UInt32 { totals[Int(id)] }

  func count(of crashClass: UInt32, in id: UInt32) -> UInt32 {
    if id == 0 { return 0 }
    for place in range(id) where entries[place] >> 32 == UInt64(crashClass) {
      return UInt32(truncatingIfNeeded: entries[place])
    }
    return 0
  }

  /// Whether `small` uses no more of any class than `large`.
  func isWithin(_ small: UInt32, _ large: UInt32) -> Bool {
    if small == large || small == 0 { return true }
    if totals[Int(small)] >= totals[Int(large)] { return false }
    var other = range(large)
    for place in range(small) {
      let crashClass = entries[place] >> 32
      while let first = other.first, entries[first] >> 32 < crashClass { other.removeFirst() }
      guard let first = other.first, entries[first] >> 32 == crashClass, entries[place] <= entries[first] else {
        return false
      }
    }
    return true
  }

  /// The multiset with one more operation of the class.
  func adding(_ crashClass: UInt32, to id: UInt32) -> UInt32 {
    let key = UInt64(id) << 32 | UInt64(crashClass)
    if let next = successors[key] { return next }
    var list = Array(entries[range(id)])
    let place = list.firstIndex { $0 >> 32 >= UInt64(crashClass) } ?? list.count
    if place < list.count, list[place] >> 32 == UInt64(crashClass) {
      list[place] += 1
    } else {
      list.insert(UInt64(crashClass) << 32 | 1, at: place)
    }
    let next = intern(list, total: totals[Int(id)] + 1)
    successors[key] = next
    return next
  }

  private func range(_ id: UInt32) -> Range<Int> { Int(starts[Int(id)])..<Int(starts[Int(id) + 1]) }

  private func intern(_ list: [UInt64], total: UInt32) -> UInt32 {
    let hash = list.hashValue
    for id in ids[hash] ?? [] where entries[range(id)].elementsEqual(list) { return id }
    let id = UInt32(totals.count)
    entries.append(contentsOf: list)
    starts.append(UInt32(entries.count))
    totals.append(total)
    ids[hash, default: []].append(id)
    return id
  }
}
