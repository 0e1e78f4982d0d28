import Generators
import Histories

/// Small random histories of list-append transactions, from databases that isolate them more or less well.
///
/// A database has an order of its transactions, in which it applies appends, and tells each transaction what of them it
/// sees: how, is its `Behaviour`. Which transactions failed, of which nobody knows, and when each ran, is added after.
struct IsolationHistories {
  /// How reads are answered.
  enum Behaviour: CaseIterable {
    /// Everything before.
    case serial
    /// Everything up to some point: write skew and lost updates.
    case snapshot
    /// The same, past the last writer of a key that the transaction writes too.
    case validatedSnapshot
    /// Some transactions whole, with all that they saw: long fork and lost updates.
    case causal
    /// The same, with all writers of the keys that the transaction writes.
    case parallelSnapshot
    /// Some transactions whole.
    case atomic
    /// Each read what was committed at its time.
    case committed
    /// Each key at some commit.
    case fractured
    /// Anything: also what is not complete, not committed or comes later.
    case dirty
    /// Each key has an order of its own.
    case mixedWrites
  }

  private enum Operation {
    case append(key: Int, element: Int)
    case read(key: Int)
  }

  private struct Transaction {
    var operations: [Operation]
    /// By read, in order.
    var answers: [[Int]] = []
    /// Nil: nobody said.
    var end: EventType? = .ok
    var process = 0
    var isInvoked = false

    func appends(to key: Int) -> [Int] {
      operations.compactMap { operation in
        if case .append(key, let element) = operation { return element }
        return nil
      }
    }
  }

  private var random: RandomStream
  private var transactions: [Transaction] = []
  private var keys = 1
  /// By key: its list in the end.
  private var lists: [[Int]] = []
  /// By transaction: those that it sees, for behaviours with whole transactions.
  private var visible: [Set<Int>] = []

  init(_ random: RandomStream) { self.random = random }

  private mutating func chance(_ percent: Int) -> Bool { random.below(100) < percent }

  mutating func next(transactionsMax: Int = 5) -> History {
    let behaviours: [Behaviour] = [
      .serial, .serial, .serial, .serial, .serial, .serial, .snapshot, .snapshot, .validatedSnapshot,
      .validatedSnapshot,
      .causal, .parallelSnapshot, .atomic, .committed, .fractured, .fractured, .dirty, .dirty, .mixedWrites,
      .mixedWrites, .mixedWrites, .mixedWrites, .mixedWrites, .mixedWrites, .mixedWrites,
    ]
    let behaviour = behaviours[random.below(behaviours.count)]
    plan(behaviour == .mixedWrites ? transactionsMax : max(2, transactionsMax - random.below(3)), behaviour)
    if behaviour == .mixedWrites { mixWrites() }
    for number in transactions.indices { answer(number, behaviour) }
    if chance(18) { spoil() }
    return record(behaviour)
  }

  // MARK: Plan

  private mutating func plan(_ count: Int, _ behaviour: Behaviour) {
    let isMixed = behaviour == .mixedWrites
    keys = isMixed ? 2 : [1, 2, 2, 2, 3][random.below(5)]
    transactions = []
    visible = []
    var elements = 0
    let (readPercent, most) = (isMixed ? 30 : [35, 50, 65][random.below(3)], isMixed ? 4 : 2 + random.below(3))
    let finalReads = chance(isMixed ? 90 : 40)
    for number in 0..<count {
      var operations: [Operation] = []
      if finalReads, number == count - 1 {
        operations = (0..<keys).map { .read(key: $0) }
      } else {
        for _ in 0...max(isMixed ? 2 : 1, random.below(most)) {
          let key = random.below(keys)
          elements += 1
          operations.append(chance(readPercent) ? .read(key: key) : .append(key: key, element: elements))
        }
      }
      transactions.append(Transaction(operations: operations))
      if chance(12) { transactions[number].end = [.info, nil, .fail][random.below(3)] }
    }
    lists = (0..<keys).map { key in kept(chance(70)).flatMap { transactions[$0].appends(to: key) } }
  }

  /// The transactions whose appends are in the lists: those that failed seldom, those of unknown outcome by chance.
  private mutating func kept(_ isClean: Bool) -> [Int] {
    transactions.indices.filter { number in
      switch transactions[number].end {
      case .ok: true
      case .fail: !isClean && chance(30)
      default: chance(60)
      }
    }
  }

  /// Another order of each key's appends: by transactions, or of single appends.
  private mutating func mixWrites() {
    for key in 0..<keys {
      if chance(60) {
        let order = transactions.indices.shuffled(using: &random)
        let known = Set(lists[key])
        lists[key] = order.flatMap { transactions[$0].appends(to: key) }.filter { known.contains($0) }
      } else {
        lists[key].shuffle(using: &random)
      }
    }
  }

  // MARK: Answers

