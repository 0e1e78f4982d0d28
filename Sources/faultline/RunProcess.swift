import Foundation
import RunStore
import Runs

/// A run in a process of its own: whatever becomes of it, the next one begins afresh.
enum RunProcess {
  struct End {
    var exit: Int32
    /// The claims that were found broken.
    var broken: [String]
    var seconds: Double
  }

  /// - Parameters:
  ///   - arguments: of `faultline`.
  ///   - store: where the run directory goes.
  /// - Throws: when the program cannot be started. A cancelled task ends the run, which heals and clears up first.
  static func run(_ arguments: [String], store: String) async throws -> End {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments + ["--store", store, "--output", "json"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    let start = ContinuousClock().now
    try process.run()
    let bytes = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
          continuation.resume(returning: try? output.fileHandleForReading.readToEnd())
        }
      }
    } onCancel: {
      process.terminate()
    }
    process.waitUntilExit()
    let results = bytes.flatMap { try? JSONDecoder().decode(RunResults.self, from: $0) }
    return End(
      exit: process.terminationStatus, broken: results?.claims.filter { $0.outcome == .missed }.map(\.claim) ?? [],
      seconds: (ContinuousClock().now - start).seconds)
  }
}

extension Duration {
  fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
