// Clients: each asks for one thing at a time, and for some things again, when it got no answer.
extension ClusterSimulation {
  mutating func invoke(_ client: Int) throws {
    let next = cluster.clientsAreActive ? operation(for: client) : lastOperation(for: client)
    guard let next else { return }
    cluster.clients[client].running = SimulatedClient.Running(operation: next)
    try ask(client, next)
  }

  /// Sends what a client wants to some node.
  private mutating func ask(_ client: Int, _ operation: Operation) throws {
    let request = cluster.nextRequest
    cluster.nextRequest += 1
    cluster.clients[client].running?.request = request
    let options = cluster.options.cluster
    let timeout = options.clientTimeout..<options.clientTimeout + 1
    cluster.plan(
      .clientTimeout(client: client, request: request),
      in: isRepeatable(operation) ? options.patience ?? timeout : timeout)
    let node = server(for: client, operation)
    // A node that is down refuses the connection: the client tries another soon.
    guard cluster.nodes[node].core != nil else { return try respond(to: request, .unreachable) }
    cluster.plan(
      .request(operation, id: request, node: node, life: cluster.nodes[node].life), in: 50 * microsecond..<millisecond)
  }

  /// A node answered, or the client gave up. Nobody waits for late answers.
  public mutating func respond(to request: UInt64, _ outcome: Outcome) throws {
    guard let client = cluster.clients.firstIndex(where: { $0.running?.request == request }),
      let running = cluster.clients[client].running
    else { return }
    cluster.result.count(outcome)
    try answered(client, running.operation, outcome)
    if outcome == .unknown || outcome == .unreachable, asksAgain(client, running) { return }
    cluster.clients[client].running = nil
    try ended(client, running.operation, outcome)
    let pause = pause(of: client)
    cluster.queue.insert(.invoke(client: client), at: cluster.now + pause)
  }

  private func asksAgain(_ client: Int, _ running: SimulatedClient<Self>.Running) -> Bool {
    guard isRepeatable(running.operation), running.retries < cluster.options.cluster.retriesMax,
      cluster.clientsAreActive
    else { return false }
    cluster.plan(.retry(client: client, request: running.request), in: 0..<20 * millisecond)
    return true
  }

  /// The answer may have come in the meantime.
  mutating func retry(_ client: Int, _ request: UInt64) throws {
    guard let running = cluster.clients[client].running, running.request == request else { return }
    cluster.clients[client].running?.retries += 1
    cluster.result[.retries] += 1
    try ask(client, running.operation)
  }

  mutating func timedOut(_ client: Int, _ request: UInt64) throws {
    if cluster.clients[client].running?.request == request { try respond(to: request, .unknown) }
  }
}
