/// The configurations that a search has visited: rows of words, compared whole, never by a hash alone.
final class PositionMemo {
  private let width: Int
  private var rows: UnsafeMutablePointer<UInt32>
  private var capacity = 64
  private(set) var count = 0
  /// Open addressing: row plus one, or 0.
  private var table: UnsafeMutablePointer<UInt32>
  private var tableSize = 128

  /// - Parameter width: words of a row.
  init(width: Int) {
    self.width = width
    rows = .allocate(capacity: capacity * max(1, width))
    table = .allocate(capacity: tableSize)
    table.initialize(repeating: 0, count: tableSize)
  }

  deinit {
    rows.deallocate()
    table.deallocate()
  }

  var bytes: Int { capacity * width * 4 + tableSize * 4 }
  /// Whether the next insertion allocates: at most as much again as `bytes` now.
  var needsGrowth: Bool { count == capacity }

  /// Adds a row; false if it is there.
  func insert(_ row: UnsafePointer<UInt32>) -> Bool {
    if needsGrowth { grow() }
    let place = place(of: row)
    if table[place] != 0 { return false }
    (rows + count * width).update(from: row, count: width)
    count += 1
    table[place] = UInt32(count)
    return true
  }

  private func place(of row: UnsafePointer<UInt32>) -> Int {
    var place = hash(row) & (tableSize - 1)
    while table[place] != 0, !isEqual(rows + (Int(table[place]) - 1) * width, row) {
      place = (place + 1) & (tableSize - 1)
    }
    return place
  }

  private func isEqual(_ first: UnsafePointer<UInt32>, _ second: UnsafePointer<UInt32>) -> Bool {
    for word in 0..<width where first[word] != second[word] { return false }
    return true
  }

  private func hash(_ row: UnsafePointer<UInt32>) -> Int {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
    for word in 0..<width {
      hash = (hash ^ UInt64(row[word])) &* 0xD6E8_FEB8_6659_FD93
      hash ^= hash >> 32
    }
    return Int(truncatingIfNeeded: hash & 0x7FFF_FFFF_FFFF_FFFF)
  }

  /// Doubles the rows, and the table with them: it is never more than half full.
  private func grow() {
    let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2 * max(1, width))
    larger.moveInitialize(from: rows, count: count * width)
    rows.deallocate()
    rows = larger
    capacity *= 2
    table.deallocate()
    tableSize *= 2
    table = .allocate(capacity: tableSize)
    table.initialize(repeating: 0, count: tableSize)
    for row in 0..<count { table[place(of: rows + row * width)] = UInt32(row + 1) }
  }
}
