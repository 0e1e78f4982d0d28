import Checkers
import Foundation
import Histories
import Testing

/// The list-append histories of the folder of shared histories, where it is beside the project.
@Suite struct SharedListAppendTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "shared/histories/elle").path
  static let isPresent = FileManager.default.fileExists(atPath: folder)

  @Test(.enabled(if: isPresent, "../shared/histories/elle is not there"))
  func `the example of the paper is serializable, but not in real time`() throws {
    for ending in ["edn", "json"] {
      let history = try HistoryReader().read(path: Self.folder + "/paper-example.\(ending)").history
      let report = try ListAppendChecker.report(history)
      #expect(report.rung(.strictSerializable)?.verdict == .invalid)
      #expect(try IsolationJudge(history).problem(with: report) == nil)
      Self.printLadder("paper-example.\(ending)", report)
    }
  }

  @Test(.enabled(if: isPresent, "../shared/histories/elle is not there"))
  func `a transaction without a completion does not hide what the others saw`() throws {
    let history = try HistoryReader().read(path: Self.folder + "/list-append-gh-30.edn").history
    let report = try ListAppendChecker.report(history)
    #expect(report.rung(.serializable)?.verdict == .invalid)
    #expect(try IsolationJudge(history).problem(with: report) == nil)
    Self.printLadder("list-append-gh-30.edn", report)
  }

  private static func printLadder(_ name: String, _ report: IsolationReport) {
    let ladder = report.ladder.map { "\($0.level.rawValue) \($0.verdict)" }.joined(separator: ", ")
    print("\(name): \(ladder); \(report.anomalies.map(\.name).joined(separator: ", "))")
  }
}
