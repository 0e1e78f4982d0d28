import Histories

/// The accounts that a bank has, and what they hold together as long as money only moves.
struct BankTerms: Hashable {
  /// Dense ids, increasing.
  var accounts: [UInt32]
  /// Of all balances.
  var total: Int128

  func has(_ account: UInt32) -> Bool {
    let place = accounts.partitioningIndex { $0 >= account }
    return place < accounts.count && accounts[place] == account
  }

  /// Whether a read that found these fits.
  ///
  /// - Parameter isLenient: a read may leave accounts out.
  func admits(_ found: BankTerms, isLenient: Bool) -> Bool {
    guard total == found.total else { return false }
    return isLenient ? found.accounts.allSatisfy { has($0) } : accounts == found.accounts
  }
}

/// A transaction that opens accounts, and did not fail.
struct BankOpening {
  var terms: BankTerms
  /// Event index.
  var invocation: UInt32
  /// Event index; `never` if nobody knows whether it happened.
  var completion: UInt32

  static let never = UInt32.max
}

/// Which openings may be in force at which operation.
///
/// An opening takes effect at one moment: of an acknowledged one between its two events, of one of unknown outcome at
/// any time after its invocation, or never. From then on it is in force until the next one takes effect. So it *may*
/// be in force at an operation unless it began only after the operation had ended, or an acknowledged opening that
/// began after it had ended was acknowledged before the operation began. This is exact for each operation by itself:
/// let the opening happen as late and the operation as early as can be, next to each other where they overlap; then
/// only an opening that lies wholly between the two cannot be moved before the first or behind the second.
///
/// No opening at all may be in force as long as none was acknowledged before the operation began.
struct BankOpenings {
  /// When some openings may be in force; in order of their invocations.
  private struct Spans {
    private var begins: [UInt32] = []
    /// The latest end of the first so many.
    private var ends: [UInt32] = []

    mutating func append(_ begin: UInt32, _ end: UInt32) {
      begins.append(begin)
      ends.append(max(end, ends.last ?? 0))
    }

    /// Whether one of them meets the operation between these events: O(log n).
    func meet(_ invocation: UInt32, _ completion: UInt32) -> Bool {
      let begun = begins.partitioningIndex { $0 >= completion }
      return begun > 0 && ends[begun - 1] > invocation
    }
  }

  /// In order of invocation.
  private let all: [BankOpening]
  private let acknowledged: [BankOpening]
  /// Different openings.
  private(set) var terms: [BankTerms] = []
  private var places: [BankTerms: Int] = [:]
  private var spans: [Spans] = []
  private var spansOfAccount: [UInt32: Spans] = [:]
  /// The first event that acknowledges one; `never` where there is none.
  private let opened: UInt32

  /// Memory and time are linear in what the openings list, but for sorting.
  ///
  /// - Parameter openings: in order of invocation.
  init(_ openings: [BankOpening]) {
    all = openings
    acknowledged = openings.filter { $0.completion != BankOpening.never }
    opened = acknowledged.map(\.completion).min() ?? BankOpening.never
    // The earliest completion of the acknowledged ones from each on.
    var earliest = acknowledged.map(\.completion)
    for place in earliest.indices.dropLast().reversed() { earliest[place] = min(earliest[place], earliest[place + 1]) }
    for opening in openings {
      let next = acknowledged.partitioningIndex { $0.invocation > opening.completion }
      add(opening, until: next < earliest.count ? earliest[next] : BankOpening.never)
    }
  }

  private mutating func add(_ opening: BankOpening, until end: UInt32) {
    let place = places[opening.terms] ?? terms.count
    if place == terms.count {
      places[opening.terms] = place
      terms.append(opening.terms)
      spans.append(Spans())
    }
    spans[place].append(opening.invocation, end)
    for account in opening.terms.accounts {
      spansOfAccount[account, default: Spans()].append(opening.invocation, end)
    }
  }

  /// Whether no opening may have taken effect at an operation that began at this event.
  func mayBeMissing(at invocation: UInt32) -> Bool { invocation < opened }

  /// Whether an opening with these terms may be in force at the read.
  func mayBeInForce(_ place: Int, at read: BankHistory.Read) -> Bool {
    spans[place].meet(read.invocation, read.completion)
  }

  /// The terms that may be in force at the read and that it fits.
  ///
  /// - Parameter isLenient: a read may leave accounts out; then all terms are tried.
  func fitting(_ found: BankTerms, at read: BankHistory.Read, isLenient: Bool) -> Int? {
    if let place = places[found], mayBeInForce(place, at: read) { return place }
    guard isLenient else { return nil }
    return terms.indices.first { terms[$0].admits(found, isLenient: true) && mayBeInForce($0, at: read) }
  }

  /// Whether an opening that has the account may be in force at the transfer.
  func mayHave(_ account: UInt32, at transfer: BankHistory.Transfer) -> Bool {
    spansOfAccount[account]?.meet(transfer.invocation, transfer.completion) ?? false
  }

  /// The opening that an operation is held against if none fits: of the acknowledged ones the one that began last
  /// before the operation ended, else of the others. It may be in force, as only one that began still later could have
  /// ended it.
  func reference(before completion: UInt32) -> BankOpening? {
    func last(_ some: [BankOpening]) -> BankOpening? {
      let begun = some.partitioningIndex { $0.invocation >= completion }
      return begun > 0 ? some[begun - 1] : nil
    }
    return last(acknowledged) ?? last(all)
  }
}
