import Foundation
import Nemesis
import Testing

@testable import Plans

/// The table of Docs/faults.md is the catalogue's.
@Suite struct FaultDocsTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// With FAULTLINE_WRITE_DOCS=1 the table is written anew instead of compared.
  @Test func `the table of Docs/faults.md is fresh`() throws {
    let page = Self.root.appending(path: "Docs/faults.md")
    var text = try String(contentsOf: page, encoding: .utf8)
    let head = try #require(text.range(of: "<!-- generated: faults -->\n"))
    let tail = try #require(text.range(of: "<!-- end -->", range: head.upperBound..<text.endIndex))
    let writes = ProcessInfo.processInfo.environment["FAULTLINE_WRITE_DOCS"] == "1"
    #expect(
      writes || text[head.upperBound..<tail.lowerBound] == Self.table,
      "stale: FAULTLINE_WRITE_DOCS=1 swift test --disable-xctest --filter FaultDocsTests")
    guard writes else { return }
    text.replaceSubrange(head.upperBound..<tail.lowerBound, with: Self.table)
    try text.write(to: page, atomically: true, encoding: .utf8)
  }

  private static var table: String {
    let rows = FaultCatalogue.all.map { fault in
      let targets = fault.targets.map { fault.defaultTargets.contains($0.name) ? "**\($0.name)**" : $0.name }
      let parameters = fault.parameters.map { "`\($0.name)`: \($0.summary) (\(Units.words($0)))" }
      return ["`\(fault.name)`", fault.summary, targets.joined(separator: ", "), parameters.joined(separator: "; ")]
    }
    let lines = [["fault", "what it does", "targets", "parameters"], ["---", "---", "---", "---"]] + rows
    return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }
}
