/// What is wrong with a template, or why it could not be rendered.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
  public let message: String
  /// Position in the template's own text, in Unicode scalars from 1, as YAML counts columns.
  public let column: Int

  public init(_ message: String, column: Int) {
    self.message = message
    self.column = column
  }

  public var description: String { "column \(column) of the template: \(message)" }
}
