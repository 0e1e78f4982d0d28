import Histories

/// The end of an operation: all that its completion event needs besides time and place.
public struct OperationOutcome: Hashable, Sendable {
  /// `ok`, `fail` or `info`.
  public var type: EventType
  /// The event's whole value, with its key where the workload has keys.
  public var value: Value
  public var error: String?
  /// The response met no rule, or met one that could not read it: counted and shown in the report.
  public var unclassified: Bool

  public init(type: EventType, value: Value, error: String? = nil, unclassified: Bool = false) {
    self.type = type
    self.value = value
    self.error = error
    self.unclassified = unclassified
  }
}

/// Says what the end of a request means for the history (DESIGN 7): pure.
///
/// The order of proof: nothing was sent, so it certainly did not happen; a rule of the plan matches; all else is
/// unknown, except that an operation which changes nothing may be called failed. A value is never made up: where a
/// rule's value is not in the response, the response counts as one that nobody understands.
public struct OutcomeClassifier: Hashable, Sendable {
  public let operation: OperationDescription

  public init(_ operation: OperationDescription) { self.operation = operation }

  public func completion(of invocation: PendingOperation, _ result: HTTPResult) -> OperationOutcome {
    switch result {
    case .failure(let failure) where failure.neverSent:
      return OperationOutcome(type: .fail, value: invocation.value, error: failure.reason.rawValue)
    case .failure(let failure):
      return unknown(invocation, failure.reason.rawValue, unclassified: false)
    case .response(let head):
      var response = ResponseReader(head)
      guard let rule = operation.outcomes.first(where: { $0.condition.matches(&response) }) else {
        return unknown(invocation, "unclassified \(response.status)", unclassified: true)
      }
      return completion(of: invocation, &response, rule)
    }
  }

  private func completion(of invocation: PendingOperation, _ response: inout ResponseReader, _ rule: OutcomeRule)
    -> OperationOutcome
  {
    guard rule.kind == .ok else {
      let error = rule.error ?? "http \(response.status)"
      return OperationOutcome(type: rule.kind.eventType, value: invocation.value, error: error)
    }
    do {
      let value = try value(of: invocation, &response, rule.value)
      return OperationOutcome(type: .ok, value: invocation.wrapping(value), error: rule.error)
    } catch {
      return unknown(invocation, "bad-response: \(error.reason)", unclassified: true)
    }
  }

  /// Without the key.
  private func value(of invocation: PendingOperation, _ response: inout ResponseReader, _ result: OutcomeRule.Result)
    throws(ValueExtraction.Failure) -> Value
  {
    switch result {
    case .invocation: return invocation.payload
    case .constant(let value): return value
    case .template(let template):
      do {
        return try template.value(TemplateScope(invocation: invocation))
      } catch {
        throw ValueExtraction.Failure(reason: "\(template): \(error.message)")
      }
    case .extracted(let extraction): return try extraction.value(in: &response)
    case .list(let results):
      var values: [Value] = []
      for result in results { values.append(try value(of: invocation, &response, result)) }
      return .list(values)
    }
  }

  /// Nobody knows whether it happened; where it changes nothing, that does not matter.
  private func unknown(_ invocation: PendingOperation, _ error: String, unclassified: Bool) -> OperationOutcome {
    OperationOutcome(
      type: operation.readOnly ? .fail : .info, value: invocation.value, error: error, unclassified: unclassified)
  }
}
