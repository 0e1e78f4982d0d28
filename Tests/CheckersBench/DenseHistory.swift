import Generators
import Histories

/// Transactions of which nearly all are on cycles with each other: what a database without any isolation can make.
enum DenseHistory {
  /// What the transactions read of each other.
  enum Shape: String, CaseIterable {
    /// Of both neighbours and of one far away, each at random seen or missed; every two also write one key together.
    case tangle
    /// Of the one before, never seen, all the way round: without real time the only cycle has all of them.
    case ring
  }

  private static let clients = 100

  static func history(_ shape: Shape, transactions count: Int, seed: UInt64) -> History {
    var random = RandomStreams(seed: seed).stream("bench/dense")
    var history = History(keyed: false)
    var open: [Int] = []
    let micro = (0..<count).map { shape == .tangle ? tangled($0, count, &random) : ringed($0, count) }
    for number in 0..<count {
      if open.count == clients { complete(open.removeFirst(), micro, &history) }
      append(number, .invoke, micro[number].map { $0.list?[0] == "r" ? ["r", $0.list?[1] ?? nil, nil] : $0 }, &history)
      open.append(number)
    }
    for number in open { complete(number, micro, &history) }
    // Who wrote first of each pair of neighbours is told by a last transaction that nobody else depends on.
    if shape == .tangle {
      let reads = (0..<count / 2).map { pair in
        Value.list(["r", .int(Int64(count + pair)), [.int(Int64(pair % 2)), .int(Int64(1 - pair % 2))]])
      }
      append(count, .invoke, reads.map { ["r", $0.list?[1] ?? nil, nil] }, &history)
      append(count, .ok, reads, &history)
    }
    return history
  }

  /// Key n is appended to by transaction n alone, key `count + n` by the transactions 2n and 2n + 1.
  private static func tangled(_ number: Int, _ count: Int, _ random: inout RandomStream) -> [Value] {
    let others = [(number + 1) % count, (number + count - 1) % count, random.below(count)]
    let reads = Set(others).subtracting([number]).sorted().map { other -> Value in
      ["r", .int(Int64(other)), random.below(2) == 0 ? [] : [.int(0)]]
    }
    let pair: Value = ["append", .int(Int64(count + number / 2)), .int(Int64(number % 2))]
    return reads + [["append", .int(Int64(number)), .int(0)]] + (number / 2 < count / 2 ? [pair] : [])
  }

  private static func ringed(_ number: Int, _ count: Int) -> [Value] {
    [["r", .int(Int64((number + count - 1) % count)), []], ["append", .int(Int64(number)), .int(0)]]
  }

  private static func complete(_ number: Int, _ micro: [[Value]], _ history: inout History) {
    append(number, .ok, micro[number], &history)
  }

  private static func append(_ number: Int, _ type: EventType, _ micro: [Value], _ history: inout History) {
    history.append(
      Event(
        index: 0, time: Int64(history.count), process: ProcessID(Int32(number % clients)), type: type,
        function: "txn", value: .list(micro)))
  }
}
