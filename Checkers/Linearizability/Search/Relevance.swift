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
  /// By state id, 0 for never; nothing where the proof does not apply.
  private let neededUntil: [UInt32]?

  init(_ operations: [SearchOperation], _ automaton: Automaton) {
    self.automaton = automaton
    neededUntil = automaton.isTransparent ? Self.needs(operations, automaton) : nil
  }

  /// Whether the model told enough for the proof.
  var isComplete: Bool { neededUntil != nil }

  /// Whether some order may need the optional operation.
  func canMatter(_ operation: SearchOperation) -> Bool { usefulUntil(kind: operation.kind) > operation.invocation }

  /// The last event before which a use of the kind can matter.
  func usefulUntil(kind: UInt32) -> UInt32 {
    guard let neededUntil else { return .max }
    return neededUntil[Int(automaton.traits[Int(kind)].result)]
  }

  private static func needs(_ operations: [SearchOperation], _ automaton: Automaton) -> [UInt32] {
    var needed = [UInt32](repeating: 0, count: automaton.knownStates)
    /// Optional operations that lead from one state to another, each once.
    var edges: Set<UInt64> = []
    for operation in operations {
      let traits = automaton.traits[Int(operation.kind)]
      guard case .only(let state) = traits.condition else { continue }
      if operation.isRequired {
        needed[Int(state)] = max(needed[Int(state)], operation.completion)
      } else if !traits.isObserver {
        edges.insert(UInt64(traits.result) << 32 | UInt64(state))
      }
    }
    if !edges.isEmpty { propagate(edges, &needed) }
    return needed
  }

  private static func propagate(_ edges: Set<UInt64>, _ needed: inout [UInt32]) {
    var sources: [UInt32: [UInt32]] = [:]
    for edge in edges { sources[UInt32(edge >> 32), default: []].append(UInt32(truncatingIfNeeded: edge)) }
    var work = sources.keys.sorted()
    while let state = work.popLast() {
      let until = needed[Int(state)]
      for source in sources[state] ?? [] where needed[Int(source)] < until {
        needed[Int(source)] = until
        work.append(source)
      }
    }
  }
}
