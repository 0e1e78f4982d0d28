/// What lenient reading left out, counted by kind.
///
/// Leaving something out is sound if it only makes the history say less: whoever finds the rest to break a promise has
/// found that the whole breaks it. Each rule below rests on two premises that every checker here has too: the file
/// holds every invocation, and its lines are in the order of the clock. An event that may be an invocation is therefore
/// never left out, unless nothing comes after it. Where an operation becomes `info`, the history gets a completion that
/// says so, with the error "no readable completion".
public struct SkippedEvents: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    /// A completion whose fields cannot be read, though its type can. Without it the operation is `info`: it may have
    /// happened, at any time after its invocation, with any result; what really happened is one of these cases.
    case unreadableCompletion = "unreadable-completion"
    /// An event of the nemesis that cannot be read: no claim is about the nemesis.
    case unreadableNemesisEvent = "unreadable-nemesis-event"
    /// The end of the file, cut off within an event. An invocation that nothing follows was seen by nobody, a completion
    /// leaves its operation `info` as above.
    case tornEnd = "torn-end"
    /// A completion of an operation that is complete. The first one is kept, if the two say the same or one of them is
    /// `info`; since every invocation is in the file, the second can belong to no other operation. Two that
    /// contradict each other stay an error.
    case repeatedCompletion = "repeated-completion"
    /// An operation whose process invokes again: its completion is missing. It is kept, and `info`.
    case missingCompletion = "missing-completion"
    /// A completion that can be that of such an operation or of a later one, with the same process and function. Both
    /// stay `info`, for to give it to the wrong one would say more than the file does.
    case ambiguousCompletion = "ambiguous-completion"
  }

  private var counts = [Int](repeating: 0, count: Kind.allCases.count)
  private var firstLines = [UInt32](repeating: 0, count: Kind.allCases.count)

  public init() {}

  public subscript(kind: Kind) -> Int { counts[kind.place] }

  /// The line of the first one of this kind; 0 where there is none.
  public func firstLine(_ kind: Kind) -> Int { Int(firstLines[kind.place]) }

  public var total: Int { counts.reduce(0, +) }

  mutating func note(_ kind: Kind, line: UInt32) {
    if counts[kind.place] == 0 { firstLines[kind.place] = line }
    counts[kind.place] += 1
  }
}

extension SkippedEvents.Kind {
  fileprivate var place: Int {
    switch self {
    case .unreadableCompletion: 0
    case .unreadableNemesisEvent: 1
    case .tornEnd: 2
    case .repeatedCompletion: 3
    case .missingCompletion: 4
    case .ambiguousCompletion: 5
    }
  }
}

extension SkippedEvents: CustomStringConvertible {
  /// `2 unreadable-completion (first on line 17), 1 torn-end (first on line 90)`; empty where nothing was left out.
  public var description: String {
    Kind.allCases.filter { self[$0] > 0 }.map { "\(self[$0]) \($0.rawValue) (first on line \(firstLine($0)))" }
      .joined(separator: ", ")
  }
}
