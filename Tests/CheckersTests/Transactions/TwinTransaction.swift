import Histories

/// A list-append transaction as the twins of the isolation levels read it: straight from the events.
///
/// Keys and elements are small numbers of one history, so that a definition reads like its text. Elements of different
/// keys may share a number.
struct TwinTransaction {
  enum Step {
    case append(key: Int, element: Int)
    /// Nil where the answer is unknown.
    case read(key: Int, list: [Int]?)

    var key: Int {
      switch self {
      case .append(let key, _), .read(let key, _): key
      }
    }
  }

  enum Outcome {
    case committed
    case unknown
    case failed
  }

  /// Event index.
  var invocation: Int
  /// Event index; nil unless it is known to have committed.
  var completion: Int?
  /// The process, and how many of its transactions before were never answered: after each it is another session.
  var process: Int32
  var session = 0
  var outcome: Outcome
  var steps: [Step]

  /// What it appends to the key, in its order.
  func appends(to key: Int) -> [Int] {
    steps.compactMap { step in
      if case .append(key, let element) = step { return element }
      return nil
    }
  }

  func writes(_ key: Int) -> Bool { !appends(to: key).isEmpty }
  var writtenKeys: Set<Int> { Set(steps.map(\.key).filter(writes)) }
  var isReadOnly: Bool { writtenKeys.isEmpty }

  /// Known reads: their place, key and list.
  var reads: [(place: Int, key: Int, list: [Int])] {
    steps.enumerated().compactMap { place, step in
      if case .read(let key, let list?) = step { return (place, key, list) }
      return nil
    }
  }

  /// What the transaction appended to the key before a place.
  func appends(to key: Int, before place: Int) -> [Int] {
    steps[..<place].compactMap { step in
      if case .append(key, let element) = step { return element }
      return nil
    }
  }

  /// What known reads show of other transactions' versions: their place, key and list, without the own appends that the
  /// list ends in. One that does not end in them shows no version.
  var outsideReads: [(place: Int, key: Int, list: [Int], isOwn: Bool)] {
    reads.compactMap { read in
      let own = appends(to: read.key, before: read.place)
      guard read.list.suffix(own.count) == own[...] else { return nil }
      return (read.place, read.key, Array(read.list.dropLast(own.count)), !own.isEmpty)
    }
  }

  /// Executes alone on these lists; false if a read must have answered otherwise.
  func run(on lists: inout [[Int]]) -> Bool {
    for step in steps {
      switch step {
      case .append(let key, let element): lists[key].append(element)
      case .read(let key, let list?) where lists[key] != list: return false
      case .read: break
      }
    }
    return true
  }

  /// The other comes later in the same process.
  func precedesInProcess(_ other: TwinTransaction) -> Bool {
    process == other.process && session == other.session && invocation < other.invocation
  }

  /// It had completed before the other was invoked.
  func precedesInRealTime(_ other: TwinTransaction) -> Bool { completion.map { $0 < other.invocation } ?? false }
}

/// The transactions of a history.
struct TwinHistory {
  private(set) var transactions: [TwinTransaction] = []
  private var keyNumbers: [Value: Int] = [:]
  private var elementNumbers: [Value: Int] = [:]

  var keys: Int { keyNumbers.count }

  init(_ history: History) throws {
    let operations = try Operations(history)
    for position in 0..<operations.count {
      let operation = operations[position]
      let isCommitted = operation.outcome == .ok
      let steps = (isCommitted ? operation.output : operation.input).list ?? []
      transactions.append(
        TwinTransaction(
          invocation: operation.invocation, completion: isCommitted ? operation.completion : nil,
          process: operation.process.rawValue,
          session: transactions.count { $0.process == operation.process.rawValue && $0.outcome == .unknown },
          outcome: isCommitted ? .committed : operation.outcome == .fail ? .failed : .unknown,
          steps: steps.map { step($0.list ?? [], isCommitted) }))
    }
  }

  private mutating func step(_ parts: [Value], _ isCommitted: Bool) -> TwinTransaction.Step {
    let key = keyNumbers[parts[1], default: keyNumbers.count]
    keyNumbers[parts[1]] = key
    if parts[0] == "append" { return .append(key: key, element: element(parts[2])) }
    return .read(key: key, list: isCommitted ? (parts[2].list ?? []).map { element($0) } : nil)
  }

  private mutating func element(_ value: Value) -> Int {
    let number = elementNumbers[value, default: elementNumbers.count]
    elementNumbers[value] = number
    return number
  }

  /// Every set of transactions that may be the committed ones: all that are known to be, with some of unknown outcome.
  var committedSets: [[TwinTransaction]] {
    let unknown = transactions.indices.filter { transactions[$0].outcome == .unknown }
    return (0..<(1 << unknown.count)).map { chosen in
      transactions.enumerated().compactMap { number, transaction in
        switch transaction.outcome {
        case .committed: return transaction
        case .failed: return nil
        case .unknown:
          guard let bit = unknown.firstIndex(of: number) else { return nil }
          return chosen >> bit & 1 == 1 ? transaction : nil
        }
      }
    }
  }
}
