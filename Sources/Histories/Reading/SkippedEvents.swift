/// What lenient reading left out, counted by kind.
///
/// Leaving something out is sound if it only makes the history say less: whoever finds the rest to break a promise has
/// found that the whole breaks it. The rules below are proved from three premises:
///
/// 1. What can be read is what was written, in its place: damage does not make another readable event of an event.
/// 2. The file holds every invocation that came before its last readable event.
/// 3. Lines are in the order of the clock. (Every checker here needs this one.)
///
/// So an unreadable stretch of text in the middle is never left out, however much it looks like a single completion: a
/// block that a disk lost or zeroed takes line breaks and whole invocations along, and others may have seen their
/// effects. What is left out is either an event that was read to its end, or the end of the file. Where an operation
/// becomes `info`, the history gets a completion that says so, with the error "no readable completion".
public struct SkippedEvents: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    /// An event that is whole (its braces close, its process, type and function are known) but has a number that
    /// nothing here holds. By 1 it is this one event and no other. As the completion of its process's open operation it
    /// makes that `info`: it happened or not, at any time after its invocation, with any result, and what really
    /// happened is one of these cases. As an event of the nemesis it matters to no claim. An invocation stays an error.
    case numberOutOfRange = "number-out-of-range"
    /// The end of the file: cut off within an event, or NUL bytes to the end. What is left is a prefix of the history,
    /// with operations open that the missing end may have completed. Every prefix of a linearizable history is
    /// linearizable (Herlihy & Wing, 1990, section 3.3), so a violation stands. Sequential consistency is not closed
    /// under prefixes, as a read may see a write that comes later: there, the caller must not conclude `invalid`.
    case tornEnd = "torn-end"
    /// The same completion again, byte for byte, directly after itself. Nothing came between the two, so whichever of
    /// them is the true one, the order of all events is the same. At a distance nobody can tell a late copy from the
    /// completion of the process's next operation: that stays an error.
    case repeatedCompletion = "repeated-completion"
    /// An operation whose process invokes again: its completion is missing. It is kept, and `info`.
    case missingCompletion = "missing-completion"
    /// A completion that can be that of such an operation or of a later one, with the same process and function. Both
    /// stay `info`, for to give it to the wrong one would say more than the file does.
    case ambiguousCompletion = "ambiguous-completion"
  }

  private var counts = [Int](repeating: 0, count: Kind.allCases.count)
  private var firstLines = [UInt32](repeating: 0, count: Kind.allCases.count)
  /// Bytes of the end that was left out.
  public private(set) var tornBytes = 0

  public init() {}

  public subscript(kind: Kind) -> Int { counts[kind.place] }

  /// The line of the first one of this kind; 0 where there is none.
  public func firstLine(_ kind: Kind) -> Int { Int(firstLines[kind.place]) }

  public var total: Int { counts.reduce(0, +) }

  mutating func note(_ kind: Kind, line: UInt32) {
    if counts[kind.place] == 0 { firstLines[kind.place] = line }
    counts[kind.place] += 1
  }

  mutating func noteTornEnd(line: UInt32, bytes: Int) {
    note(.tornEnd, line: line)
    tornBytes += bytes
  }
}

extension SkippedEvents.Kind {
  fileprivate var place: Int {
    switch self {
    case .numberOutOfRange: 0
    case .tornEnd: 1
    case .repeatedCompletion: 2
    case .missingCompletion: 3
    case .ambiguousCompletion: 4
    }
  }
}

extension SkippedEvents: CustomStringConvertible {
  /// `2 repeated-completion (first on line 17), 1 torn-end (line 90, 31 bytes)`; empty where nothing was left out.
  public var description: String {
    Kind.allCases.filter { self[$0] > 0 }.map { kind in
      let place = kind == .tornEnd ? "line \(firstLine(kind)), \(tornBytes) bytes" : "first on line \(firstLine(kind))"
      return "\(self[kind]) \(kind.rawValue) (\(place))"
    }
    .joined(separator: ", ")
  }
}
