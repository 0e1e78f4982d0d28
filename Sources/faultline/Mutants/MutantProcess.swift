import Foundation
import RunStore
import Runs

/// A run in a process of its own: whatever becomes of it, the next one begins afresh.
enum MutantProcess {
  /// - Parameters:
  ///   - arguments: of `faultline`.
  ///   - store: where the run directory goes.
  /// - Throws: when the program cannot be started.
  static func run(_ arguments: [String], store: String) throws -> MutantRun {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments + ["--store", store, "--output", "json"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    let clock = ContinuousClock()
    let start = clock.now
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let (seconds, attoseconds) = (clock.now - start).components
    let results = try? JSONDecoder().decode(RunResults.self, from: bytes)
    let command = (["faultline"] + arguments).map(ShellQuoting.quote).joined(separator: " ")
    return MutantRun(
      seed: results?.seed ?? 0, seconds: Double(seconds) + Double(attoseconds) / 1e18,
      exit: process.terminationStatus, broken: results?.claims.filter { $0.outcome == .missed }.map(\.claim) ?? [],
      reproduce: command)
  }
}
