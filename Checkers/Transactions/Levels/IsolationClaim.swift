import Histories

/// A text that names no isolation level.
public struct UnknownIsolationLevel: Error, Hashable, Sendable, CustomStringConvertible {
  public let name: String
  /// The nearest name of a level, where one is near.
  public let suggestion: String?

  public var description: String {
    "unknown isolation level '\(name)'; "
      + (suggestion.map { "did you mean '\($0)'?" }
        ?? "the levels are " + IsolationLevel.allCases.map(\.rawValue).joined(separator: ", "))
  }
}

extension IsolationLevel {
  /// Other names of levels: Adya's (1999), and those that other fields use for the same.
  public static let aliases: [String: IsolationLevel] = [
    "pl-1": .readUncommitted, "pl-2": .readCommitted, "pl-cs": .cursorStability, "pl-2.99": .repeatableRead,
    "pl-3u": .updateSerializable, "pl-3": .serializable, "pl-ss": .strictSerializable, "mav": .monotonicAtomicView,
    "psi": .parallelSnapshotIsolation, "si": .snapshotIsolation, "1sr": .serializable, "ser": .serializable,
    "sser": .strictSerializable, "rc": .readCommitted, "ru": .readUncommitted, "rr": .repeatableRead,
    // Adya's PL-SI has snapshots that are as new as the transaction's start.
    "pl-si": .strongSnapshotIsolation, "ra": .readAtomic, "ryw": .readYourWrites, "mr": .monotonicReads,
    "mw": .monotonicWrites, "wfr": .writesFollowReads,
    // For transactions: one order of all that keeps the order of each process, and one that keeps real time.
    "sequential": .strongSessionSerializable, "linearizable": .strictSerializable,
    "strong-serializable": .strictSerializable, "causal-consistency": .causal,
    "causal-convergent": .causal,
  ]

  /// The level that a claim names, by its own name or another; upper case and underscores are as good.
  public init(claim: String) throws(UnknownIsolationLevel) {
    let name = String(claim.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 })
    if let level = IsolationLevel(rawValue: name) ?? Self.aliases[name] {
      self = level
    } else {
      let names = Self.allCases.map(\.rawValue) + Self.aliases.keys.sorted()
      throw UnknownIsolationLevel(name: claim, suggestion: Nearest.name(to: name, in: names))
    }
  }
}
