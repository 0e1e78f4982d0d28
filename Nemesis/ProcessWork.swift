import Clusters

/// Starts a node that is down. That somebody else has started it meanwhile is as good.
func startIfDown(_ node: String, _ processes: any ProcessControl) async throws {
  guard try processes.state(node).isDown else { return }
  do {
    try await processes.start(node)
  } catch {
    guard try !processes.state(node).isDown else { throw error }
  }
}

/// Starts those of the nodes that are not running.
func startThoseDown(_ nodes: [String], _ processes: any ProcessControl) async throws {
  let results = await onEach(nodes) { try await startIfDown($0, processes) }
  if let failure = failure(results, "cannot be started") { throw failure }
}

/// Does the same on every node at once, each to its end even when another fails; results in the order of `nodes`.
func onEach<Success: Sendable>(
  _ nodes: [String], _ body: @escaping @Sendable (String) async throws -> Success
) async -> [(String, Result<Success, any Error>)] {
  await withTaskGroup(of: (Int, Result<Success, any Error>).self) { group in
    for (index, node) in nodes.enumerated() {
      group.addTask {
        do { return (index, .success(try await body(node))) } catch { return (index, .failure(error)) }
      }
    }
    var results: [(Int, Result<Success, any Error>)] = []
    for await result in group { results.append(result) }
    return results.sorted { $0.0 < $1.0 }.map { (nodes[$0.0], $0.1) }
  }
}

/// All failures as one error: `n2 cannot be started: …; n4 cannot be started: …`; nil where there is none.
func failure<Success>(_ results: [(String, Result<Success, any Error>)], _ what: String) -> FaultError? {
  let messages = results.compactMap { node, result -> String? in
    guard case .failure(let error) = result else { return nil }
    return "\(node) \(what): \(error)"
  }
  return messages.isEmpty ? nil : FaultError(messages.joined(separator: "; "))
}
