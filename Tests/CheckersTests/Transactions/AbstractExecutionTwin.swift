import Histories

/// Levels defined by abstract executions: some visibility relation VIS and some total order AR that contains it, with
/// the level's axioms (Cerone, Bernardi and Gotsman, "A framework for transactional consistency models with atomic
/// visibility", CONCUR 2015, section 3 and figure 1). All orders and all relations are tried.
///
/// The paper's objects are registers. A list is one here too: each transaction that appends to a key writes one new
/// version of it, namely the appends of all the key's writers up to itself, in AR. So the list of a version tells the
/// order of all versions before, and
/// - EXT: a read shows the version of the last visible writer in AR, the empty list if there is none, with the own
///   appends on top: whole, also what writers before that one appended, whom the reader need not see;
/// - INT: a read after another of the same key shows the same and the own appends since; a read after an own append
///   shows the own version, as far as it is made: what all writers of the key before it in AR appended, and the own
///   appends so far.
struct AbstractExecutionTwin {
  /// The axioms besides INT and EXT.
  struct Axioms {
    /// VIS is transitive.
    var transvis = false
    /// What comes in AR before something visible is visible (PREFIX: AR ; VIS ⊆ VIS).
    var prefix = false
    /// Of two transactions that append to one key, one sees the other.
    var noConflict = false
    /// A transaction sees what its process did before (SO ⊆ VIS: Cerone, Gotsman and Yang 2017, section 2).
    var session = false

    static let readAtomic = Axioms()
    static let causal = Axioms(transvis: true, session: true)
    static let parallelSnapshot = Axioms(transvis: true, noConflict: true)
    static let prefixConsistency = Axioms(prefix: true)
  }

  private let transactions: [TwinTransaction]
  private let keys: Int
  private let axioms: Axioms

  /// The first transactions of an order, with what each sees.
  private struct State {
    /// In AR.
    var order: [Int] = []
    /// By position in AR: positions that it sees, as bits.
    var visible: [Int] = []
    /// By key: positions of its writers in AR, each with the list that is its version.
    var versions: [[(writer: Int, list: [Int])]]
  }

  static func holds(_ transactions: [TwinTransaction], keys: Int, _ axioms: Axioms) -> Bool {
    AbstractExecutionTwin(transactions: transactions, keys: keys, axioms: axioms)
      .continues(State(versions: Array(repeating: [], count: keys)))
  }

  private func continues(_ state: State) -> Bool {
    if state.order.count == transactions.count { return true }
    for next in transactions.indices where !state.order.contains(next) {
      guard isInternallyConsistent(transactions[next], state) else { continue }
      for visible in 0..<(1 << state.order.count) where isAllowed(next, visible, state) {
        if continues(appending(next, visible, state)) { return true }
      }
    }
    return false
  }

  private func appending(_ next: Int, _ visible: Int, _ state: State) -> State {
    var state = state
    for key in transactions[next].writtenKeys {
      let list = (state.versions[key].last?.list ?? []) + transactions[next].appends(to: key)
      state.versions[key].append((state.order.count, list))
    }
    state.order.append(next)
    state.visible.append(visible)
    return state
  }

  /// INT.
  private func isInternallyConsistent(_ transaction: TwinTransaction, _ state: State) -> Bool {
    for (place, step) in transaction.steps.enumerated() {
      guard case .read(let key, let list?) = step else { continue }
      var lastRead: [Int]?
      var (appended, sinceRead): ([Int], [Int]) = ([], [])
      for earlier in transaction.steps[..<place] where earlier.key == key {
        switch earlier {
        case .append(_, let element):
          appended.append(element)
          sinceRead.append(element)
        case .read(_, let answer):
          lastRead = answer
          sinceRead = []
        }
      }
      if let lastRead, lastRead + sinceRead != list { return false }
      if !appended.isEmpty, list != (state.versions[key].last?.list ?? []) + appended { return false }
    }
    return true
  }

  /// EXT and the level's own axioms, for what the next transaction sees.
  private func isAllowed(_ next: Int, _ visible: Int, _ state: State) -> Bool {
    let sees: (Int) -> Bool = { visible >> $0 & 1 == 1 }
    for read in transactions[next].outsideReads {
      let last = state.versions[read.key].last { sees($0.writer) }
      if read.list != last?.list ?? [] { return false }
    }
    for position in state.order.indices {
      let other = transactions[state.order[position]]
      if sees(position) {
        if axioms.transvis, state.visible[position] & ~visible != 0 { return false }
        if axioms.prefix, ((1 << position) - 1) & ~visible != 0 { return false }
      } else {
        if axioms.noConflict, !other.writtenKeys.isDisjoint(with: transactions[next].writtenKeys) { return false }
        if axioms.session, other.precedesInProcess(transactions[next]) { return false }
      }
    }
    // The order of a process is in AR as well.
    return !axioms.session
      || transactions.indices.allSatisfy {
        state.order.contains($0) || !transactions[$0].precedesInProcess(transactions[next])
      }
  }
}
