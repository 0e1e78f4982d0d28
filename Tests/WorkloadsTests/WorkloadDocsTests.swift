import Checkers
import Foundation
import Histories
import Testing

@testable import Workloads

/// The table of Docs/workloads.md is that of the catalogue.
@Suite struct WorkloadDocsTests {
  private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Docs/workloads.md")

  /// With FAULTLINE_WRITE_DOCS=1 the table is written anew instead of compared.
  private static let writes = ProcessInfo.processInfo.environment["FAULTLINE_WRITE_DOCS"] == "1"

  @Test func `the table of Docs/workloads.md is fresh`() throws {
    var text = try String(contentsOf: Self.page, encoding: .utf8)
    let head = try #require(text.range(of: "<!-- generated: workloads -->\n"))
    let tail = try #require(text.range(of: "<!-- end -->", range: head.upperBound..<text.endIndex))
    #expect(
      Self.writes || text[head.upperBound..<tail.lowerBound] == Self.table,
      "stale: FAULTLINE_WRITE_DOCS=1 swift test --disable-xctest --filter WorkloadDocsTests")
    guard Self.writes else { return }
    text.replaceSubrange(head.upperBound..<tail.lowerBound, with: Self.table)
    try text.write(to: Self.page, atomically: true, encoding: .utf8)
  }

  @Test func `every workload is described`() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    #expect(Catalogue.all.filter { !text.contains("**\($0.name)**") }.map(\.name) == [])
  }

  private static var table: String {
    let heads = ["workload", "what clients do", "operations", "claims", "parameters (default)"]
    let rows = Catalogue.all.map { workload in
      [
        "`\(workload.name)`", workload.summary,
        workload.operations.map { "\($0.name): `\($0.values)`" }.joined(separator: " · "),
        claims(workload),
        workload.parameters.map { "`\($0.name)` (`\($0.defaultValue)`)" }.joined(separator: ", "),
      ]
    }
    return ([heads, heads.map { _ in "---" }] + rows).map { "| \($0.joined(separator: " | ")) |\n" }.joined()
  }

  private static func claims(_ workload: Workload) -> String {
    if workload.claims == Workload.isolationLevels { return "*levels*" }
    return workload.claims.map { "`\($0)`" }.joined(separator: ", ")
  }
}
