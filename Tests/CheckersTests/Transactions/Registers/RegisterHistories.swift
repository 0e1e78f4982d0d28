import Generators
import Histories

/// Small random histories on registers.
///
/// Half are those of lists, from databases that isolate more or less well, with each list seen through its last element.
/// The others have reads of any value that somebody wrote, which shows cycles that no simple database makes.
struct RegisterHistories {
  private var lists: IsolationHistories
  private var random: RandomStream

  init(_ lists: IsolationHistories, _ random: RandomStream) { (self.lists, self.random) = (lists, random) }

  mutating func next(transactionsMax: Int) -> History {
    if random.below(2) == 0 { return Self.registers(lists.next(transactionsMax: transactionsMax)) }
    return anyReads(of: transactionsMax)
  }

  static func registers(_ history: History) -> History {
    History(
      history.events.map { event in
        var event = event
        event.value = .list((event.value.list ?? []).map(register))
        return event
      })
  }

  private static func register(_ micro: Value) -> Value {
    guard let parts = micro.list else { return micro }
    if parts[0] == "append" { return ["w", parts[1], parts[2]] }
    return ["r", parts[1], parts[2].list?.last ?? .null]
  }

  // MARK: Any reads

  private struct Transaction {
    var micro: [(key: Int, value: Int?)] = []
    var end: EventType = .ok
    var process = 0
  }

  private mutating func anyReads(of count: Int) -> History {
    let keys = 1 + random.below(3)
    var transactions = (0..<count).map { _ in Transaction() }
    var written = [[Int]](repeating: [], count: keys)
    var value = 0
    for number in transactions.indices {
      transactions[number].process = random.below(3)
      if random.below(12) == 0 { transactions[number].end = random.below(2) == 0 ? .info : .fail }
      // Mostly one read or write of a key: more are mostly internal contradictions.
      for key in 0..<keys {
        let kind = random.below(6)
        if kind == 0 || kind == 1 || kind == 5 { transactions[number].micro.append((key, nil)) }
        if kind == 2 || kind == 3 || kind == 5 {
          value += 1
          transactions[number].micro.append((key, value))
          written[key].append(value)
        }
      }
      if random.below(2) == 0 { transactions[number].micro.reverse() }
    }
    return record(transactions, written)
  }

  private mutating func record(_ transactions: [Transaction], _ written: [[Int]]) -> History {
    var history = History()
    var open: [Int] = []
    let endPercent = [20, 60, 90][random.below(3)]
    for number in transactions.indices {
      for other in open
      where transactions[other].process == transactions[number].process || random.below(100) < endPercent {
        open.removeAll { $0 == other }
        append(transactions[other], transactions[other].end, written, &history)
      }
      append(transactions[number], .invoke, written, &history)
      open.append(number)
    }
    for number in open where random.below(10) > 0 || transactions[number].end == .ok {
      append(transactions[number], transactions[number].end, written, &history)
    }
    return history
  }

  private mutating func append(
    _ transaction: Transaction, _ type: EventType, _ written: [[Int]], _ history: inout History
  ) {
    let micro = transaction.micro.map { micro -> Value in
      if let value = micro.value { return ["w", .int(Int64(micro.key)), .int(Int64(value))] }
      let place = random.below(written[micro.key].count + 1)
      let answer = place == 0 ? Value.null : .int(Int64(written[micro.key][place - 1]))
      return ["r", .int(Int64(micro.key)), type == .ok ? answer : .null]
    }
    history.append(
      Event(
        index: 0, time: 0, process: ProcessID(Int32(transaction.process)), type: type, function: "txn",
        value: .list(micro)))
  }
}
