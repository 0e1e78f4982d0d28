import Checkers
import Foundation
import Histories
import Testing

/// The rows of the table of shared histories that are about an invariant, where the folder is beside the project.
@Suite struct SharedInvariantTests {
  private static let folder: String = {
    var root = URL(filePath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    // The tests may have been reached by a link; the histories lie beside the directory that make was started in too.
    let places = [root, URL(filePath: FileManager.default.currentDirectoryPath)]
    let folders = places.map { $0.appending(path: "../shared/histories").standardizedFileURL.path }
    return folders.first { FileManager.default.fileExists(atPath: $0) } ?? folders[0]
  }()

  /// By the model that the table names.
  private static func report(_ model: String, _ history: History) throws -> InvariantReport? {
    switch model {
    case BankChecker.name: try BankChecker.report(history)
    case LongForkChecker.name: try LongForkChecker.report(history)
    case CausalReverseChecker.name: try CausalReverseChecker.report(history)
    case SetFullChecker.name: try SetFullChecker.report(history)
    case "set": try SetFullChecker.report(history, SetFullChecker.Options(usesLastReadOnly: true))
    case InsertPairChecker.name: try InsertPairChecker.report(history)
    default: nil
    }
  }

  @Test func `public histories are decided as listed`() throws {
    guard let table = try? String(contentsOfFile: Self.folder + "/verdicts.tsv", encoding: .utf8) else {
      print("invariants: all public histories left out, there is no \(Self.folder)")
      return
    }
    var decided: [String: Int] = [:]
    for line in table.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: "\t").map(String.init)
      try #require(fields.count == 4, "\(line)")
      guard
        [
          BankChecker.name, LongForkChecker.name, CausalReverseChecker.name, SetFullChecker.name, "set",
          InsertPairChecker.name,
        ].contains(fields[1])
      else { continue }
      let history = try HistoryReader().read(path: Self.folder + "/" + fields[0]).history
      let report = try #require(try Self.report(fields[1], history))
      #expect(report.verdict.rawValue == fields[3], "\(fields[0]): \(report)")
      decided[fields[1], default: 0] += 1
      let found = report.findings.map(\.summary).joined(separator: "; ")
      print("\(fields[0]): \(report.verdict.rawValue)\(found.isEmpty ? "" : ": \(found)")")
    }
    let counts = decided.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    print("invariants: decided as listed: \(counts)")
    #expect(decided[BankChecker.name] ?? 0 >= 4)
  }
}
