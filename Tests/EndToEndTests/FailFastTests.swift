import Foundation
import Histories
import RunStore
import Testing

/// Runs that end at their first violation, and clusters that stand still then.
@Suite(.serialized) struct FailFastTests {
  private static let broken = ["run", "raft-kv", "--set", "bug=stale-read", "--rate", "1000", "--time", "60s"]

  /// Processes with this folder in their arguments or environment.
  private func processes(_ folder: Folder) -> [Int32] { LeftoverTests.Traces.processes(folder.path) }

  @Test(.timeLimit(.minutes(2))) func `--fail-fast ends the load at the violation, with its report`() async throws {
    let folder = try Folder()
    let ended = try await Command.run(Self.broken + ["--fail-fast"], in: folder.path)
    #expect(ended.exit == 1, "\(ended.output)\n\(ended.errors)")
    let results = try folder.results()
    #expect(results.verdict == .invalid && results.duration < 40)
    let record = try #require(results.online?.first { $0.claim == "linearizable" })
    let first = try #require(record.violations.first)
    #expect(first.detectedAfterSeconds <= 5, "\(first)")
    #expect(ended.errors.contains("linearizable is broken: \(first.summary)"))
    // The check at the end agrees, and the violation named is one that it finds, too.
    let claim = try #require(results.claims.first { $0.claim == "linearizable" })
    #expect(claim.verdict == .invalid && !claim.counterexamples.isEmpty)
    let history = try JSONLines.history(from: RunFiles.read(folder.latest + "/history.jsonl"), keyed: true)
    #expect(history.type(at: first.event) == .ok && history.time(at: first.event) == first.violationTime)
    #expect(try #require(results.stoppedAt) >= first.violationTime)
    #expect(ended.output.contains("The run was stopped there"), "\(ended.output)")
    #expect(results.notices.contains { $0.contains("ended at its first violation") })
    #expect(FileManager.default.fileExists(atPath: folder.latest + "/report.html"))
    #expect(ended.output.hasSuffix("--fail-fast --seed \(results.seed)\n"))
  }

  @Test(.timeLimit(.minutes(2))) func `--freeze without a terminal lasts its time, and leaves nothing`() async throws {
    let folder = try Folder()
    let ended = try await Command.run(Self.broken + ["--freeze=1s"], in: folder.path)
    #expect(ended.exit == 1, "\(ended.output)\n\(ended.errors)")
    let results = try folder.results()
    #expect(try #require(results.phases["freeze"]) >= 1)
    for node in 1...5 {
      #expect(
        ended.errors.contains("  n\(node) paused; 198.18.0.1\(node)") || ended.errors.contains("  n\(node) ended"))
    }
    #expect(ended.errors.contains("/nodes/n1/log") && ended.errors.contains("nsenter"))
    let log = try folder.text("faultline.log")
    #expect(log.contains(" paused") && log.contains(" resumed"))
    #expect(processes(folder).isEmpty)
  }

  @Test(.timeLimit(.minutes(2))) func `Ctrl-C ends a freeze; the verdict is that of the violation`() async throws {
    let folder = try Folder()
    let run = try Command.start(Self.broken + ["--freeze=1h"], in: folder.path)
    while try !folder.errors(run).contains("Frozen for 3600 s") {
      try #require(run.process.isRunning)
      try await Task.sleep(for: .milliseconds(20))
    }
    kill(run.process.processIdentifier, SIGINT)
    let ended = try await run.end()
    #expect(ended.exit == 1, "\(ended.output)\n\(ended.errors)")
    #expect(processes(folder).isEmpty)
  }

  @Test func `--no-online checks at the end only`() async throws {
    let folder = try Folder()
    let ended = try await Command.run(
      ["run", "raft-kv", "--time", "2s", "--faults", "none", "--no-online"], in: folder.path)
    #expect(ended.exit == 0, "\(ended.output)\n\(ended.errors)")
    #expect(try folder.results().online?.isEmpty == true)
    #expect(try !folder.text("faultline.log").contains("online"))
  }
}

extension Folder {
  /// What a command that still runs has written to standard error.
  fileprivate func errors(_ run: Command.Running) throws -> String {
    try String(contentsOfFile: run.files[1], encoding: .utf8)
  }
}