  private mutating func answer(_ number: Int, _ behaviour: Behaviour) {
    let seen = visibleSet(number, behaviour)
    visible.append(seen)
    var views = [[Int]?](repeating: nil, count: keys)
    var point = random.below(number + 1)
    for operation in transactions[number].operations {
      switch operation {
      case .append(let key, let element): views[key] = (views[key] ?? view(key, number, seen)) + [element]
      case .read(let key):
        var list = views[key] ?? view(key, number, seen)
        switch behaviour {
        case .committed:
          point += random.below(number - point + 1)
          if views[key] == nil || !isOwn(key, views[key], number) { list = view(key, number, Set(0..<point)) }
        case .fractured:
          list = views[key] ?? view(key, number, Set(0..<random.below(number + 1)))
        case .dirty, .mixedWrites:
          let isWhole = behaviour == .mixedWrites && chance(85)
          if isWhole, views[key] == nil {
            list = lists[key]
          } else if views[key] == nil || chance(5) {
            list = Array(lists[key].prefix(random.below(lists[key].count + 1)))
          }
        default: break
        }
        views[key] = list
        transactions[number].answers.append(list)
      }
    }
  }

  private func isOwn(_ key: Int, _ list: [Int]?, _ number: Int) -> Bool {
    list?.last.map { transactions[number].appends(to: key).contains($0) } ?? false
  }

  /// The key's version up to the last writer that the transaction sees; after its own append, its own version.
  private func view(_ key: Int, _ number: Int, _ seen: Set<Int>) -> [Int] {
    let last = lists[key].lastIndex { element in seen.contains { transactions[$0].appends(to: key).contains(element) } }
    return Array(lists[key].prefix(last.map { $0 + 1 } ?? 0))
  }

  private mutating func visibleSet(_ number: Int, _ behaviour: Behaviour) -> Set<Int> {
    let point = chance(50) ? number : random.below(number + 1)
    switch behaviour {
    case .serial, .mixedWrites, .dirty, .committed, .fractured: return Set(0..<number)
    case .snapshot: return Set(0..<point)
    case .validatedSnapshot: return Set(0..<max(point, (conflicts(number).max() ?? -1) + 1))
    case .atomic: return Set((0..<number).filter { _ in chance(50) })
    case .causal: return closed(Set((0..<number).filter { _ in chance(40) }))
    case .parallelSnapshot: return closed(Set((0..<number).filter { _ in chance(30) }).union(conflicts(number)))
    }
  }

  /// Those before that write a key that this one writes.
  private func conflicts(_ number: Int) -> Set<Int> {
    Set(
      (0..<number).filter { other in
        (0..<keys).contains {
          !transactions[other].appends(to: $0).isEmpty && !transactions[number].appends(to: $0).isEmpty
        }
      })
  }

  private func closed(_ seen: Set<Int>) -> Set<Int> { seen.reduce(into: seen) { $0.formUnion(visible[$1]) } }

  /// One answer that no database would give.
  private mutating func spoil() {
    let readers = transactions.indices.filter { !transactions[$0].answers.isEmpty }
    guard let reader = readers.randomElement(using: &random) else { return }
    let place = random.below(transactions[reader].answers.count)
    var list = transactions[reader].answers[place]
    switch random.below(5) {
    case 0: list.append(99)
    case 1: list += list.prefix(1)
    case 2: list = list.reversed()
    case 3: list = Array(list.dropLast())
    default: list = Array(list.dropFirst())
    }
    transactions[reader].answers[place] = list
  }

  // MARK: Recording

  /// The order in which the transactions are invoked: that of the database, that of each process, or any.
  private mutating func invocationOrder(_ behaviour: Behaviour) -> [Int] {
    let processes = 2 + random.below(2)
    for number in transactions.indices { transactions[number].process = random.below(processes) }
    let order = Array(transactions.indices)
    switch random.below(behaviour == .serial ? 5 : 3) {
    case 0: return order.shuffled(using: &random)
    case 1:
      var left = (0..<processes).map { process in order.filter { transactions[$0].process == process } }
      return order.map { _ in
        let open = left.indices.filter { !left[$0].isEmpty }
        return left[open[random.below(open.count)]].removeFirst()
      }
    default: return order
    }
  }

  private mutating func record(_ behaviour: Behaviour) -> History {
    var history = History()
    var open: [Int] = []
    let order = invocationOrder(behaviour)
    let endPercent = [20, 60, 90][random.below(3)]
    for number in order {
      for other in open
      where transactions[other].process % 10 == transactions[number].process % 10 || chance(endPercent) {
        open.removeAll { $0 == other }
        complete(other, &history)
      }
      append(number, .invoke, &history)
      transactions[number].isInvoked = true
      open.append(number)
    }
    for number in open { complete(number, &history) }
    return history
  }

  /// A process ends with an unknown outcome: what is left to do for it, another one does.
  private mutating func complete(_ number: Int, _ history: inout History) {
    let transaction = transactions[number]
    if let end = transaction.end { append(number, end, &history) }
    if transaction.end == .ok || transaction.end == .fail { return }
    for other in transactions.indices
    where transactions[other].process == transaction.process && !transactions[other].isInvoked {
      transactions[other].process += 10
    }
  }

  private func append(_ number: Int, _ type: EventType, _ history: inout History) {
    var answers = transactions[number].answers[...]
    let micro = transactions[number].operations.map { operation -> Value in
      switch operation {
      case .append(let key, let element): return ["append", .int(Int64(key)), .int(Int64(element))]
      case .read(let key):
        let answer = answers.removeFirst()
        return ["r", .int(Int64(key)), type == .ok ? .list(answer.map { .int(Int64($0)) }) : .null]
      }
    }
    history.append(
      Event(
        index: 0, time: Int64(number), process: ProcessID(Int32(transactions[number].process)), type: type,
        function: "txn", value: .list(micro)))
  }
}
