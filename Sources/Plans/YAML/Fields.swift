import Systems

/// The keys of one mapping, asked for by name: what nobody asked for is reported at the end.
///
/// Each decoder reads as the list of the keys that it knows. Anything of the wrong type is reported where it stands and
/// reads as absent, so that decoding goes on to find the next problem.
final class Fields {
  /// The mapping as messages call it: `client`, `operations.read`.
  let block: String
  let mark: YAMLMark
  let sink: ProblemSink
  private let entries: [YAMLEntry]
  /// False: that was reported, and what is missing in it is no news.
  private let isMapping: Bool
  /// The keys that were asked for, in order.
  private var known: [String] = []
  /// Those of them that are refused: never suggested.
  private var unsupported: Set<String> = []

  init(_ node: YAMLNode, _ block: String, _ sink: ProblemSink) {
    self.block = block
    self.sink = sink
    mark = node.mark
    if case .map(let entries) = node.content {
      self.entries = entries
      isMapping = true
    } else {
      entries = []
      isMapping = false
      sink.report("\(block) must be a mapping of keys to values, not \(node.summary)", at: node.mark)
    }
  }

  /// The value of a key; nil where the plan does not have it or gives nothing.
  func node(_ key: String) -> YAMLNode? {
    guard let node = nullableNode(key), !node.isNull else { return nil }
    return node
  }

  /// The value of a key for which null is something to say.
  func nullableNode(_ key: String) -> YAMLNode? { entry(key)?.value }

  /// The value of a key that must be there.
  func required(_ key: String, _ expected: String) -> YAMLNode? {
    if let node = node(key) { return node }
    if isMapping {
      sink.report("\(block) lacks '\(key)': \(expected)", at: entry(key)?.keyMark ?? mark)
    }
    return nil
  }

  /// Where the key stands; the mapping itself where it is absent.
  func keyMark(_ key: String) -> YAMLMark { entries.first { $0.key == key }?.keyMark ?? mark }

  /// Keys of the format that this version does not have yet: refused, since ignoring them would change what a plan means.
  func notSupportedYet(_ keys: String...) {
    for key in keys where entry(key) != nil {
      sink.report("'\(key)' of \(block) is not supported yet", at: keyMark(key))
    }
    unsupported.formUnion(keys)
  }

  /// The keys that nobody asked for, with their values: parameters that somebody else knows.
  func rest() -> [YAMLEntry] {
    let rest = entries.filter { !known.contains($0.key) }
    known += rest.map(\.key)
    return rest
  }

  /// Reports the keys that nobody asked for.
  func finish() {
    let names = known.filter { !unsupported.contains($0) }
    for entry in entries where !known.contains(entry.key) {
      sink.report(UnknownName.message("key of \(block)", entry.key, known: names), at: entry.keyMark)
    }
  }

  private func entry(_ key: String) -> YAMLEntry? {
    if !known.contains(key) { known.append(key) }
    return entries.first { $0.key == key }
  }
}
