import Checkers
import Foundation
import Histories
import Testing

/// The rw-register histories of the folder of shared histories, where it is beside the project.
@Suite struct SharedRegisterTests {
  private static let folder: String = {
    var root = URL(filePath: #filePath)
    for _ in 0..<5 { root.deleteLastPathComponent() }
    // The tests may have been reached by a link; the histories lie beside the directory that make was started in too.
    let places = [root, URL(filePath: FileManager.default.currentDirectoryPath)]
    let folders = places.map { $0.appending(path: "../shared/histories").standardizedFileURL.path }
    return folders.first { FileManager.default.fileExists(atPath: $0) } ?? folders[0]
  }()
  private static let isPresent = FileManager.default.fileExists(atPath: folder + "/verdicts.tsv")

  /// `path`, `model`, `options` and `verdict` of each history of this model, as the table beside them says.
  private static var rows: [[String]] {
    let text = (try? String(contentsOfFile: folder + "/verdicts.tsv", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
      .filter { $0.count == 4 && $0[1] == "rw-register" }
  }

  @Test(.enabled(if: isPresent, "../shared/histories is not there")) func `verdicts are those of the table`() throws {
    #expect(!Self.rows.isEmpty)
    for row in Self.rows {
      let level = try #require(IsolationLevel(rawValue: String(row[2].dropFirst("claim=".count))))
      let file = try HistoryReader().read(path: Self.folder + "/" + row[0])
      let report = try RWRegisterChecker(.init(hasProcesses: file.hasProcesses)).report(file.history)
      #expect(report.rung(level)?.verdict.rawValue == row[3], "\(row[0])")
      let levels = try RegisterTwin(file.history).levels()
      #expect(Set(report.ladder.filter { $0.verdict == .valid }.map(\.level.rawValue)) == levels, "\(row[0])")
      let ladder = report.ladder.map { "\($0.level.rawValue) \($0.verdict)" }.joined(separator: ", ")
      print("\(row[0]): \(ladder); \(report.anomalies.map(\.name).joined(separator: ", "))")
    }
  }
}
