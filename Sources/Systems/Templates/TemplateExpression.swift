import Clusters
import Histories

/// A piece of a parsed template.
enum TemplateSegment: Hashable, Sendable {
  /// UTF-8, ready to be appended.
  case text([UInt8])
  case expression(TemplateExpression)
}

/// What stands between `{{` and `}}`: where a value comes from, and the filters that it goes through.
struct TemplateExpression: Hashable, Sendable {
  var source: TemplateSource
  var filters: [TemplateFilter]
  /// Of the source's first character, in the template (1-based).
  var column: Int

  /// Whether the value is another one for every operation.
  var dependsOnOperation: Bool {
    if case .operation = source { return true }
    return false
  }
}

/// Where the value of an expression comes from.
enum TemplateSource: Hashable, Sendable {
  case literal(Value)
  case node(NodeField)
  /// Of the node that a change of the membership is about.
  case target(NodeField)
  /// `nodes | map('…')`, or `peers | map('…')`: one text for each node, or for each node but this one.
  case eachNode(NodePattern, peersOnly: Bool)
  case parameter(String)
  case run(RunField)
  /// With the way into the field's value: `op.value[1].name`.
  case operation(OperationField, path: [JSONPath.Step])
}

/// `node.…`, and `{…}` inside `map`.
enum NodeField: Hashable, Sendable {
  case name, number, address, dataDirectory, logFile
  case port(String)

  /// The names of the fields that are one word.
  static let named: [(name: String, field: NodeField)] = [
    ("name", .name), ("number", .number), ("address", .address), ("dataDir", .dataDirectory), ("logFile", .logFile),
  ]
  static let expected = "name, number, address, dataDir, logFile or ports.NAME"

  /// - Returns: nil where the node has no port of that name.
  func value(of node: Node) -> Value? {
    switch self {
    case .name: .string(node.name)
    case .number: .int(Int64(node.number))
    case .address: .string(node.address)
    case .dataDirectory: .string(node.dataDirectory)
    case .logFile: .string(node.logFile)
    case .port(let name): node.ports[name].map { .int(Int64($0)) }
    }
  }
}

/// `run.…`
enum RunField: String, Hashable, Sendable, CaseIterable {
  case id, dir
}

/// `op.…`
enum OperationField: String, Hashable, Sendable, CaseIterable {
  case id, function, key, value, from, to

  /// - Returns: null where the operation has no such field.
  func value(of invocation: PendingOperation) -> Value {
    switch self {
    case .id: .int(Int64(invocation.id))
    case .function: .string(invocation.function)
    case .key: invocation.key
    case .value: invocation.payload
    case .from: Self.part("from", 0, of: invocation.payload)
    case .to: Self.part("to", 1, of: invocation.payload)
    }
  }

  /// Half of a cas's `[from, to]`, or that entry of a transfer's map.
  private static func part(_ name: String, _ index: Int, of payload: Value) -> Value {
    switch payload {
    case .list(let pair) where pair.count == 2: pair[index]
    case .map(let entries): entries[name] ?? .null
    default: .null
    }
  }
}

/// The pattern of `map`: text with `{field}` of a node in it.
struct NodePattern: Hashable, Sendable {
  enum Part: Hashable, Sendable {
    case text(String)
    /// With its column in the template (1-based).
    case field(NodeField, column: Int)
  }

  var parts: [Part]

  func text(for node: Node) throws(TemplateError) -> String {
    var text = ""
    for part in parts {
      switch part {
      case .text(let literal): text += literal
      case .field(let field, let column): text += try TemplateFilter.text(field.required(of: node, column), column)
      }
    }
    return text
  }
}

extension NodeField {
  /// The field's value.
  ///
  /// - Throws: where the node has no port of that name, at `column`.
  func required(of node: Node, _ column: Int) throws(TemplateError) -> Value {
    if let value = value(of: node) { return value }
    guard case .port(let name) = self else { throw TemplateError("node \(node.name) lacks this field", column: column) }
    throw TemplateError("node \(node.name) has no port '\(name)'", column: column)
  }
}
