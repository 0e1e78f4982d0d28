import Runs

/// A replay that did not get as far as a verdict.
struct ReplayFailure: Error, CustomStringConvertible {
  var exit: Int32
  var words: [String]

  var description: String {
    let command = (["faultline"] + words).map(ShellQuoting.quote).joined(separator: " ")
    return "a replay ended with \(exit) and no verdict; to see why: \(command)"
  }
}

/// Replays in processes of their own, some at a time.
struct ReplayTrials: Sendable {
  /// Of `faultline`, without the store.
  let words: [String]
  /// Where the run directories go.
  let store: String

  /// A cancelled task ends what is under way; what did not end by itself is left out.
  ///
  /// - Parameter progress: told of every replay that ended, with its number from 1.
  func run(
    times: Int, jobs: Int, progress: @escaping @Sendable (Int, RunProcess.End) -> Void = { _, _ in }
  ) async throws -> [RunProcess.End] {
    var ends: [RunProcess.End?] = Array(repeating: nil, count: times)
    let (words, store) = (words, store)
    try await withThrowingTaskGroup(of: (Int, RunProcess.End?).self) { group in
      for number in 0..<times {
        if number >= jobs, let (done, end) = try await group.next() { ends[done] = end }
        if Task.isCancelled { break }
        group.addTask {
          let end = try await RunProcess.run(words, store: store)
          if Task.isCancelled { return (number, nil) }
          progress(number + 1, end)
          return (number, end)
        }
      }
      for try await (done, end) in group { ends[done] = end }
    }
    return ends.compactMap(\.self)
  }

  /// Whether at least half of the tries break a claim, rounded up; asks no more often than it takes to know.
  func failsMostly(tries: Int) async throws -> Bool {
    let wanted = (tries + 1) / 2
    var failures = 0
    for number in 0..<tries {
      try Task.checkCancellation()
      let end = try await RunProcess.run(words, store: store)
      try Task.checkCancellation()
      // A replay that could not run says nothing about what it would have broken.
      guard [ExitCode.met, ExitCode.violation, ExitCode.unknown].contains(end.exit) else {
        throw ReplayFailure(exit: end.exit, words: words)
      }
      if end.exit == ExitCode.violation { failures += 1 }
      if failures >= wanted { return true }
      if failures + tries - number - 1 < wanted { return false }
    }
    return false
  }
}
