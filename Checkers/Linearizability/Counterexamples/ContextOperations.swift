import Histories

/// Operations that a reader would ask for though the proof does without them: who had left the value that was seen, who
/// had overwritten it, and who had seen that.
///
/// A reduction keeps what proves the violation, and often a single operation and the states before it do. Context is
/// added afterwards, in a role of its own, so that the proof stays as small as it is.
struct ContextOperations {
  /// Context is for pictures that are small enough to be read.
  private static let membersMax = 20

  struct Item {
    /// Id in the lowered object.
    var id: UInt32
    /// What follows its name in a sentence: "had left 1".
    var role: String
  }

  let object: LoweredObject
  let evidence: Evidence
  let violation: UInt32
  /// Operations that the summary names.
  var spokenOf: [UInt32] = []

  private var traits: [Automaton.Traits] { object.automaton.traits }
  private var all: [SearchOperation] { object.problem.operations }

  /// In order of invocation.
  func items() -> [Item] {
    let shown = Set(evidence.members.map(\.id))
    let missing = spokenOf.filter { !shown.contains($0) }.map { Item(id: $0, role: "is spoken of above") }
    let all = missing + sources().filter { !shown.contains($0.id) && !spokenOf.contains($0.id) }
    return all.sorted { $0.id < $1.id }
  }

  /// Where the state came from that the violation needs, and what became of it.
  private func sources() -> [Item] {
    guard evidence.members.count <= Self.membersMax, object.answers.holdsWrittenValues,
      case .only(let needed) = traits(of: violation).condition
    else { return [] }
    let source = last { changes($0, to: needed) && all[Int($0)].completion < end }
    let overwriter = last { changes($0) && result($0) != needed && all[Int($0)].completion < begin }
    let since = source.map { all[Int($0)].completion } ?? 0
    let witness = last { id in
      all[Int(id)].completion < begin && all[Int(id)].invocation > since && saw(id).map { $0 != needed } == true
    }
    var items: [Item] = []
    if let source { items.append(Item(id: source, role: "had left \(text(needed))")) }
    if let overwriter { items.append(Item(id: overwriter, role: "had left \(text(result(overwriter)))")) }
    if let witness, let state = saw(witness) { items.append(Item(id: witness, role: "had seen \(text(state))")) }
    return items
  }

  private var begin: UInt32 { all[Int(violation)].invocation }
  private var end: UInt32 { all[Int(violation)].completion }

  private func traits(of id: UInt32) -> Automaton.Traits { traits[Int(all[Int(id)].kind)] }
  private func result(_ id: UInt32) -> UInt32 { traits(of: id).result }
  private func text(_ state: UInt32) -> String { object.automaton.value(of: state).json }

  /// A required update that always leaves the same state.
  private func changes(_ id: UInt32, to state: UInt32? = nil) -> Bool {
    let traits = traits(of: id)
    guard all[Int(id)].isRequired, !traits.isObserver, traits.result != Automaton.none else { return false }
    return state.map { $0 == traits.result } ?? true
  }

  /// The one state in which a required observer can have happened.
  private func saw(_ id: UInt32) -> UInt32? {
    guard all[Int(id)].isRequired, traits(of: id).isObserver, case .only(let state) = traits(of: id).condition else {
      return nil
    }
    return state
  }

  /// The last operation to be invoked, of those before the violation returned, with this property.
  private func last(where isWanted: (UInt32) -> Bool) -> UInt32? {
    let before = all.partitioningIndex { $0.invocation >= end }
    return (0..<UInt32(before)).last { $0 != violation && isWanted($0) }
  }
}
