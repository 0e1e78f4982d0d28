import RaftKV
import SimulationKit

/// The promise about transactions. What clients *asked* for is replayed in the order of the committed log on a map of this
/// file's own, whatever the entries hold, and each answer is compared. One that left no entry must fit some moment of its
/// time.
struct Isolation {
  private struct Version {
    var index: LogIndex
    var value: StoredValue
  }

  private struct Fate {
    var index: LogIndex
    var outcome: Outcome
  }

  let promise: TransactionPromise
  /// By key, every value it ever had, ascending by index.
  private var versions: [Bytes: [Version]] = [:]
  /// By each value that a client's transaction writes, which is unique: the transaction, as it was asked for.
  private var requested: [Bytes: Transaction] = [:]
  /// By transaction: what became of it in the log.
  private var fates: [Transaction: Fate] = [:]
  /// By unique value: the entry that wrote it.
  private var writtenAt: [Bytes: LogIndex] = [:]
  /// Transactions that certainly did not happen.
  private var refused: Set<Transaction> = []
  /// The highest index that a completed transaction has shown to be in effect.
  private(set) var floor: LogIndex = 0

  init(_ promise: TransactionPromise) { self.promise = promise }

  /// A client is about to ask for it.
  mutating func began(_ transaction: Transaction) {
    for value in transaction.operations.compactMap(\.ownValue) { requested[value] = transaction }
  }

  /// Follows the committed log by one entry.
  mutating func committed(_ entry: Entry, at index: LogIndex) throws {
    guard case .command(.transaction(let part), _) = entry.payload else { return }
    let values = part.operations.compactMap(\.ownValue).filter { requested[$0] != nil }
    for value in values {
      if let first = writtenAt.updateValue(index, forKey: value) {
        throw Violation("At Most Once", "the step committed at \(first) was committed again at \(index)")
      }
    }
    guard let transaction = values.first.flatMap({ requested[$0] }), fates[transaction] == nil else { return }
    if refused.contains(transaction) {
      throw Violation("Definite Refusals", "a transaction that was refused for certain was committed at \(index)")
    }
    // Below the strongest promise a guard that is not in the entry was looked at before it.
    let isStrict = promise == .strictSerializability
    let (outcome, changes) = replay(isStrict ? transaction : transaction.keepingGuards(of: part), after: index - 1)
    // The server may abort it for its own reasons, but then by a rule that stands in the entry.
    let isConflict = part.unchangedSince.map { isConflicting(part, since: $0) } ?? false
    fates[transaction] = Fate(index: index, outcome: isConflict ? .aborted(.conflict) : outcome)
    guard !isConflict else { return }
    for (key, value) in changes { versions[key, default: []].append(Version(index: index, value: value)) }
  }

  private func isConflicting(_ transaction: Transaction, since index: LogIndex) -> Bool {
    transaction.operations.contains { $0.hasEffect && (versions[$0.key]?.last?.index ?? 0) > index }
  }

  /// What a transaction gives and changes if it happens just after entry `index`.
  private func replay(_ transaction: Transaction, after index: LogIndex) -> (Outcome, [Bytes: StoredValue]) {
    var map: [Bytes: StoredValue] = [:]
    for key in Set(transaction.operations.map(\.key)) {
      map[key] = versions[key]?.last { $0.index <= index }?.value
    }
    var changes: [Bytes: StoredValue] = [:]
    var reads: [StoredValue?] = []
    for operation in transaction.operations {
      let present = changes[operation.key] ?? map[operation.key]
      switch operation {
      case .read: reads.append(present)
      case .write(let key, let value): changes[key] = .register(value)
      case .append(let key, let element): changes[key] = .list((present?.elements ?? []) + [element])
      case .add(let key, let amount):
        changes[key] = .register(Bytes("\((present?.number ?? 0) + amount)".utf8))
      case .atLeast(_, let amount):
        guard present?.number ?? 0 >= amount else { return (.aborted(.insufficient), [:]) }
      }
    }
    return (.committed(reads), changes)
  }

