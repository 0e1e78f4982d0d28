/// An event at which reading stopped, as far as it was read.
struct UnreadEvent {
  var fields = EventFields()
  var place = EventPlace()
  /// It was read to its end: what is wrong is a number in it, or that it stands where it does.
  var isWhole = false
  /// Its bytes, where it is whole; else all bytes from its beginning to the end of its line or of the file.
  var text = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  /// Those of the event before it.
  var previous = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  /// The text ends within it, and nothing follows.
  var isTornEnd = false
  /// No line break comes after it.
  var isUnterminated = false
}

/// Where an event begins: line and column are 1-based, the offset is that of the file.
struct EventPlace {
  var line: UInt32 = 1
  var column: UInt32 = 1
  var offset = 0
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether a reader that stopped at `place` missed what comes after `end`: nothing is left before it but NUL bytes, as
  /// file systems leave them, or the beginning of a constant.
  func isCutOff(at place: Int, end: Int) -> Bool {
    let rest = self[Swift.min(place, end)..<end]
    if rest.allSatisfy({ $0 == 0 || $0 == 0x0A || $0 == 0x0D }) { return true }
    return rest.count < 5 && ["null", "true", "false", "nil"].contains { $0.utf8.starts(with: rest) }
  }
}

extension HistoryBuilder {
  /// Leaves out the event that the error is about, if that is sound (`SkippedEvents.Kind` has the proofs).
  ///
  /// - Returns: false where the error stands.
  mutating func skip(_ error: ScanError, _ event: UnreadEvent) -> Bool {
    if event.isTornEnd, rules.isLenient || rules.allowsTornEnd && event.isUnterminated {
      skipped.noteTornEnd(line: event.place.line, bytes: event.text.count)
      return true
    }
    guard rules.isLenient, event.isWhole else { return false }
    switch error.cause {
    case .form, .final: return false
    case .number: return skipNumber(event)
    case .repetition:
      guard event.text.elementsEqual(event.previous) else { return false }
      skipped.note(.repeatedCompletion, line: event.place.line)
      return true
    }
  }

  private mutating func skipNumber(_ event: UnreadEvent) -> Bool {
    let fields = event.fields
    if !fields.isNemesis {
      let open = pairing[fields.row.process].open
      guard fields.isCompletion, fields.has(.process), open != Pairing.none,
        history.functionID(at: Int(open)) == fields.row.function
      else { return false }
      if pairing.hasAbandoned(fields.row.process, function: fields.row.function) {
        skipped.note(.ambiguousCompletion, line: event.place.line)
        return true
      }
      let time = fields.has(.time) ? fields.row.time : Int64(history.count)
      completeUnknown(fields.row.process, time: time, event.place)
    }
    skipped.note(.numberOutOfRange, line: event.place.line)
    return true
  }

  /// What the message of an error that stands says about leniency.
  func remedy(_ error: ScanError, _ event: UnreadEvent) -> String {
    if event.isTornEnd { return "; the file ends within this event: --lenient leaves it out" }
    guard rules.isLenient, error.cause != .final else { return "" }
    return error.cause == .repetition
      ? "; it cannot be left out: it is no copy of the line before it, and may belong to another operation"
      : "; it cannot be left out: nothing tells which invocations were lost here, and others may have seen them"
  }
}
