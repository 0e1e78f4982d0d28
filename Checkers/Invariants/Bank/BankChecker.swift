import Histories

/// Decides whether money was neither made nor lost: every read of all accounts has the same total.
///
/// `transfer` moves `{from, to, amount}` and `read` returns account → balance (the bank workload of Jepsen). Transfers
/// need not be known: whatever subset of them happened, each leaves the total alone, so that an unknown one can make no
/// false alarm, and two reads with different totals prove that one of them saw half a transfer.
///
/// A `txn` of writes, `[["w", account, balance], …]`, opens a bank in the place of the one before. What a read shows
/// must be the accounts and the total of an opening that *may be in force* at it (`BankOpenings` says exactly when);
/// those of unknown outcome happened once or never. As long as no opening was acknowledged, it can also be the bank
/// before all of them, of which the reads themselves tell (`UnopenedBank`). A read that fits none of these breaks the
/// promise, and is reported as what differs from the last one acknowledged. Each read is judged by itself: not claimed
/// is that the openings which explain two reads happened in an order that explains both.
public enum BankChecker {
  public static let name = "bank"
  /// Recorded in the result.
  public static let algorithm = "totals of reads"

  /// What a read is compared with.
  public enum Baseline: Hashable, Sendable {
    /// What the history says: its openings, and before them the accounts and the total of the first completed read all
    /// of whose balances are integers.
    case firstRead
    /// This total, whatever is opened; the accounts of that read.
    case total(Int64)
    /// The accounts and their balances before the first transfer, whatever is opened.
    case balances([String: Int64])

    /// What a person says that a bank holds at first: its total as an integer, or its balances, as a map from accounts
    /// or as a list; nil if it is none of these.
    public init?(_ value: Value) {
      if let total = value.int {
        self = .total(total)
        return
      }
      let entries = value.list.map { list in list.enumerated().map { (key: "\($0)", value: $1) } }
      guard let entries = entries ?? value.map.map({ map in map.map { (key: $0, value: $1) } }) else { return nil }
      let balances = entries.compactMap { entry in entry.value.int.map { (entry.key, $0) } }
      guard balances.count == entries.count else { return nil }
      self = .balances(Dictionary(uniqueKeysWithValues: balances))
    }
  }

  public struct Options: Hashable, Sendable {
    public var baseline: Baseline
    /// An account may be overdrawn.
    public var allowsNegativeBalances: Bool
    /// A read may leave accounts out, as databases do that delete the empty ones: they count as zero.
    public var allowsMissingAccounts: Bool

    public init(
      baseline: Baseline = .firstRead, allowsNegativeBalances: Bool = false, allowsMissingAccounts: Bool = false
    ) {
      self.baseline = baseline
      self.allowsNegativeBalances = allowsNegativeBalances
      self.allowsMissingAccounts = allowsMissingAccounts
    }
  }

  /// - Throws: `PairingError`; `MalformedHistory` for the first operation that is no transfer, read or opening, or that
  ///   has another shape than these.
  public static func report(_ history: History, _ options: Options = Options()) throws -> InvariantReport {
    var audit = BankAudit(try BankHistory(history), options)
    audit.run()
    return audit.report()
  }
}
