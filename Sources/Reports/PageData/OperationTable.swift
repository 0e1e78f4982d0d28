import Histories

/// The client operations of a run in columns, as the page's scripts read them.
///
/// Numbers are small on purpose (differences, microseconds, ids of interned texts), so that gzip leaves some six bytes
/// an operation. Microseconds are enough to draw; the index leads to the exact line of `history.jsonl`.
struct OperationTable {
  /// Operations kept, at most; above that only those near faults and violations (EXPERIENCE).
  static let operationsMax = 1_000_000
  /// Kept on both sides of a fault's edge or a violation, in microseconds, when not all operations are.
  static let windowMicroseconds: Int64 = 2_000_000
  /// Longest text of one value in the page, in bytes; the whole value is in `history.jsonl`.
  static let valueBytesMax = 512

  /// Event index of the invocation, as the difference from the operation before.
  private(set) var invocations: [Int] = []
  /// Event index of the completion less that of the invocation; 0 where none was recorded.
  private(set) var completions: [Int] = []
  /// Microseconds from the invocation before.
  private(set) var starts: [Int] = []
  /// Microseconds from invocation to completion; -1 where none was recorded.
  private(set) var latencies: [Int] = []
  private(set) var processes: [Int] = []
  private(set) var functions: [Int] = []
  /// 0 ok, 1 fail, 2 info.
  private(set) var outcomes: [Int] = []
  /// Ids from 1 of the tables below; 0 for none.
  private(set) var nodes: [Int] = []
  private(set) var errors: [Int] = []
  private(set) var keys: [Int] = []
  /// Values as places counted back from the newest: see `code(_:)`.
  private(set) var inputs: [Int] = []
  /// Likewise; -2 where the completion repeats the input, as those of writes do.
  private(set) var outputs: [Int] = []

  private(set) var functionNames = SymbolTable<String>()
  private(set) var nodeNames = SymbolTable<String>()
  private(set) var errorNames = SymbolTable<String>()
  private(set) var keyTexts = SymbolTable<Value>()
  private(set) var valueTexts = SymbolTable<Value>()
  private var lastInvocation = 0
  private var lastStart = 0

  var count: Int { invocations.count }

  /// - Parameter positions: which operations, ascending; nil for all.
  init(_ operations: Operations, positions: [Int]? = nil) {
    for position in positions ?? Array(0..<operations.count) { append(operations[position]) }
  }

  private mutating func append(_ operation: Operation) {
    let (key, input) = Self.split(operation.input)
    let (outputKey, rest) = Self.split(operation.output)
    invocations.append(operation.invocation - lastInvocation)
    lastInvocation = operation.invocation
    completions.append(operation.completion.map { $0 - operation.invocation } ?? 0)
    let start = Int(operation.invokeTime / 1_000)
    starts.append(start - lastStart)
    lastStart = start
    latencies.append(operation.completeTime.map { max(0, Int($0 / 1_000) - start) } ?? -1)
    processes.append(Int(operation.process.rawValue))
    functions.append(Int(functionNames.intern(VisibleText.clean(operation.function))))
    outcomes.append(Self.code(operation.outcome))
    nodes.append(Self.id(operation.node, in: &nodeNames))
    errors.append(Self.id(operation.error, in: &errorNames))
    keys.append(key.map { Int(keyTexts.intern($0)) + 1 } ?? 0)
    inputs.append(code(input))
    let output = key != nil && outputKey == key ? rest : operation.output
    outputs.append(output == input ? -2 : code(output))
  }

  /// -1 for null, 0 for a value that was never seen, else how many values ago it was first seen.
  ///
  /// Writers mostly write what is new and readers mostly read what is recent, so that these numbers are small and many
  /// of them equal, where ids of the table would all be different.
  private mutating func code(_ value: Value) -> Int {
    if value.isNull { return -1 }
    let known = valueTexts.count
    let id = Int(valueTexts.intern(value))
    return id == known ? 0 : known - id
  }

  /// Key and rest of `[key, value]`: a list of two whose first is a scalar. Transactions are lists of lists.
  private static func split(_ value: Value) -> (key: Value?, rest: Value) {
    guard let pair = value.keyedPair else { return (nil, value) }
    switch pair.key {
    case .int, .string: return (pair.key, pair.value)
    default: return (nil, value)
    }
  }

  private static func id(_ name: String?, in table: inout SymbolTable<String>) -> Int {
    name.map { Int(table.intern(VisibleText.clean($0))) + 1 } ?? 0
  }

  private static func code(_ outcome: EventType) -> Int {
    switch outcome {
    case .ok: 0
    case .fail: 1
    case .info, .invoke: 2
    }
  }
}

extension OperationTable {
  /// As a JSON object: tables of texts and columns of numbers.
  func append(to buffer: inout [UInt8]) {
    JSONWriter.append(literal: "{", to: &buffer)
    texts("functions", functionNames.symbols, &buffer)
    texts("nodes", nodeNames.symbols, &buffer)
    texts("errors", errorNames.symbols, &buffer)
    texts("keys", keyTexts.symbols.map(Self.text), &buffer)
    texts("values", valueTexts.symbols.map(Self.text), &buffer)
    let columns: [(StaticString, [Int])] = [
      ("index", invocations), ("span", completions), ("start", starts), ("latency", latencies),
      ("process", processes), ("function", functions), ("outcome", outcomes), ("node", nodes), ("error", errors),
      ("key", keys), ("input", inputs), ("output", outputs),
    ]
    for (name, column) in columns { numbers(name, column, &buffer) }
    JSONWriter.append(literal: "\"count\":", to: &buffer)
    JSONWriter.append(Int64(count), to: &buffer)
    JSONWriter.append(literal: "}", to: &buffer)
  }

  /// The value as compact JSON, cut.
  private static func text(_ value: Value) -> String { VisibleText.clean(value.json, bytesMax: valueBytesMax) }

  private func texts(_ name: StaticString, _ texts: [String], _ buffer: inout [UInt8]) {
    column(name, texts, &buffer) { JSONWriter.append(string: $0, to: &$1) }
  }

  private func numbers(_ name: StaticString, _ numbers: [Int], _ buffer: inout [UInt8]) {
    column(name, numbers, &buffer) { JSONWriter.append(Int64($0), to: &$1) }
  }

  private func column<Element>(
    _ name: StaticString, _ elements: [Element], _ buffer: inout [UInt8],
    _ write: (Element, inout [UInt8]) -> Void
  ) {
    JSONWriter.append(literal: "\"", to: &buffer)
    JSONWriter.append(literal: name, to: &buffer)
    JSONWriter.append(literal: "\":[", to: &buffer)
    for (position, element) in elements.enumerated() {
      if position > 0 { buffer.append(UInt8(ascii: ",")) }
      write(element, &buffer)
    }
    JSONWriter.append(literal: "],", to: &buffer)
  }
}
