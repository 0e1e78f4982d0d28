import Checkers
import Foundation
import Histories
import Testing

/// The list-append histories of the folder of shared histories, where it is beside the project.
@Suite struct SharedListAppendTests {
  private static let folder: String = {
    var root = URL(filePath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    // The tests may have been reached by a link; the histories lie beside the directory that make was started in too.
    let places = [root, URL(filePath: FileManager.default.currentDirectoryPath)]
    let folders = places.map { $0.appending(path: "../shared/histories/elle").standardizedFileURL.path }
    return folders.first { FileManager.default.fileExists(atPath: $0) } ?? folders[0]
  }()
  private static let isPresent = FileManager.default.fileExists(atPath: folder)

  @Test(.enabled(if: isPresent, "../shared/histories/elle is not there"))
  func `the example of the paper misses an append that it comes after`() throws {
    for ending in ["edn", "json"] {
      let history = try HistoryReader().read(path: Self.folder + "/paper-example.\(ending)").history
      let report = try ListAppendChecker.report(history)
      #expect(report.anomalies.contains { $0.name == "G-single" })
      #expect(report.strongestSatisfied == [.cursorStability, .monotonicWrites, .writesFollowReads, .prefix])
      #expect(report.rung(.strictSerializable)?.verdict == .invalid)
      #expect(try IsolationJudge(history).problem(with: report) == nil)
      Self.printLadder("paper-example.\(ending)", report)
    }
  }

  @Test(.enabled(if: isPresent, "../shared/histories/elle is not there"))
  func `an append that nobody saw is missed by the reads of nothing`() throws {
    let history = try HistoryReader().read(path: Self.folder + "/list-append-gh-30.edn").history
    let report = try ListAppendChecker.report(history)
    #expect(report.anomalies.contains { $0.name == "G2-item" })
    #expect(report.rung(.serializable)?.verdict == .invalid)
    #expect(try IsolationJudge(history).problem(with: report) == nil)
    Self.printLadder("list-append-gh-30.edn", report)
  }

  private static func printLadder(_ name: String, _ report: IsolationReport) {
    let ladder = report.ladder.map { "\($0.level.rawValue) \($0.verdict)" }.joined(separator: ", ")
    print("\(name): \(ladder); \(report.anomalies.map(\.name).joined(separator: ", "))")
  }
}
