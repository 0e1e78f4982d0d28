import Checkers
import Generators
import Histories

extension Workload {
  /// Many independent keys of a store that keeps concurrent writes beside one another (DeCandia et al., *Dynamo*, 2007).
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | get | `[k, null]` | `[k, {"values": [v, …], "context": c}]` |
  /// | local-get | `[k, null]`, on the event's node | the same of this replica |
  /// | put | `[k, {"value": v, "context": c}]`, v null to delete, c null for a context that covers nothing | the same |
  ///
  /// Contexts are texts that only the system understands; every value is put once. How the load is shaped to catch bugs:
  /// see `SiblingsGenerator`. At the end every replica of every key used last is read, and then the keys through several
  /// nodes.
  public static let siblings = Workload(
    name: SiblingsChecker.name, summary: "puts with the causal context of an earlier get, and reads of single replicas",
    operations: [
      .init("get", "[k, null] → [k, {\"values\": [v, …], \"context\": c}]", readOnly: true),
      .init("local-get", "[k, null] → the same of the event's node", readOnly: true),
      .init("put", "[k, {\"value\": v or null, \"context\": c or null}]"),
    ],
    parameters: replicatedParameters(
      opsPerKey: 200, SiblingsGenerator.functions, mix: ["get": 1, "put": 2, "local-get": .double(0.5)]),
    claims: [InvariantModel.Claim.noLostUpdates, InvariantModel.Claim.noResurrection],
    defaultClaims: [InvariantModel.Claim.noLostUpdates], keyed: true,
    build: { settings in
      let generator = SiblingsGenerator(
        keys: try settings.rotatingKeys(), nodes: settings.nodes,
        weights: try settings.weights("mix", of: SiblingsGenerator.functions),
        stream: settings.streams.stream("siblings/operations"))
      let (threads, nodes, settle) = (settings.threads, settings.nodes, try settings.settle())
      return WorkloadInstance(
        generator: generator.onClients(),
        finalGenerator: { history in
          SettlingReads.ofReplicas(
            SettledSiblings.self, of: history, .init(read: "get", readReplica: "local-get"), nodes: nodes,
            readers: min(FinalReads.readersPerKey, threads), settle: settle
          ).onClients()
        },
        checks: try ClaimCheck.settled(SiblingsChecker.name, within: settle))
    })
}
