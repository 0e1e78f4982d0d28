/// A transaction that is carried out in parts, as only the bugs of ``RaftBug/splitsTransactions`` do.
struct TransactionRun: Sendable {
  /// All steps, as the client asked for them.
  let operations: [MicroOperation]
  /// Positions of the steps that nobody has carried out yet, ascending.
  private(set) var remaining: [Int]
  /// Positions of the steps in the entry, or the read, that is on its way.
  private(set) var underWay: [Int] = []
  /// What reads gave, by their position.
  private var found: [Int: StoredValue?] = [:]

  init(_ transaction: Transaction) {
    operations = transaction.operations
    remaining = Array(transaction.operations.indices)
  }

  /// The keys that the transaction writes.
  var writtenKeys: Set<Bytes> { Transaction(operations).writtenKeys }

  /// Positions of reads and guards that do not depend on an effect of the transaction itself.
  var independentReads: [Int] { remaining.filter { !operations[$0].hasEffect && !dependsOnOwnEffect($0) } }

  private func dependsOnOwnEffect(_ position: Int) -> Bool {
    operations[..<position].contains { $0.hasEffect && $0.key == operations[position].key }
  }

  /// Carries out steps on a map, ahead of the log.
  /// - Returns: why the transaction cannot go on; nil when it can.
  mutating func carryOut(_ positions: [Int], on machine: StateMachine) -> AbortReason? {
    begin(positions)
    let steps = Transaction(positions.map { operations[$0] })
    return finishPart(machine.answer(to: .transaction(steps)))
  }

  /// Marks steps as on their way.
  mutating func begin(_ positions: [Int]) {
    underWay = positions
    remaining.removeAll { positions.contains($0) }
  }

  /// Takes the answer of the part that was under way.
  /// - Returns: why the transaction cannot go on; nil when it can.
  mutating func finishPart(_ outcome: Outcome) -> AbortReason? {
    switch outcome {
    case .committed(let values):
      for (position, value) in zip(underWay.filter { operations[$0].isRead }, values) { found[position] = .some(value) }
      return nil
    case .aborted(let reason): return reason
    default: return nil
    }
  }

  /// What the client is told when all is done.
  var outcome: Outcome {
    .committed(operations.indices.filter { operations[$0].isRead }.map { found[$0] ?? nil })
  }

  /// The next part of a transaction that is proposed write by write: the steps up to the first write.
  var nextWrite: [Int] {
    guard let end = remaining.firstIndex(where: { operations[$0].hasEffect }) else { return remaining }
    return Array(remaining[...end])
  }

  /// Each sum as a plain write of what it gives on this map.
  func sumsAsWrites(on machine: StateMachine) -> [Int: MicroOperation] {
    var writes: [Int: MicroOperation] = [:]
    for position in operations.indices {
      guard case .add(let key, _) = operations[position] else { continue }
      let steps = Transaction(operations[...position].filter(\.hasEffect))
      guard case .register(let sum)? = machine.evaluate(steps, at: 0).changes[key]?.value else { continue }
      writes[position] = .write(key: key, value: sum)
    }
    return writes
  }
}

/// How the bugs carry out transactions. A correct server never comes here.
extension Raft {
  /// Begins a transaction when it arrives instead of when its entry is applied.
  mutating func acceptInParts(_ transaction: Transaction, origin: Origin) {
    let run = TransactionRun(transaction)
    switch configuration.bug {
    case .txnReadCommitted: readNextStep(of: run, origin: origin)
    case _ where !transaction.hasEffect: accept(.transaction(transaction), origin: origin)
    case .txnDirty:
      guard leading.lockedKeys.isDisjoint(with: run.writtenKeys) else {
        answer(origin, .aborted(.conflict))
        return
      }
      leading.lockedKeys.formUnion(run.writtenKeys)
      proposeNextWrite(of: run, origin: origin, refusal: .overloaded)
    default: proposeAfterSnapshot(run, origin: origin)
    }
  }

  /// After an entry with a part of the transaction was applied.
  mutating func proceed(with run: TransactionRun, afterEntry outcome: Outcome, origin: Origin) {
    var run = run
    if let reason = run.finishPart(outcome) {
      release(run)
      answer(origin, .aborted(reason))
    } else if run.remaining.isEmpty {
      release(run)
      answer(origin, run.outcome)
    } else {
      // Earlier parts are in effect: from here on nothing is refused for certain.
      proposeNextWrite(of: run, origin: origin, refusal: .unknown)
    }
  }

  /// The transaction is over, or nobody waits for it any more.
  mutating func release(_ run: TransactionRun) {
    if configuration.bug == .txnDirty { leading.lockedKeys.subtract(run.writtenKeys) }
  }

  /// ``RaftBug/txnDirty``: an entry for each write.
  private mutating func proposeNextWrite(of run: TransactionRun, origin: Origin, refusal: Outcome) {
    var run = run
    run.begin(run.nextWrite)
    if !propose(run.underWay.map { run.operations[$0] }, of: run, origin: origin) {
      release(run)
      answer(origin, refusal)
    }
  }

  /// ``RaftBug/txnReadCommitted``: the next read waits for a ReadIndex round of its own; the rest makes one entry.
  private mutating func readNextStep(of run: TransactionRun, origin: Origin) {
    if let next = run.independentReads.first {
      var run = run
      run.begin([next])
      accept(.transaction(Transaction([run.operations[next]])), origin: origin, run: run)
    } else if run.remaining.isEmpty {
      answer(origin, run.outcome)
    } else {
      proposeRest(of: run, origin: origin)
    }
  }

  /// ``RaftBug/txnReadCommitted``: after a read whose round is complete.
  mutating func proceed(with run: TransactionRun, afterRead outcome: Outcome, origin: Origin) {
    var run = run
    if let reason = run.finishPart(outcome) {
      answer(origin, .aborted(reason))
    } else {
      readNextStep(of: run, origin: origin)
    }
  }

  /// ``RaftBug/txnSnapshot`` and ``RaftBug/txnLostUpdate``: all reads at once, ahead of the entry. A leader that does not
  /// know yet what is committed has no snapshot to offer; one that was superseded commits nothing.
  private mutating func proposeAfterSnapshot(_ run: TransactionRun, origin: Origin) {
    guard commitsOwnTerm else {
      answer(origin, .noLeader)
      return
    }
    var run = run
    if let reason = run.carryOut(run.independentReads, on: machine) {
      answer(origin, .aborted(reason))
    } else if configuration.bug == .txnLostUpdate {
      proposeRest(of: run, origin: origin, replacing: run.sumsAsWrites(on: machine))
    } else {
      proposeRest(of: run, origin: origin, unchangedSince: lastApplied)
    }
  }

  /// One entry with all steps that were not carried out ahead of it.
  private mutating func proposeRest(
    of run: TransactionRun, origin: Origin, replacing replacements: [Int: MicroOperation] = [:],
    unchangedSince: LogIndex? = nil
  ) {
    var run = run
    run.begin(run.remaining)
    let steps = run.underWay.map { replacements[$0] ?? run.operations[$0] }
    if !propose(steps, of: run, origin: origin, unchangedSince: unchangedSince) { answer(origin, .overloaded) }
  }

  /// - Returns: false when the limits allow no entry.
  private mutating func propose(
    _ steps: [MicroOperation], of run: TransactionRun, origin: Origin, unchangedSince: LogIndex? = nil
  ) -> Bool {
    guard mayPropose else { return false }
    let part = Transaction(steps, unchangedSince: unchangedSince)
    append(Entry(term: currentTerm, payload: .command(.transaction(part))))
    answerWhenApplied(origin, run: run)
    return true
  }
}
