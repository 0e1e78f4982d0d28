import Histories

/// How clients reach the system: the `client:` block of a plan.
public struct ClientDescription: Hashable, Sendable {
  public var baseURL: Template
  /// For one request, from the first byte sent to the last received.
  public var timeoutSeconds: Double
  /// Sent with every request, in order of their names.
  public var headers: [NamedTemplate]
  public var placement: Placement

  public init(baseURL: Template, timeoutSeconds: Double, headers: [NamedTemplate], placement: Placement) {
    self.baseURL = baseURL
    self.timeoutSeconds = timeoutSeconds
    self.headers = headers
    self.placement = placement
  }
}

/// A header, a query item or a form field.
public struct NamedTemplate: Hashable, Sendable {
  public var name: String
  public var value: Template

  public init(name: String, value: Template) {
    self.name = name
    self.value = value
  }
}

/// One operation of the workload as the system speaks it: `operations.NAME`.
public struct OperationDescription: Hashable, Sendable {
  /// It changes nothing: an unknown outcome may be called `fail`.
  public var readOnly: Bool
  public var request: RequestDescription
  /// The first that matches decides.
  public var outcomes: [OutcomeRule]
  /// nil: every request is sent once.
  public var resending: Resending?

  public init(
    readOnly: Bool, request: RequestDescription, outcomes: [OutcomeRule], resending: Resending? = nil
  ) {
    self.readOnly = readOnly
    self.request = request
    self.outcomes = outcomes
    self.resending = resending
  }
}

public struct RequestDescription: Hashable, Sendable {
  public enum Body: Hashable, Sendable {
    case none
    /// As it is, without a content type of its own.
    case text(Template)
    /// `application/x-www-form-urlencoded`.
    case form([NamedTemplate])
    /// `application/json`.
    case json(JSONTemplate)
  }

  public var method: String
  /// What expressions in it give is percent-encoded, slashes included.
  public var path: Template
  public var query: [NamedTemplate]
  public var headers: [NamedTemplate]
  public var body: Body

  public init(
    method: String, path: Template, query: [NamedTemplate] = [], headers: [NamedTemplate] = [], body: Body = .none
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }
}

/// What a response means.
public struct OutcomeRule: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case ok, fail, info

    var eventType: EventType {
      switch self {
      case .ok: .ok
      case .fail: .fail
      case .info: .info
      }
    }
  }

  /// Where the value of an `ok` comes from.
  public indirect enum Result: Hashable, Sendable {
    /// The invocation's own value: writes.
    case invocation
    /// An expression over the operation: a part of what was invoked.
    case template(Template)
    case constant(Value)
    case extracted(ValueExtraction)
    /// A list of such values: `[index, value]` from a response that has the index alone.
    case list([Result])
  }

  public var condition: ResponseCondition
  public var kind: Kind
  public var value: Result
  /// The history's `error`; nil: `http <status>` for a failure.
  public var error: String?

  public init(condition: ResponseCondition, kind: Kind, value: Result = .invocation, error: String? = nil) {
    self.condition = condition
    self.kind = kind
    self.value = value
    self.error = error
  }
}
