/// Numbers in a row, with the largest of any range in O(log n).
struct ExtremeTree {
  private let width: Int
  /// A heap: the numbers are the leaves.
  private var nodes: [UInt32]

  init(_ numbers: [UInt32]) {
    var width = 1
    while width < numbers.count { width *= 2 }
    self.width = width
    nodes = [UInt32](repeating: 0, count: 2 * width)
    nodes.replaceSubrange(width..<width + numbers.count, with: numbers)
    for node in (1..<width).reversed() { nodes[node] = max(nodes[2 * node], nodes[2 * node + 1]) }
  }

  subscript(place: Int) -> UInt32 {
    get { nodes[width + place] }
    set {
      var node = width + place
      nodes[node] = newValue
      while node > 1 {
        node /= 2
        let largest = max(nodes[2 * node], nodes[2 * node + 1])
        if nodes[node] == largest { return }
        nodes[node] = largest
      }
    }
  }

  /// A place of the largest number of the range; nil if that is 0 or the range is empty.
  func largest(in places: Range<Int>) -> Int? {
    var (low, high) = (width + places.lowerBound, width + places.upperBound)
    var best = 0
    while low < high {
      if low & 1 == 1 {
        if best == 0 || nodes[low] > nodes[best] { best = low }
        low += 1
      }
      if high & 1 == 1 {
        high -= 1
        if best == 0 || nodes[high] > nodes[best] { best = high }
      }
      (low, high) = (low / 2, high / 2)
    }
    if best == 0 || nodes[best] == 0 { return nil }
    while best < width { best = nodes[2 * best] == nodes[best] ? 2 * best : 2 * best + 1 }
    return best - width
  }
}

/// How many intervals cover each place, where interval i covers the places i + 1...reaches[i], under removal of
/// intervals with their place: the first place of a range that none covers in O(log n).
struct CoverCounts {
  /// What a removed place counts: more than all intervals.
  private static let removed: Int32 = 1 << 30

  private let width: Int
  /// The least count below each node of a heap, without what `added` says of the nodes above it.
  private var least: [Int32]
  private var added: [Int32]

  init(reaches: [Int]) {
    var width = 1
    while width < reaches.count { width *= 2 }
    self.width = width
    least = [Int32](repeating: Self.removed, count: 2 * width)
    added = [Int32](repeating: 0, count: 2 * width)
    var changes = [Int32](repeating: 0, count: reaches.count + 2)
    for (place, reach) in reaches.enumerated() where reach > place {
      changes[place + 1] += 1
      changes[reach + 1] -= 1
    }
    var count: Int32 = 0
    for place in reaches.indices {
      count += changes[place]
      least[width + place] = count
    }
    for node in (1..<width).reversed() { least[node] = min(least[2 * node], least[2 * node + 1]) }
  }

  /// Removes the interval of the place, and the place.
  mutating func remove(_ place: Int, reach: Int) {
    if reach > place { add(-1, place + 1..<reach + 1) }
    add(Self.removed, place..<place + 1)
  }

  private mutating func add(_ change: Int32, _ places: Range<Int>) {
    var (low, high) = (width + places.lowerBound, width + places.upperBound)
    let (first, last) = (low, high - 1)
    while low < high {
      if low & 1 == 1 {
        apply(change, low)
        low += 1
      }
      if high & 1 == 1 {
        high -= 1
        apply(change, high)
      }
      (low, high) = (low / 2, high / 2)
    }
    rebuild(above: first)
    rebuild(above: last)
  }

  private mutating func apply(_ change: Int32, _ node: Int) {
    least[node] += change
    added[node] += change
  }

  private mutating func rebuild(above leaf: Int) {
    var node = leaf / 2
    while node > 0 {
      least[node] = min(least[2 * node], least[2 * node + 1]) + added[node]
      node /= 2
    }
  }

  /// The first place of the range that no interval covers and that was not removed.
  func firstUncovered(in places: Range<Int>) -> Int? {
    if places.isEmpty { return nil }
    return firstUncovered(in: places, node: 1, 0..<width, above: 0)
  }

  private func firstUncovered(in places: Range<Int>, node: Int, _ below: Range<Int>, above: Int32) -> Int? {
    if below.upperBound <= places.lowerBound || below.lowerBound >= places.upperBound || least[node] + above > 0 {
      return nil
    }
    if node >= width { return below.lowerBound }
    let middle = (below.lowerBound + below.upperBound) / 2
    let above = above + added[node]
    return firstUncovered(in: places, node: 2 * node, below.lowerBound..<middle, above: above)
      ?? firstUncovered(in: places, node: 2 * node + 1, middle..<below.upperBound, above: above)
  }
}
