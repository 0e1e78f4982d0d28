import Histories

/// What a response must be like: `when:` of an outcome, and the answer that a probe waits for. All parts must hold.
public struct ResponseCondition: Hashable, Sendable {
  /// What is asked of a header or of a place in the body.
  public enum Expectation: Hashable, Sendable {
    case absent
    case present
    case equals(Value)
  }

  public struct HeaderExpectation: Hashable, Sendable {
    /// Compared without case (RFC 9110, section 5.1).
    public var name: String
    public var expectation: Expectation

    public init(name: String, expectation: Expectation) {
      self.name = name
      self.expectation = expectation
    }
  }

  public struct PathExpectation: Hashable, Sendable {
    public var path: JSONPath
    public var expectation: Expectation

    public init(path: JSONPath, expectation: Expectation) {
      self.path = path
      self.expectation = expectation
    }
  }

  /// One of these; empty: any.
  public var status: [Int]
  public var headers: [HeaderExpectation]
  public var paths: [PathExpectation]
  /// Somewhere in the body.
  public var regex: Pattern?

  public init(
    status: [Int] = [], headers: [HeaderExpectation] = [], paths: [PathExpectation] = [], regex: Pattern? = nil
  ) {
    self.status = status
    self.headers = headers
    self.paths = paths
    self.regex = regex
  }

  /// Whether the response meets every part. A body that is not JSON has nothing at any path: it is not `absent` either.
  public func matches(_ response: inout ResponseReader) -> Bool {
    guard status.isEmpty || status.contains(response.status) else { return false }
    for header in headers where !header.expectation.holds(response.header(header.name).map { .string($0) }) {
      return false
    }
    if !paths.isEmpty {
      guard let document = response.document else { return false }
      for path in paths where !path.expectation.holds(path.path.value(in: document)) { return false }
    }
    return regex?.matches(response.text) ?? true
  }
}

extension ResponseCondition.Expectation {
  func holds(_ value: Value?) -> Bool {
    switch self {
    case .absent: value == nil
    case .present: value != nil
    case .equals(let wanted): value.map { Self.same($0, wanted) } ?? false
    }
  }

  /// Equality of JSON: numbers by what they are worth, so that 1 is 1.0.
  private static func same(_ left: Value, _ right: Value) -> Bool {
    switch (left, right) {
    case (.int(let int), .double(let double)), (.double(let double), .int(let int)): Double(int) == double
    default: left == right
    }
  }
}
