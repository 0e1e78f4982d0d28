import Histories
import Systems

/// Operations as HTTP requests over libcurl.
struct HTTPPort: OperationPort, ~Copyable {
  private var driver: HTTPDriver
  private var client: SystemClient
  /// Operations that could not even be said in a request, reported by the next wait.
  private var refused: [PortCompletion] = []

  /// - Throws: what the driver says when it cannot be made.
  init(client: SystemClient, slots: Int) throws {
    driver = try HTTPDriver(slots: slots)
    self.client = client
  }

  var waker: Waker { driver.waker }

  mutating func start(slot: Int, _ operation: PendingOperation, node: Int) {
    do {
      let request = try client.prepare(slot: slot, operation, node: node)
      try driver.start(slot: slot, request: request)
    } catch {
      _ = client.complete(slot: slot, .failure(.neverAsked("\(error)")))
      let outcome = OperationOutcome(type: .fail, value: operation.value, error: "bad-request: \(error)")
      refused.append(PortCompletion(slot: slot, outcome: outcome, time: RunClock.monotonic()))
    }
  }

  mutating func wait(until deadline: Int64, into completions: inout [PortCompletion]) throws {
    // What was refused is told at once; the others' transfers go on all the same.
    let latest = refused.isEmpty ? deadline : RunClock.monotonic()
    completions.append(contentsOf: refused)
    refused.removeAll()
    try driver.wait(untilNanoseconds: latest) { slot, result, time in
      guard let outcome = client.complete(slot: slot, result) else { return }
      completions.append(PortCompletion(slot: slot, outcome: outcome, time: time))
    }
  }
}

extension TransportFailure {
  /// A request that never came to be, or a service that has closed.
  static func neverAsked(_ why: String) -> TransportFailure {
    TransportFailure(reason: .cancelled, neverSent: true, curlCode: 0, osError: 0, detail: why)
  }
}
