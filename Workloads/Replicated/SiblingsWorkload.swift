import Checkers
import Generators
import Histories

extension Workload {
  /// Many independent keys of a store that keeps concurrent writes beside one another (DeCandia et al., *Dynamo*, 2007).
  ///
  /// | f | invocation | ok |
  /// |---|---|---|
  /// | get | `[k, null]` | `[k, {"values": [v, …], "context": c}]` |
  /// | put | `[k, {"value": v, "context": c}]`, v null to delete, c null for a context that covers nothing | the same |
  ///
  /// Contexts are texts that only the system understands; every value is put once. How the load is shaped to catch bugs:
  /// see `SiblingsGenerator`. At the end every key used last is got through every node, until all show the same.
  public static let siblings = Workload(
    name: SiblingsChecker.name, summary: "gets, and puts with the causal context of an earlier get",
    operations: [
      .init("get", "[k, null] → [k, {\"values\": [v, …], \"context\": c}]", readOnly: true),
      .init("put", "[k, {\"value\": v or null, \"context\": c or null}]"),
    ],
    parameters: replicatedParameters(opsPerKey: 200, SiblingsGenerator.functions, mix: ["get": 1, "put": 2]),
    claims: [InvariantModel.Claim.noLostUpdates, InvariantModel.Claim.noResurrection],
    defaultClaims: [InvariantModel.Claim.noLostUpdates], keyed: true,
    build: { settings in
      let generator = SiblingsGenerator(
        keys: try settings.rotatingKeys(), weights: try settings.weights("mix", of: SiblingsGenerator.functions),
        stream: settings.streams.stream("siblings/operations"))
      let (threads, nodes, settle) = (settings.threads, settings.nodes, try settings.settle())
      return WorkloadInstance(
        generator: generator.onClients(),
        finalGenerator: { history in
          SettlingReads.ofReplicas(
            SettledSiblings.self, of: history, .init(readReplica: "get"), nodes: nodes, threads: threads, settle: settle
          ).onClients()
        },
        checks: try ClaimCheck.settled(SiblingsChecker.name, within: settle))
    })
}
