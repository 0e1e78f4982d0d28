import Yams

/// Reads YAML into our own tree: everything of Yams ends here.
struct YAMLComposer {
  private let file: String
  private let text: String
  private var nodes = 0

  private init(file: String, text: String) {
    self.file = file
    self.text = text
  }

  /// - Throws: the one diagnostic of YAML that is malformed: what follows it cannot be made out.
  static func compose(_ text: String, file: String) throws(PlanProblems) -> YAMLNode {
    var composer = YAMLComposer(file: file, text: text)
    let root: Node?
    do {
      // The encoding is named because Yams' own default prints to stdout where an environment variable is set.
      root = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch {
      throw composer.problem(error)
    }
    guard let root else { throw composer.problem("the plan is empty", nil) }
    return try composer.convert(root)
  }

  private mutating func convert(_ node: Node) throws(PlanProblems) -> YAMLNode {
    let mark = node.mark.map(YAMLMark.init) ?? YAMLMark(line: 1, column: 1)
    nodes += 1
    guard nodes <= PlanLimits.yamlNodesMax else {
      throw problem("the plan has more than \(PlanLimits.yamlNodesMax) values; are there aliases of aliases?", mark)
    }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      return YAMLNode(content: .scalar(YAMLScalar(text: scalar.string, isPlain: isPlain)), mark: mark)
    case .sequence(let sequence):
      var elements: [YAMLNode] = []
      for element in sequence { elements.append(try convert(element)) }
      return YAMLNode(content: .list(elements), mark: mark)
    case .mapping(let mapping):
      var entries: [YAMLEntry] = []
      for (key, value) in mapping { entries.append(try entry(key, value, mark)) }
      return YAMLNode(content: .map(entries), mark: mark)
    case .alias:
      throw problem("this alias refers to nothing", mark)
    }
  }

  private mutating func entry(_ key: Node, _ value: Node, _ mapping: YAMLMark) throws(PlanProblems) -> YAMLEntry {
    let mark = key.mark.map(YAMLMark.init) ?? mapping
    guard case .scalar(let scalar) = key else {
      throw problem("a key must be a text; a template that stands alone needs quotes: \"{{ … }}\"", mark)
    }
    return YAMLEntry(key: scalar.string, keyMark: mark, value: try convert(value))
  }
}

extension YAMLComposer {
  private func problem(_ message: String, _ mark: YAMLMark?) -> PlanProblems {
    let place = mark.map { Diagnostic.Place.file(file, line: $0.line, column: $0.column) } ?? .wholeFile(file)
    return PlanProblems([Diagnostic(place, message)])
  }

  private func problem(_ error: any Error) -> PlanProblems {
    guard let error = error as? YamlError else { return problem("this is not YAML: \(error)", nil) }
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      return self.problem(sentence(context, problem, YAMLMark(mark)), YAMLMark(mark))
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.map { "'\($0)'" }.joined(separator: ", ")
      return self.problem(
        "a mapping has the key \(names) more than once; the first one is here", YAMLMark(context.mark))
    case .reader(let problem, let offset, _, _):
      return self.problem("this is not YAML: \(problem)", offset.map(mark(characters:)))
    default:
      return self.problem("this is not YAML: \(error)", nil)
    }
  }

  /// The parser's own words; where a tab is to blame, ours.
  private func sentence(_ context: YamlError.Context?, _ problem: String, _ mark: YAMLMark) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.indices.contains(mark.line - 1), lines[mark.line - 1].prefix(while: \.isWhitespace).contains("\t") {
      return "a tab cannot indent YAML: use spaces"
    }
    guard let context, !context.text.isEmpty else { return "this is not YAML: \(problem)" }
    return "this is not YAML: \(context.text) at \(context.mark.line):\(context.mark.column), \(problem)"
  }

  /// The position of a character offset.
  private func mark(characters offset: Int) -> YAMLMark {
    let before = text.prefix(offset)
    let line = before.count { $0.isNewline } + 1
    let column = before.reversed().prefix { !$0.isNewline }.reduce(0) { $0 + $1.unicodeScalars.count } + 1
    return YAMLMark(line: line, column: column)
  }
}

extension YAMLMark {
  fileprivate init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}
