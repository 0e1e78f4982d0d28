import Clusters

/// Kills all the nodes at once, as a power failure does; when one cannot be killed the others are started again.
///
/// Returns what the kernel reported of each node's processes.
func killTogether(_ nodes: [String], _ processes: any ProcessControl) async throws -> [String: [ProcessEnd]] {
  let results = await onEach(nodes) { try await processes.kill($0) }
  var killed: [String: [ProcessEnd]] = [:]
  for case (let node, .success(let ends)) in results { killed[node] = ends }
  guard let failure = failure(results, "cannot be killed") else { return killed }
  try await startThoseDown(killed.keys.sorted(), processes)
  throw failure
}

/// The deaths of the nodes that were killed, in the cluster's order, with their states of now.
func deaths(
  _ killed: [String: [ProcessEnd]], _ processes: any ProcessControl, in cluster: any ClusterControl
) throws -> [Death] {
  try cluster.nodes.map(\.name).filter { killed[$0] != nil }.map { node in
    Death(node: node, ends: killed[node] ?? [], after: try processes.state(node))
  }
}
