import Checkers
import Foundation
import Testing

/// Docs/isolation.md says of every level what `IsolationLevel` says.
@Suite struct IsolationDocsTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func `the table has every level in its order, with the levels right below it`() throws {
    let text = try String(contentsOf: Self.root.appending(path: "Docs/isolation.md"), encoding: .utf8)
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
      line.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }
    #expect(rows.map { $0[1] } == IsolationLevel.allCases.map { "`\($0.rawValue)`" }, "each once, as the ladder climbs")
    for row in rows {
      let name = row[1].trimmingCharacters(in: ["`"])
      let level = try #require(IsolationLevel(rawValue: name))
      let implied = row[2].split(separator: ", ").map { $0.trimmingCharacters(in: ["`"]) }
      #expect(Set(implied) == Set(level.implied.map(\.rawValue)), "\(name)")
      #expect(!row[3].isEmpty && !row[4].isEmpty, "\(name)")
    }
  }
}
