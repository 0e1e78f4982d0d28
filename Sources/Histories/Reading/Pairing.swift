/// Which operation each process has open, as events go by: what makes a sequence of events a history.
struct Pairing {
  static let none = UInt32.max
  /// Process numbers below this are found by position, others by hash.
  private static let directMax = 1 << 20

  /// Event indices: of the open invocation, and of the last completion.
  struct State {
    var open = Pairing.none
    var last = Pairing.none
  }

  private var direct: [State] = []
  private var others: [Int32: State] = [:]
  /// Of each process whose operations were left open: their functions. Lenient reading alone fills it.
  private var abandoned: [Int32: Set<UInt32>] = [:]

  subscript(process: Int32) -> State {
    get {
      guard process >= 0, process < Self.directMax else { return others[process] ?? State() }
      return Int(process) < direct.count ? direct[Int(process)] : State()
    }
    set {
      guard process >= 0, process < Self.directMax else { return others[process] = newValue }
      if Int(process) >= direct.count {
        direct.append(contentsOf: repeatElement(State(), count: Int(process) + 1 - direct.count))
      }
      direct[Int(process)] = newValue
    }
  }

  mutating func abandon(_ process: Int32, function: UInt32) { abandoned[process, default: []].insert(function) }

  func hasAbandoned(_ process: Int32, function: UInt32) -> Bool {
    abandoned.isEmpty ? false : abandoned[process]?.contains(function) == true
  }
}

// MARK: - The rules

extension HistoryBuilder {
  /// What becomes of a client's event.
  enum Fate {
    case kept
    case skipped(SkippedEvents.Kind)
  }

  /// Takes the event into account, which gets the next index of the history.
  ///
  /// - Throws: what makes the events no history, unless `SkippedEvents.Kind` has a rule for it and reading is lenient.
  mutating func pair(_ row: History.Row, at place: EventPlace) throws(ScanError) -> Fate {
    let state = pairing[row.process]
    if row.type == .invoke {
      if state.open != Pairing.none { try leave(state.open, row, at: place) }
      pairing[row.process] = Pairing.State(open: UInt32(history.count), last: Pairing.none)
      return .kept
    }
    if pairing.hasAbandoned(row.process, function: row.function) { return .skipped(.ambiguousCompletion) }
    guard state.open != Pairing.none else { throw repeated(row, state.last, at: place.offset) }
    guard history.functionID(at: Int(state.open)) == row.function else {
      throw ScanError(
        "completes '\(history.functions[row.function])', but the open operation of process \(name(row.process)) is "
          + "'\(history.function(at: Int(state.open)))' of line \(lines[Int(state.open)])", at: place.offset, .final)
    }
    pairing[row.process] = Pairing.State(open: Pairing.none, last: UInt32(history.count))
    return .kept
  }

  /// A process invokes while an operation of it is open.
  private mutating func leave(
    _ open: UInt32, _ row: History.Row, at place: EventPlace
  ) throws(ScanError) {
    guard rules.isLenient else {
      throw ScanError(
        "process \(name(row.process)) invokes '\(history.functions[row.function])' while its "
          + "'\(history.function(at: Int(open)))' of line \(lines[Int(open)]) is open", at: place.offset, .final)
    }
    pairing.abandon(row.process, function: history.functionID(at: Int(open)))
    skipped.note(.missingCompletion, line: lines[Int(open)])
    completeUnknown(row.process, time: row.time, place)
  }

  /// Ends the open operation of the process, if it has one, with an `info` that the file does not hold: it says nothing
  /// about the operation, wherever it stands.
  mutating func completeUnknown(_ process: Int32, time: Int64, _ place: EventPlace) {
    let open = pairing[process].open
    guard open != Pairing.none else { return }
    pairing[process] = Pairing.State(open: Pairing.none, last: UInt32(history.count))
    let value = history.word(at: Int(open))
    append(
      History.Row(
        time: time, process: process, type: .info, function: history.functionID(at: Int(open)),
        error: history.errors.intern("no readable completion"), value: value), place)
  }

  /// A process completes, but has nothing open.
  private func repeated(_ row: History.Row, _ last: UInt32, at offset: Int) -> ScanError {
    guard last != Pairing.none else {
      return ScanError(
        "process \(name(row.process)) completes an operation that it never invoked", at: offset, .final)
    }
    return ScanError(
      "process \(name(row.process)) completes its operation again: it did on line \(lines[Int(last)])", at: offset,
      .repetition)
  }
}
