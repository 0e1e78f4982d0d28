import Checkers
import Foundation
import Histories
import Testing

/// The rows of the table of shared histories about queues, logs or ids, where the folder is beside the project.
@Suite struct SharedQueueTests {
  private static let folder: String = {
    var root = URL(filePath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    // The tests may have been reached by a link; the histories lie beside the directory that make was started in too.
    let places = [root, URL(filePath: FileManager.default.currentDirectoryPath)]
    let folders = places.map { $0.appending(path: "../shared/histories").standardizedFileURL.path }
    return folders.first { FileManager.default.fileExists(atPath: $0) } ?? folders[0]
  }()

  private static let models = [
    TotalQueueChecker.name, WorkQueueChecker.name, PartitionedLogChecker.name, ReplicatedLogChecker.name,
    UniqueIDChecker.name,
  ]

  /// Jepsen's names of some of them.
  private static let names = ["kafka": PartitionedLogChecker.name, "queue": TotalQueueChecker.name]

  @Test func `public histories are decided as listed`() throws {
    guard let table = try? String(contentsOfFile: Self.folder + "/verdicts.tsv", encoding: .utf8) else {
      print("queues: all public histories left out, there is no \(Self.folder)")
      return
    }
    var decided = 0
    for line in table.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: "\t").map(String.init)
      try #require(fields.count == 4, "\(line)")
      let name = Self.names[fields[1]] ?? fields[1]
      guard Self.models.contains(name) else { continue }
      let model = try #require(InvariantModel.all.first { $0.name == name }, "no model \(name)")
      let claim = fields[2].hasPrefix("claim=") ? String(fields[2].dropFirst(6)) : model.claims[0]
      let history = try HistoryReader().read(path: Self.folder + "/" + fields[0]).history
      let report = try model.report(history, claim: claim)
      #expect(report.verdict.rawValue == fields[3], "\(fields[0]): \(report)")
      decided += 1
    }
    print("queues: \(decided) public histories decided as listed")
  }

  @Test func `every claim of a model is decided by its name`() throws {
    let models = InvariantModel.all.filter { Self.models.contains($0.name) }
    #expect(models.map(\.name) == Self.models)
    let messages = try InvariantText.history(
      "0 invoke enqueue 1\n0 ok enqueue 1\n0 invoke drain null\n0 ok drain [1,1,2]")
    func verdicts(_ model: InvariantModel, _ history: History) throws -> [String: Verdict] {
      try Dictionary(uniqueKeysWithValues: model.claims.map { ($0, try model.report(history, claim: $0).verdict) })
    }
    #expect(
      try verdicts(models[0], messages) == [
        "at-least-once": .invalid, "exactly-once": .invalid, "no-loss": .valid, "no-duplicates": .invalid,
        "fifo-per-key": .valid,
      ])
    #expect(
      try verdicts(models[1], messages) == [
        "at-least-once": .invalid, "acked-never-again": .valid, "exclusive-delivery": .unknown,
        "kept-until-acked": .valid, "exactly-once": .invalid, "no-loss": .valid, "no-duplicates": .invalid,
      ])
    let sends = try InvariantText.history(
      "0 invoke send [0,1]\n0 ok send [0,[0,1]]\n1 invoke poll null\n1 ok poll {\"0\":[[0,1],[1,1]]}")
    #expect(
      try verdicts(models[2], sends) == [
        "log-order": .invalid, "no-loss": .valid, "no-duplicates": .invalid, "log-agreement": .valid,
        "fifo-per-key": .valid, "read-committed": .valid,
      ])
    let appends = try InvariantText.history(
      "0 invoke append 1\n0 ok append [0,1]\n1 invoke read-all null\n1 ok read-all [[0,1],[2,1]]")
    #expect(
      try verdicts(models[3], appends) == [
        "log-agreement": .valid, "log-gapless": .invalid, "no-loss": .valid, "no-duplicates": .invalid,
      ])
    let ids = try InvariantText.history("0 invoke generate null\n0 ok generate 1")
    #expect(try verdicts(models[4], ids) == ["unique-ids": .valid])
  }
}
