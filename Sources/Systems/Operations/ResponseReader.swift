import Histories

/// A response as conditions and extractions look at it. The body is parsed once, and only where somebody asks.
public struct ResponseReader: Sendable {
  private let response: HTTPResponse
  private var parsed: Parsed = .notYet

  private enum Parsed: Sendable {
    case notYet
    case document(Value)
    case notJSON
  }

  public init(_ response: HTTPResponse) { self.response = response }

  var status: Int { response.status }

  /// The first header of that name, in any case.
  func header(_ name: String) -> String? { response.headers[name] }

  /// The body as JSON; nil where it is not.
  var document: Value? {
    mutating get {
      if case .notYet = parsed { parsed = (try? JSONReader.parse(response.body)).map { .document($0) } ?? .notJSON }
      if case .document(let value) = parsed { return value }
      return nil
    }
  }

  /// The body as text, bytes that are not UTF-8 replaced.
  var text: String { String(decoding: response.body, as: UTF8.self) }
}
