import MessageQueue
import NodeKit

/// The fields of a request's body, each as the text that stood there.
struct RequestFields {
  static let null: Bytes = Array("null".utf8)

  private let fields: [(name: String, value: Bytes)]

  /// An empty body counts as an empty object.
  /// - Throws: ``QueueAPI/Refusal`` when a field is missing, is there twice, or is not known; `JSONTextError` for anything
  ///   but a flat object.
  init(_ body: [UInt8], required: [String] = [], optional: [String] = []) throws {
    fields = body.isEmpty ? [] : try JSONText.scalarFields(body)
    let names = fields.map(\.name)
    guard Set(names).count == names.count, Set(required).isSubset(of: names),
      Set(names).isSubset(of: required + optional)
    else { throw QueueAPI.Refusal(Self.wanted(required, optional)) }
  }

  private static func wanted(_ required: [String], _ optional: [String]) -> String {
    if required.isEmpty, optional.isEmpty { return "the body must be empty, or an object without fields" }
    let must = required.isEmpty ? "none" : required.joined(separator: ", ")
    let may = optional.isEmpty ? "" : ", and may have \(optional.joined(separator: ", "))"
    return "the body must have exactly the fields \(must)" + may
  }

  subscript(name: String) -> Bytes? { fields.first { $0.name == name }?.value }

  /// The text of a field that is required.
  func text(_ name: String) throws -> Bytes {
    guard let text = self[name] else { throw QueueAPI.Refusal("\(name) is missing") }
    return text
  }

  /// The contents of a string that names something.
  func name(_ name: String) throws -> Bytes {
    guard let contents = JSONText.contents(of: try text(name)) else {
      throw QueueAPI.Refusal("\(name) is a string")
    }
    return try QueueAPI.name(contents)
  }
}
