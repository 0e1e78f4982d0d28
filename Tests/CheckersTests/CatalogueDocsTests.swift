import Checkers
import Foundation
import Histories
import Testing

/// The tables of Docs/checkers.md are those of the catalogues.
@Suite struct CatalogueDocsTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static var page: URL { root.appending(path: "Docs/checkers.md") }

  /// With FAULTLINE_WRITE_DOCS=1 the tables are written anew instead of compared.
  private static let writes = ProcessInfo.processInfo.environment["FAULTLINE_WRITE_DOCS"] == "1"

  @Test func `tables of Docs/checkers.md are fresh`() throws {
    let tables = [
      ("models", Self.models), ("algorithms", Self.names(AlgorithmCatalogue.all, heading: "algorithm")),
      ("anomalies", Self.names(AnomalyCatalogue.all, heading: "anomaly")),
    ]
    var text = try String(contentsOf: Self.page, encoding: .utf8)
    for (name, table) in tables {
      let (start, end) = ("<!-- generated: \(name) -->\n", "<!-- end -->")
      let head = try #require(text.range(of: start), "no '\(start)'")
      let tail = try #require(text.range(of: end, range: head.upperBound..<text.endIndex), "no end of '\(name)'")
      #expect(
        Self.writes || text[head.upperBound..<tail.lowerBound] == table,
        "stale: FAULTLINE_WRITE_DOCS=1 swift test --disable-xctest --filter CatalogueDocsTests")
      text.replaceSubrange(head.upperBound..<tail.lowerBound, with: table)
    }
    if Self.writes { try text.write(to: Self.page, atomically: true, encoding: .utf8) }
  }

  /// A rule tells its name in a `static let name`; a finding of a run its anomaly as a literal.
  @Test(arguments: [
    ("Checkers/Linearizability/Rules", #"static let \w*[nN]ame = "([^"]+)""#),
    ("Checkers/Sequential", #"case \w+ = "([^"]+)""#), ("Checkers/Linearizability", #"case \w+ = "([^"]+)""#),
    ("Sources/Runs/Claims", #"anomaly: "([^"]+)""#),
  ])
  func `every name in the code is on the page`(folder: String, pattern: String) throws {
    let page = try String(contentsOf: Self.page, encoding: .utf8)
    let files = FileManager.default.enumerator(atPath: Self.root.appending(path: folder).path)?
      .compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted()
    let names = try #require(files).flatMap { file in
      let text = try String(contentsOf: Self.root.appending(path: "\(folder)/\(file)"), encoding: .utf8)
      return text.matches(of: try Regex(pattern, as: (Substring, Substring).self)).map { String($0.1) }
    }
    #expect(names.count >= 2, "\(folder): the pattern matches nothing")
    #expect(names.filter { !page.contains("`\($0)`") } == [], "not in Docs/checkers.md")
  }

  // MARK: Tables

  private static var models: String {
    let rows = HistoryModel.all.map { model in
      let operations = model.operations.map { "\($0.function): \($0.text)" }.joined(separator: " · ")
      let first = ["`\(model.name)`", model.summary, operations]
      if case .invariant(let model) = model {
        let options = model.assumes.map { "; `--\($0.rawValue)`" }.joined()
        return first + [
          model.allowsKeys ? "one object, or many with --keyed yes" : "one object",
          (model.starts ?? "fixed") + options,
        ]
      }
      guard case .object(let model) = model else { return first + ["in the transactions", "fixed"] }
      let initial = model.needsInitial ? "`--initial`" : model.initial.map { "`\($0.json)`" } ?? "fixed"
      return first + [model.keys.text, initial]
    }
    return table(["model", "what it is", "operations", "keys", "first state"], rows)
  }

  private static func names(_ names: [CatalogueName], heading: String) -> String {
    table(
      [heading, "claim", "meaning", "source"], names.map { ["`\($0.name)`", "`\($0.claim)`", $0.summary, $0.source] })
  }

  private static func table(_ heads: [String], _ rows: [[String]]) -> String {
    let lines = [heads] + [heads.map { _ in "---" }] + rows
    return lines.map { cells in
      "| " + cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }.joined(separator: " | ") + " |\n"
    }.joined()
  }
}
