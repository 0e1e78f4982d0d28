/// Runs transactions in a given order of their events and says whether every read shows the last version before it: the
/// proof of an order, which knows nothing of how the order was found. O(n).
struct OrderVerifier {
  private let history: RegisterHistory
  private let claim: OrderClaim
  private var present: [UInt32]
  /// By key: who has started, has not committed, and will write it.
  private var owner: [UInt32]
  private var hasStarted: [Bool]
  private var hasCommitted: [Bool]
  /// The last invocation of those that have started.
  private var latestInvocation: UInt32 = 0

  private init(_ history: RegisterHistory, _ claim: OrderClaim) {
    (self.history, self.claim) = (history, claim)
    present = Array(history.keyStarts.dropLast())
    owner = Array(repeating: RegisterHistory.none, count: present.count)
    hasStarted = Array(repeating: false, count: history.count)
    hasCommitted = hasStarted
  }

  /// - Parameters:
  ///   - order: events as `OrderClaim` numbers them.
  ///   - nextInProcess: by node.
  static func holds(
    _ order: [UInt32], _ history: RegisterHistory, _ claim: OrderClaim, nextInProcess: [UInt32]
  ) -> Bool {
    guard order.count == claim.eventCount(history.count) else { return false }
    var verifier = OrderVerifier(history, claim)
    var previous = [UInt32](repeating: RegisterHistory.none, count: history.count)
    if claim.order == .process {
      for (node, next) in nextInProcess.enumerated() where next != TransactionGraph.none {
        previous[Int(next)] = UInt32(node)
      }
    }
    for event in order {
      let node = event < history.count ? Int(event) : Int(event) - history.count
      if event < history.count, !verifier.starts(node, after: previous[node]) { return false }
      if (claim.mode == .serial) == (event < history.count), !verifier.commits(node) { return false }
    }
    return true
  }

  private mutating func starts(_ node: Int, after previous: UInt32) -> Bool {
    if hasStarted[node] { return false }
    hasStarted[node] = true
    if previous != RegisterHistory.none, !hasCommitted[Int(previous)] { return false }
    latestInvocation = max(latestInvocation, history.transactions.invocations[Int(history.committed[node])])
    for version in history.reads(of: node) where present[Int(history.keys[Int(version)])] != version { return false }
    if claim.mode != .snapshot { return true }
    for version in history.writes(of: node) {
      let key = Int(history.keys[Int(version)])
      if owner[key] != RegisterHistory.none { return false }
      owner[key] = UInt32(node)
    }
    return true
  }

  private mutating func commits(_ node: Int) -> Bool {
    if hasCommitted[node] || !hasStarted[node] { return false }
    hasCommitted[node] = true
    // Somebody has started who was invoked after this one had completed.
    let completion = history.transactions.completions[Int(history.committed[node])]
    if claim.order == .realtime, completion < latestInvocation { return false }
    for version in history.writes(of: node) {
      let key = Int(history.keys[Int(version)])
      present[key] = version
      owner[key] = RegisterHistory.none
    }
    return true
  }
}
