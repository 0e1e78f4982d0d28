import Checkers
import Foundation
import Histories
import Testing

/// Public histories with known verdicts, where they lie beside the package (`../shared/histories`).
@Suite struct ConformanceTests {
  /// Models of the table that the catalogue does not have.
  private static let missingModels: Set<String> = []

  private static var folder: URL {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    // The tests may have been reached by a link; the histories lie beside the directory that make was started in too.
    let places = [root, URL(filePath: FileManager.default.currentDirectoryPath)]
    let folders = places.map { $0.appending(path: "../shared/histories").standardizedFileURL }
    return folders.first { FileManager.default.fileExists(atPath: $0.path) } ?? folders[0]
  }

  /// A line of the table: path, model, `initial=…` or another option, verdict.
  private struct Row {
    var path: String
    var model: String
    /// Nil: the model's own.
    var initial: Value?
    /// Nil: the model's first.
    var claim: String?
    var verdict: String

    init(_ line: Substring) throws {
      let fields = line.split(separator: "\t").map(String.init)
      try #require(fields.count == 4, "\(line)")
      (path, model, verdict) = (fields[0], fields[1], fields[3])
      if fields[2].hasPrefix("claim=") { claim = String(fields[2].dropFirst("claim=".count)) }
      guard fields[2].hasPrefix("initial=") else { return }
      let text = fields[2].dropFirst("initial=".count)
      initial = text == "nil" ? .null : try JSONReader.parse(Array(text.utf8))
    }
  }

  private func rows() throws -> [Row]? {
    guard let table = try? String(contentsOf: Self.folder.appending(path: "verdicts.tsv"), encoding: .utf8) else {
      return nil
    }
    return try table.split(separator: "\n").dropFirst().map { try Row($0) }
  }

  @Test func `public histories are decided as listed`() throws {
    guard let rows = try rows() else {
      print("conformance: left out, there is no \(Self.folder.path)")
      return
    }
    var decided: [HistoryFormat: Int] = [:]
    var leftOut: [String] = []
    for row in rows {
      guard let model = HistoryModel.named(row.model) else {
        #expect(Self.missingModels.contains(row.model), "\(row.path): the catalogue has lost \(row.model)")
        leftOut.append("\(row.path) (\(row.model))")
        continue
      }
      decided[try decide(row, model), default: 0] += 1
    }
    let counts = decided.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
    print("conformance: decided as listed: \(counts.joined(separator: ", ")) of \(rows.count) histories")
    print("conformance: \(leftOut.count) left out, their models are not there: \(leftOut.joined(separator: ", "))")
    #expect(decided.values.reduce(0, +) == 99)
  }

  /// Checks one history, its evidence included where an oracle knows the model.
  ///
  /// - Returns: the format that its content told.
  private func decide(_ row: Row, _ model: HistoryModel) throws -> HistoryFormat {
    let read = try HistoryReader().read(path: Self.folder.appending(path: row.path).path)
    switch model {
    case .object(let model): try decide(row, model, read)
    case .transactions(let model):
      let level = try #require(row.claim.flatMap(IsolationLevel.init))
      let rung = try #require(try model.report(read.history).rung(level))
      #expect(rung.verdict.rawValue == row.verdict, "\(row.path): \(rung.reason ?? "")")
    case .invariant(let model):
      let report = try model.report(read.history, claim: row.claim ?? model.claims[0])
      #expect(report.verdict.rawValue == row.verdict, "\(row.path): \(report.reason ?? "")")
    }
    return read.format
  }

  private func decide(_ row: Row, _ model: CatalogueModel, _ read: ReadHistory) throws {
    #expect(read.history.count > 2, "\(row.path)")
    let keys = model.objectKeys(of: read.history)
    let history = keys == .many ? model.splitKeys(of: read.history) : read.history
    let answer = try model.linearizable(history, initial: row.initial, witnesses: true)
    #expect(answer.result.verdict.rawValue == row.verdict, "\(row.path): \(answer.result.reason ?? "")")
    #expect(answer.result.counterexamples.isEmpty == (answer.result.verdict != .invalid), "\(row.path)")
    for counterexample in answer.result.counterexamples {
      #expect(counterexample.operations.count <= 20, "\(row.path)")
    }
    if ["register", "cas-register"].contains(model.name), keys == .one {
      let decision = try #require(answer.decisions.first)
      #expect(Judge.problem(with: decision, of: history, initial: row.initial ?? .null) == nil, "\(row.path)")
    }
  }
}
