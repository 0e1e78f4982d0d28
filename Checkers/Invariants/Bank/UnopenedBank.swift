import Histories

/// What a bank held before any opening took effect, as far as its reads tell.
///
/// Nobody says what that was, so that the first read tells: all others that were made before any opening agree with it.
/// But where an opening was under way, the first read may have been of that one. Then those that began after it had
/// ended can be of the bank before any opening only if the first read was too, and agree with it; those that began
/// earlier and fit no opening are of that bank for certain, and agree with one another.
struct UnopenedBank {
  /// A read that tells, or what the caller knows.
  struct Telling {
    var terms: BankTerms
    /// Event index of the read's completion; -1 for what was known before the first event.
    var completion: Int
    /// In words.
    var source: String
  }

  private let isLenient: Bool
  /// Nil: the total of the read that tells.
  private let givenTotal: Int128?
  private(set) var first: Telling?
  /// The first read that fits no opening, of those that began before the first read ended.
  private var early: Telling?

  /// - Parameters:
  ///   - known: what the bank held, where the caller knows.
  ///   - givenTotal: its total, where the caller knows that only.
  ///   - isLenient: a read may leave accounts out.
  init(_ known: BankTerms?, givenTotal: Int128?, isLenient: Bool) {
    (self.givenTotal, self.isLenient) = (givenTotal, isLenient)
    first = known.map { Telling(terms: $0, completion: -1, source: "the initial balances") }
  }

  /// Notes the first read with integers only, whatever else it fits.
  mutating func noteFirst(_ read: BankHistory.Read, _ found: BankTerms) {
    first = telling(read, found, source: "the first read (event \(read.completion))")
  }

  /// Whether a read that fits no opening, and may have been made before all, can be of this bank.
  mutating func admits(_ found: BankTerms, at read: BankHistory.Read) -> Bool {
    if early == nil, let first, Int(read.invocation) <= first.completion {
      early =
        read.completion == first.completion
        ? first : telling(read, found, source: "the read before (event \(read.completion))")
    }
    return known(at: read.invocation)?.terms.admits(found, isLenient: isLenient) ?? true
  }

  /// What is known of this bank to an operation that began at this event.
  func known(at invocation: UInt32) -> Telling? {
    guard let first else { return nil }
    return Int(invocation) > first.completion ? first : early
  }

  private func telling(_ read: BankHistory.Read, _ found: BankTerms, source: String) -> Telling {
    Telling(
      terms: BankTerms(accounts: found.accounts, total: givenTotal ?? found.total), completion: Int(read.completion),
      source: source)
  }
}
