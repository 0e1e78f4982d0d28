import Generators
import Histories
import Systems

/// Operations as HTTP requests over libcurl.
struct HTTPPort: OperationPort, ~Copyable {
  private var driver: HTTPDriver
  private var client: SystemClient
  /// Of operations; those of second requests come behind.
  private let slots: Int
  /// Operations that could not even be said in a request, reported by the next wait.
  private var refused: [PortCompletion] = []
  /// nil where every request is sent once.
  private var resender: Resender?

  /// - Parameters:
  ///   - nodes: how many there are.
  ///   - resends: decides which requests are sent once more.
  /// - Throws: what the driver says when it cannot be made.
  init(client: SystemClient, slots: Int, nodes: Int, resends: RandomStream) throws {
    resender = client.resends ? Resender(firstSlot: slots, nodes: nodes, stream: resends) : nil
    driver = try HTTPDriver(slots: slots + (resender == nil ? 0 : Resender.slotsMax))
    self.client = client
    self.slots = slots
  }

  var waker: Waker { driver.waker }

  var resent: Int { resender?.count ?? 0 }

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
    resend(at: RunClock.monotonic())
    // What was refused is told at once; the others' transfers go on all the same.
    let latest = refused.isEmpty ? deadline : RunClock.monotonic()
    completions.append(contentsOf: refused)
    refused.removeAll()
    try driver.wait(untilNanoseconds: min(latest, resender?.nextDue ?? latest)) { slot, result, time in
      let repetition = slot < slots ? client.repetition(slot: slot) : nil
      guard slot < slots, let outcome = client.complete(slot: slot, result) else {
        resender?.finished(slot: slot)
        return
      }
      if let repetition, outcome.type != .fail { resender?.ended(repetition, at: time) }
      completions.append(PortCompletion(slot: slot, outcome: outcome, time: time))
    }
  }
}

extension HTTPPort {
  /// Sends what is due once more. What is answered says nothing: the operation has ended.
  private mutating func resend(at time: Int64) {
    while let (slot, operation, node) = resender?.next(at: time) {
      do {
        try driver.start(slot: slot, request: try client.request(operation, node: node))
      } catch {
        resender?.finished(slot: slot)
      }
    }
  }
}

extension TransportFailure {
  /// A request that never came to be, or a service that has closed.
  static func neverAsked(_ why: String) -> TransportFailure {
    TransportFailure(reason: .cancelled, neverSent: true, curlCode: 0, osError: 0, detail: why)
  }
}
