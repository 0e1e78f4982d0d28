import Clusters
import Histories

/// Why a request could not be made: nothing was sent.
public struct RequestError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

/// The system as clients see it: from invocation to request, from result to completion. The I/O between is not its own.
///
/// Operations are in flight on slots, one each; the caller numbers them, as it numbers its client threads.
public struct SystemClient: Sendable {
  /// By function.
  private var operations: [String: Operation] = [:]
  private var inFlight: [InFlight?]

  private struct Operation: Sendable {
    /// By index of the node.
    var renderers: [RequestRenderer]
    var classifier: OutcomeClassifier
    var resending: Resending?
  }

  private struct InFlight: Sendable {
    var invocation: PendingOperation
    var classifier: OutcomeClassifier
    var resending: Resending?
  }

  /// - Parameters:
  ///   - slots: most operations in flight at once.
  ///   - scope: nodes, parameters and run.
  /// - Throws: where a template of an operation refers to something that the scope does not have.
  public init(
    client: ClientDescription, operations: [String: OperationDescription], scope: TemplateScope, slots: Int
  ) throws(RequestError) {
    inFlight = Array(repeating: nil, count: slots)
    for (name, description) in operations.sorted(by: { $0.key < $1.key }) {
      var renderers: [RequestRenderer] = []
      for node in scope.nodes {
        var own = scope
        own.node = node
        do {
          renderers.append(try RequestRenderer(description.request, client, own))
        } catch {
          throw RequestError(description: "operation \(name), node \(node.name): \(error)")
        }
      }
      self.operations[name] = Operation(
        renderers: renderers, classifier: OutcomeClassifier(description), resending: description.resending)
    }
  }

  /// The request of an operation that is now in flight on `slot`.
  ///
  /// - Parameter node: index of the node that it goes to.
  /// - Throws: where the operation cannot be said in this system's requests. Nothing is in flight then.
  public mutating func prepare(slot: Int, _ invocation: PendingOperation, node: Int) throws(RequestError) -> HTTPRequest
  {
    let request = try request(invocation, node: node)
    if let operation = operations[invocation.function] {
      inFlight[slot] = InFlight(
        invocation: invocation, classifier: operation.classifier, resending: operation.resending)
    }
    return request
  }

  /// Whether any operation's request may be sent once more.
  public var resends: Bool { operations.values.contains { $0.resending != nil } }

  /// What is in flight on `slot`, if its request may be sent once more.
  public func repetition(slot: Int) -> Repetition? {
    guard let flight = inFlight[slot], let resending = flight.resending else { return nil }
    return Repetition(flight.invocation, resending)
  }

  /// A request of this operation; nothing is in flight by it.
  ///
  /// - Parameter node: index of the node that it goes to.
  /// - Throws: where the operation cannot be said in this system's requests.
  public func request(_ invocation: PendingOperation, node: Int) throws(RequestError) -> HTTPRequest {
    guard let operation = operations[invocation.function] else {
      throw RequestError(description: "the plan describes no operation '\(invocation.function)'")
    }
    do {
      return try operation.renderers[node].request(for: invocation)
    } catch {
      throw RequestError(description: "operation \(invocation.function): \(error)")
    }
  }

  /// The completion of what is in flight on `slot`, which is free again; nil where nothing was.
  public mutating func complete(slot: Int, _ result: HTTPResult) -> OperationOutcome? {
    guard let flight = inFlight[slot] else { return nil }
    inFlight[slot] = nil
    return flight.classifier.completion(of: flight.invocation, result)
  }
}
