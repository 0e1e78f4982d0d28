/// What the replicas of an object agree on: the specifications of Shapiro et al., "A comprehensive study of convergent
/// and commutative replicated data types", 2011.
public enum ReplicatedType: String, Hashable, Sendable, CaseIterable {
  /// The sum of all increments.
  case gCounter = "g-counter"
  /// The sum of all increments less that of all decrements.
  case pnCounter = "pn-counter"
  /// All elements that were added.
  case gSet = "g-set"
  /// All elements that were added and never removed: what was removed stays away.
  case twoPhaseSet = "2p-set"
  /// All elements with an addition that no removal has observed.
  case orSet = "or-set"
  /// The value with the greatest timestamp.
  case lwwRegister = "lww-register"
  /// The values of all writes that no other write has observed.
  case mvRegister = "mv-register"

  /// The `--model` of its histories.
  public var modelName: String { "crdt-\(rawValue)" }

  /// The functions that change it, as messages and lists of models name them.
  var updates: [String] {
    switch self {
    case .gCounter: ["increment"]
    case .pnCounter: ["increment", "decrement"]
    case .gSet: ["add"]
    case .twoPhaseSet, .orSet: ["add", "remove"]
    case .lwwRegister, .mvRegister: ["write"]
    }
  }

  /// What a function does to it; nil for one that does not change it. Asked for every operation.
  func kind(of function: String) -> ReplicaHistory.Kind? {
    switch (self, function) {
    case (.gCounter, "increment"), (.pnCounter, "increment"): .add
    case (.pnCounter, "decrement"): .remove
    case (.gSet, "add"), (.twoPhaseSet, "add"), (.orSet, "add"): .add
    case (.twoPhaseSet, "remove"), (.orSet, "remove"): .remove
    case (.lwwRegister, "write"), (.mvRegister, "write"): .add
    default: nil
    }
  }

  /// What puts a value where reads find it.
  var additionName: AdditionName {
    switch self {
    case .gCounter, .pnCounter, .gSet, .twoPhaseSet, .orSet: .add
    case .lwwRegister, .mvRegister: .write
    }
  }

  /// What a state looks like in a history.
  enum State {
    case amount, elements, value
  }

  var state: State {
    switch self {
    case .gCounter, .pnCounter: .amount
    case .gSet, .twoPhaseSet, .orSet, .mvRegister: .elements
    case .lwwRegister: .value
    }
  }
}
