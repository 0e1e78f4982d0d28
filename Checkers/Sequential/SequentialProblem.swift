import Histories

/// The question of sequential consistency (Lamport, "How to make a multiprocessor computer that correctly executes
/// multiprocess programs", 1979): is there one order of all operations, of all objects, that every object allows and
/// that keeps the order of each process?
///
/// A *chain* is a sequence of operations whose order is kept: the operations of one process that certainly happened,
/// with the one that ends it, whose outcome may be unknown. An operation of unknown outcome whose process went on
/// nevertheless may take effect later than what follows it; it is a chain of its own, which begins *after* the last
/// certain operation before it. Nothing else orders operations: real time does not.
struct SequentialProblem {
  struct Operation {
    /// Id of the model's operation in the automaton, which all objects share.
    var kind: UInt32
    var object: UInt32
    /// Dense number of its process.
    var process: UInt32
    /// Event indices; `SearchOperation.never` for a completion that does not count.
    var invocation: UInt32
    var completion: UInt32
    /// It happened. Otherwise it may have happened, once.
    var isRequired: Bool
  }

  static let none = UInt32.max

  /// In order of invocation.
  let operations: [Operation]
  let automaton: Automaton
  /// Of every object.
  let initialState: UInt32
  let objectCount: Int
  /// The operations chain by chain: those of chain c are `members[starts[c]..<starts[c + 1]]`.
  private(set) var members: [UInt32] = []
  private(set) var starts: [UInt32] = [0]
  /// By chain: the operation after which it begins, or `none`.
  private(set) var after: [UInt32] = []
  /// By operation: its chain, and its place there.
  private(set) var chains: [UInt32]
  private(set) var ranks: [UInt32]

  init(_ operations: [Operation], objectCount: Int, initialState: UInt32, _ automaton: Automaton) {
    self.operations = operations
    self.objectCount = objectCount
    self.initialState = initialState
    self.automaton = automaton
    chains = Array(repeating: 0, count: operations.count)
    ranks = Array(repeating: 0, count: operations.count)
    formChains()
  }

  /// The same question for some of the operations.
  ///
  /// - Parameter chosen: ids, increasing; each with whether it certainly happened.
  init(_ problem: SequentialProblem, _ chosen: [Member]) {
    let operations = chosen.map { member in
      var operation = problem.operations[Int(member.id)]
      operation.isRequired = member.isRequired
      return operation
    }
    self.init(
      operations, objectCount: problem.objectCount, initialState: problem.initialState, problem.automaton)
  }

  /// An operation of a larger problem.
  struct Member: Hashable {
    var id: UInt32
    var isRequired: Bool
  }

  var allMembers: [Member] {
    operations.indices.map { Member(id: UInt32($0), isRequired: operations[$0].isRequired) }
  }

  var chainCount: Int { after.count }

  func length(_ chain: Int) -> UInt32 { starts[chain + 1] - starts[chain] }

  func effect(_ id: UInt32) -> Effect { Effect(automaton.traits[Int(operations[Int(id)].kind)]) }

  // MARK: Chains

  private mutating func formChains() {
    for ids in idsByProcess() {
      guard let last = ids.last else { continue }
      let main = ids.filter { operations[Int($0)].isRequired || $0 == last }
      append(main, after: Self.none)
      var latest = Self.none
      for id in ids where id != last {
        if operations[Int(id)].isRequired { latest = id } else { append([id], after: latest) }
      }
    }
  }

  private func idsByProcess() -> [[UInt32]] {
    let processes = Int(operations.lazy.map(\.process).max().map { $0 + 1 } ?? 0)
    var ids = [[UInt32]](repeating: [], count: processes)
    for (id, operation) in operations.enumerated() { ids[Int(operation.process)].append(UInt32(id)) }
    return ids
  }

  private mutating func append(_ ids: [UInt32], after: UInt32) {
    for (rank, id) in ids.enumerated() {
      chains[Int(id)] = UInt32(chainCount)
      ranks[Int(id)] = UInt32(rank)
    }
    members += ids
    starts.append(UInt32(members.count))
    self.after.append(after)
  }
}

/// What an operation needs and leaves, as states; `Automaton.none` where it needs or leaves no certain one.
struct Effect {
  var need: UInt32
  var result: UInt32
  /// It changes the state, or may.
  var isUpdate: Bool

  init(_ traits: Automaton.Traits) {
    need = Automaton.none
    if case .only(let state) = traits.condition { need = state }
    // What leaves the very state that it needs changes nothing.
    isUpdate = !traits.isObserver && (need == Automaton.none || need != traits.result)
    result = isUpdate ? traits.result : Automaton.none
  }
}
