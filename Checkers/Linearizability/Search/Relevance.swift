/// Until when each state can still be needed, and so which optional operations can matter at all.
///
/// An optional operation that leaves state v matters only if something that needs v comes after it. Let *needed(v)* be
/// the least solution of: needed(v) ≥ completion of every required operation that can happen in v only, and
/// needed(a) ≥ needed(b) for every optional operation that goes from a only to b. An optional operation into v that was
/// invoked after needed(v) can be left out of any order:
///
/// Call a use of an optional operation *live* if, before the state changes again, a required operation happens that
/// needs its result, or if the next change needs its result and is required or live itself. Leave out all uses that are
/// not live. What happened between a use that was left out and the next change happens in any state (had it needed this
/// one, it would be required, and the use live, or optional and observing nothing); so does the next change, or it was
/// left out too. Changes that remain do not look at the state before them, so the rest is as it was. A live use is the
/// start of a chain of changes up to a required operation r that comes after it, so needed(v) ≥ completion of r > its
/// invocation. Hence uses invoked later are never live.
///
/// The proof wants every condition and every result known; where a model does not give them, everything can matter.
struct Relevance {
  private let automaton: Automaton
  /// By state id; nothing where the proof does not apply.
  private let neededUntil: [UInt32: UInt32]?

  init(_ operations: [SearchOperation], _ automaton: Automaton) {
    self.automaton = automaton
    neededUntil = Self.needs(operations, automaton)
  }

  /// Whether the model told enough for the proof.
  var isComplete: Bool { neededUntil != nil }

  /// Whether some order may need the optional operation.
  func canMatter(_ operation: SearchOperation) -> Bool {
    guard let neededUntil else { return true }
    guard let until = neededUntil[automaton.traits[Int(operation.kind)].result] else { return false }
    return until > operation.invocation
  }

  /// The last event before which a use of the kind can matter.
  func usefulUntil(kind: UInt32) -> UInt32 {
    guard let neededUntil else { return .max }
    return neededUntil[automaton.traits[Int(kind)].result] ?? 0
  }

  private static func needs(_ operations: [SearchOperation], _ automaton: Automaton) -> [UInt32: UInt32]? {
    var needed: [UInt32: UInt32] = [:]
    /// For a state b, the states a from which an optional operation leads to b.
    var sources: [UInt32: Set<UInt32>] = [:]
    for operation in operations {
      let traits = automaton.traits[Int(operation.kind)]
      if traits.condition == .unknown || (!traits.isObserver && traits.result == Automaton.none) { return nil }
      guard case .only(let state) = traits.condition else { continue }
      if operation.isRequired {
        needed[state] = max(needed[state] ?? 0, operation.completion)
      } else if !traits.isObserver {
        sources[traits.result, default: []].insert(state)
      }
    }
    propagate(sources, &needed)
    return needed
  }

  private static func propagate(_ sources: [UInt32: Set<UInt32>], _ needed: inout [UInt32: UInt32]) {
    var work = needed.keys.sorted()
    while let state = work.popLast() {
      guard let until = needed[state], let from = sources[state] else { continue }
      for source in from where needed[source] ?? 0 < until {
        needed[source] = until
        work.append(source)
      }
    }
  }
}
