import Checkers
import Foundation
import Histories
import Testing

/// Public histories with known verdicts, where they lie beside the package (`../shared/histories`).
@Suite struct ConformanceTests {
  private static var folder: URL {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    // The tests may have been reached by a link; the histories lie beside the directory that make was started in too.
    let places = [root, URL(filePath: FileManager.default.currentDirectoryPath)]
    let folders = places.map { $0.appending(path: "../shared/histories").standardizedFileURL }
    return folders.first { FileManager.default.fileExists(atPath: $0.path) } ?? folders[0]
  }

  private struct Row {
    var path: String
    var model: String
    var verdict: String
  }

  private func rows() throws -> [Row]? {
    guard let table = try? String(contentsOf: Self.folder.appending(path: "verdicts.tsv"), encoding: .utf8) else {
      return nil
    }
    return table.split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: "\t").map(String.init)
      return Row(path: fields[0], model: fields[1], verdict: fields[3])
    }
  }

  @Test func publicHistories() throws {
    guard let rows = try rows() else {
      print("conformance: left out, there is no \(Self.folder.path)")
      return
    }
    var decided = 0
    var skipped = 0
    for row in rows where row.model == "cas-register" || row.model == "register" {
      guard row.path.hasSuffix(".log") else {
        skipped += 1
        continue
      }
      let text = try String(contentsOf: Self.folder.appending(path: row.path), encoding: .utf8)
      let history = History(text.split(separator: "\n").compactMap { Self.event(String($0)) })
      #expect(history.count > 10)
      let result = LinearizabilityChecker.check(history, model: CASRegister())
      #expect(result.verdict.rawValue == row.verdict, "\(row.path)")
      for counterexample in result.counterexamples {
        #expect(Judge.counterexampleProblem(counterexample, history) == nil, "\(row.path)")
        #expect(counterexample.operations.count <= 20, "\(row.path)")
      }
      decided += 1
    }
    print("conformance: \(decided) logs decided; \(skipped) EDN histories left out")
    #expect(decided > 0)
  }

  /// `INFO  jepsen.util - 4 :invoke :cas [3 0]`, with tabs between the fields.
  private static func event(_ line: String) -> Event? {
    guard let dash = line.range(of: " - ") else { return nil }
    let fields = line[dash.upperBound...].split(separator: "\t").map { $0.trimmingCharacters(in: .whitespaces) }
    guard fields.count == 4, let type = EventType(name: String(fields[1].dropFirst())) else { return nil }
    let process: ProcessID
    if let number = Int32(fields[0]) { process = ProcessID(number) } else { return nil }
    return Event(
      index: 0, time: 0, process: process, type: type, function: String(fields[2].dropFirst()), value: value(fields[3]))
  }

  private static func value(_ text: String) -> Value {
    if text.hasPrefix("[") { return .list(text.dropFirst().dropLast().split(separator: " ").map { value(String($0)) }) }
    return Int64(text).map { .int($0) } ?? .null
  }
}
