import Runs

/// Carries the trials of a campaign out, some at a time.
struct MutantTrials: Sendable {
  let campaign: MutantCampaign
  /// The words of `faultline run` for a row of the campaign.
  let arguments: @Sendable (MutantCampaign.Row, MutantCampaign.Round) -> [String]
  /// Where the run directories go.
  let store: String
  /// Told of every trial that ended, with its row.
  let progress: @Sendable (MutantCampaign.Row, MutantRun) -> Void

  /// A cancelled task ends what is under way; what did not end by itself is left out.
  ///
  /// - Parameter jobs: trials at a time.
  /// - Returns: a row for each of the campaign's, the runs in the order of the trials.
  func run(jobs: Int) async throws -> [MutantRow] {
    var runs: [MutantRun?] = Array(repeating: nil, count: campaign.trials.count)
    try await withThrowingTaskGroup(of: (Int, MutantRun?).self) { group in
      for place in campaign.trials.indices {
        if place >= jobs, let (done, run) = try await group.next() { runs[done] = run }
        if Task.isCancelled { break }
        group.addTask { (place, try await attempt(campaign.trials[place])) }
      }
      for try await (done, run) in group { runs[done] = run }
    }
    return campaign.rows.enumerated().map { row, description in
      let own = zip(campaign.trials, runs).filter { $0.0.row == row }.compactMap(\.1)
      return MutantRow(bug: description.bug, workload: description.workload, runs: own)
    }
  }

  /// nil: it was interrupted.
  private func attempt(_ trial: MutantCampaign.Trial) async throws -> MutantRun? {
    let row = campaign.rows[trial.row]
    var run: MutantRun?
    for (number, round) in trial.rounds.enumerated() {
      let words = arguments(row, round)
      let end = try await RunProcess.run(words, store: store)
      if Task.isCancelled { return nil }
      let command = (["faultline"] + words).map(ShellQuoting.quote).joined(separator: " ")
      let last = MutantRun(
        seed: round.seed, rounds: number + 1, seconds: (run?.seconds ?? 0) + end.seconds, exit: end.exit,
        broken: end.broken, reproduce: command)
      run = last
      if last.isCaught || last.hasFailed { break }
    }
    if let run { progress(row, run) }
    return run
  }
}