  /// A client got its answer. `floorAtStart` is the floor at the time of its invocation.
  mutating func completed(_ transaction: Transaction, _ outcome: Outcome, floorAtStart: LogIndex) throws {
    switch outcome {
    case .unknown: return
    case .noLeader, .overloaded:
      if let fate = fates[transaction], transaction.hasEffect {
        throw Violation("Definite Refusals", "the transaction committed at \(fate.index) was refused for certain")
      }
      if transaction.hasEffect { refused.insert(transaction) }
    case .aborted(.conflict) where fates[transaction] == nil: return
    default:
      if transaction.hasEffect, let fate = fates[transaction] {
        try check(outcome, against: fate, of: transaction, floorAtStart: floorAtStart)
      } else {
        try findMoment(of: transaction, outcome, floorAtStart: floorAtStart)
      }
    }
  }

  private mutating func check(
    _ outcome: Outcome, against fate: Fate, of transaction: Transaction, floorAtStart: LogIndex
  ) throws {
    guard fate.index > floorAtStart, isAllowed(outcome, fate, of: transaction, since: floorAtStart) else {
      throw Violation(
        promise.rawValue, "\(transaction.text) at \(fate.index) was answered \(outcome.text), not \(fate.outcome.text)")
    }
    floor = max(floor, fate.index)
  }

  private func isAllowed(_ outcome: Outcome, _ fate: Fate, of transaction: Transaction, since start: LogIndex) -> Bool {
    if outcome == fate.outcome { return true }
    switch promise {
    case .strictSerializability: return false
    case .snapshotIsolation:
      return moments(of: transaction, start..<fate.index).contains {
        replay(transaction, after: $0).0 == outcome && !hasChanged(transaction, $0, fate.index)
      }
    case .readCommitted: return readsAreCommitted(outcome, of: transaction, start..<fate.index)
    }
  }

  /// Whether another transaction changed a key that this one writes, between two entries.
  private func hasChanged(_ transaction: Transaction, _ first: LogIndex, _ last: LogIndex) -> Bool {
    transaction.operations.contains { operation in
      operation.hasEffect && versions[operation.key]?.contains { $0.index > first && $0.index < last } == true
    }
  }

  /// Whether each read, with the transaction's own effects on its key before it, fits some moment: before the effects of
  /// the transaction if it writes the key, and before its answer if not.
  private func readsAreCommitted(
    _ outcome: Outcome, of transaction: Transaction, _ beforeEffects: Range<LogIndex>
  ) -> Bool {
    guard case .committed(let reads) = outcome else { return true }
    let positions = transaction.operations.indices.filter { transaction.operations[$0].isRead }
    return zip(positions, reads).allSatisfy { position, read in
      let key = transaction.operations[position].key
      let effects = transaction.operations.filter { $0.hasEffect && $0.key == key }
      let own = transaction.operations[..<position].filter { $0.hasEffect && $0.key == key }
      let steps = Transaction(own + [.read(key: key)])
      let range = effects.isEmpty ? beforeEffects.lowerBound..<LogIndex.max : beforeEffects
      return moments(of: steps, range).contains { replay(steps, after: $0).0 == .committed([read]) }
    }
  }

  /// The points of the log, among those given, at which a transaction can give different answers.
  private func moments(of transaction: Transaction, _ range: Range<LogIndex>) -> [LogIndex] {
    let changes = Set(transaction.operations.map(\.key)).flatMap { versions[$0] ?? [] }.map(\.index)
    return [range.lowerBound] + changes.filter { $0 > range.lowerBound && $0 < range.upperBound }.sorted()
  }

  /// Some moment between invocation and answer explains it. Only changes of its keys make a difference.
  private mutating func findMoment(
    of transaction: Transaction, _ outcome: Outcome, floorAtStart: LogIndex
  ) throws {
    if transaction.hasEffect, case .committed = outcome {
      throw Violation(promise.rawValue, "\(transaction.text) was acknowledged before it was committed")
    }
    let time = floorAtStart..<LogIndex.max
    if promise == .readCommitted, readsAreCommitted(outcome, of: transaction, time) { return }
    let moments = moments(of: transaction, time)
    guard let moment = moments.first(where: { replay(transaction, after: $0).0 == outcome }) else {
      throw Violation(promise.rawValue, "at no moment since \(floorAtStart) \(transaction.text) gives \(outcome.text)")
    }
    floor = max(floor, moment)
  }
}

extension Transaction {
  fileprivate func keepingGuards(of part: Transaction) -> Transaction {
    Transaction(operations.filter { if case .atLeast = $0 { part.operations.contains($0) } else { true } })
  }
}
