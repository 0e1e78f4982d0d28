import Checkers
import Generators
import Histories

extension Workload {
  /// Many independent replicated sets whose removals take away what they have observed.
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | add | `[k, v]` | `[k, {"id": i}]` |
  /// | remove | `[k, v]` | `[k, {"context": [i, …]}]`: the ids of the additions that it took away |
  /// | read | `[k, null]` | `[k, [v, …]]` |
  /// | local-read | `[k, null]`, on the event's node | `[k, [v, …]]`: what this replica has |
  ///
  /// Where the system reports no ids, what a removal took away is anybody's guess, and less can be decided. How the load
  /// is shaped: see `ReplicatedGenerator` and `ElementUpdates`.
  public static let crdtSet = Workload(
    name: "crdt-set", summary: "additions to and removals from replicated sets, and reads of single replicas",
    operations: [
      .init("add", "[k, v] → [k, {\"id\": i}]"), .init("remove", "[k, v] → [k, {\"context\": [i, …]}]"),
      .init("read", "[k, null] → [k, [v, …]]", readOnly: true),
      .init("local-read", "[k, null] → [k, [v, …]] of the event's node", readOnly: true),
    ],
    parameters: replicatedParameters(
      opsPerKey: 200, ReplicatedGenerator<ElementUpdates>.functions,
      mix: ["add": 2, "remove": 1, "read": 1, "local-read": .double(0.5)]),
    claims: [InvariantModel.Claim.converges, InvariantModel.Claim.convergesInRealTime],
    defaultClaims: [InvariantModel.Claim.converges], keyed: true,
    build: { settings in
      try settings.replicated(
        ElementUpdates(slots: try settings.int("keys")), SettledSets.self, model: "crdt-or-set",
        stream: "crdt-set/operations")
    })
}
