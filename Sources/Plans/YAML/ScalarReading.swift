import Histories
import Systems

/// Reading of single values: each reports what is wrong and then gives nil.
extension ProblemSink {
  /// The text of any scalar, numbers included.
  func text(_ node: YAMLNode, _ expected: String) -> String? {
    if let scalar = node.scalar, !scalar.value.isNull { return scalar.text }
    report("expected \(expected), not \(node.summary)", at: node.mark)
    return nil
  }

  func bool(_ node: YAMLNode) -> Bool? {
    if let truth = node.scalar?.value.bool { return truth }
    report("expected true or false, not \(node.summary)", at: node.mark)
    return nil
  }

  func integer(_ node: YAMLNode, in range: ClosedRange<Int>, of what: String) -> Int? {
    quantity(node, what) { text throws(UnitProblem) in try Units.integer(text, in: range, of: what) }
  }

  func duration(_ node: YAMLNode, max: Double = PlanLimits.waitSecondsMax) -> Double? {
    quantity(node, "a duration") { text throws(UnitProblem) in try Units.duration(text, max: max) }
  }

  /// One of the names.
  func choice(_ node: YAMLNode, _ kind: String, among names: [String]) -> String? {
    guard let text = text(node, "a \(kind)") else { return nil }
    if names.contains(text) { return text }
    report(UnknownName.message(kind, text, known: names), at: node.mark)
    return nil
  }

  /// The elements of a list.
  func list(_ node: YAMLNode, _ expected: String) -> [YAMLNode] {
    if case .list(let elements) = node.content { return elements }
    report("expected \(expected), not \(node.summary)", at: node.mark)
    return []
  }

  /// The elements of a list, or the one scalar that stands for a list of one.
  func listOrOne(_ node: YAMLNode, _ expected: String) -> [YAMLNode] {
    if node.scalar != nil, !node.isNull { return [node] }
    return list(node, expected)
  }

  /// The entries of a mapping of free keys.
  func entries(_ node: YAMLNode, _ expected: String) -> [YAMLEntry] {
    if case .map(let entries) = node.content { return entries }
    report("expected \(expected), not \(node.summary)", at: node.mark)
    return []
  }

  func pattern(_ node: YAMLNode) -> Pattern? {
    guard let text = text(node, "a regular expression") else { return nil }
    do {
      return try Pattern(text)
    } catch {
      report("'\(text)' is not a regular expression: \(error)", at: node.mark)
      return nil
    }
  }

  func jsonPath(_ text: String, at mark: YAMLMark) -> JSONPath? {
    do {
      return try JSONPath(text)
    } catch {
      let node = YAMLNode(content: .scalar(YAMLScalar(text: text, isPlain: true)), mark: mark)
      report("'\(text)' is not a JSON path: \(error.message)", in: node, column: error.column)
      return nil
    }
  }

  private func quantity<Quantity>(
    _ node: YAMLNode, _ expected: String, _ parse: (String) throws(UnitProblem) -> Quantity
  ) -> Quantity? {
    guard let text = text(node, expected) else { return nil }
    do {
      return try parse(text)
    } catch {
      report(error.message, at: node.mark)
      return nil
    }
  }
}
