/// A question to which an order of the versions of every key is the answer "yes".
///
/// For the first three that is an order of events, in which every read shows the last version before it.
struct OrderClaim: Hashable {
  enum Mode {
    /// Each transaction is one event.
    case serial
    /// Each is a start, at which it reads, and a later commit, at which it writes; no other writer of one of its keys
    /// commits in between (Cerone and Gotsman, "Analysing Snapshot Isolation", 2018).
    case snapshot
    /// The same, but others may (Cerone, Gotsman and Yang, "Algebraic Laws for Weak Consistency", 2017).
    case prefix
    /// No cycle with at most one anti-dependency (parallel snapshot isolation).
    case parallel
    /// No cycle of transactions that write, and of these and one that only reads (Adya 1999, 4.3.3).
    case update
    /// No cycle of read and write dependencies, where who read a version and replaced it wrote the next (Adya 1999, 4.4).
    case cursor
  }

  var mode: Mode
  /// Whose commit must come before whose start.
  var order: CycleOrder

  var view: GraphView.Mode {
    switch mode {
    case .serial, .parallel, .update, .cursor: .plain
    case .snapshot: .startsAndCommits
    case .prefix: .afterReadDependency
    }
  }

  /// Whether a transaction is two events.
  var isSplit: Bool { mode == .snapshot || mode == .prefix }
  /// Whether an order of events answers it.
  var isOrder: Bool { mode == .serial || isSplit }
  /// The question whose guess of an order of versions is taken for this one.
  var guide: OrderClaim { isOrder ? self : OrderClaim(mode: .prefix, order: .none) }

  func view(_ graph: TransactionGraph) -> GraphView {
    GraphView(graph, view, Set(TransactionGraph.Kind.allCases), order)
  }

  /// Events of n transactions: transaction t is event t, or it starts at event t and commits at n + t.
  func eventCount(_ transactions: Int) -> Int { isSplit ? 2 * transactions : transactions }

  /// Between which events a dependency is.
  @inline(__always) func events(
    _ source: UInt32, _ kind: UInt32, _ target: UInt32, _ count: UInt32
  ) -> (source: UInt32, target: UInt32) {
    switch mode {
    case .serial, .parallel, .update, .cursor: (source, target)
    case .snapshot:
      kind == TransactionGraph.Kind.readWrite.rawValue ? (source, count + target) : (count + source, target)
    case .prefix:
      switch kind {
      case TransactionGraph.Kind.readWrite.rawValue: (source, count + target)
      case TransactionGraph.Kind.writeWrite.rawValue: (count + source, count + target)
      default: (count + source, target)
      }
    }
  }
}
