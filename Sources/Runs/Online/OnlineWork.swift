import Checkers
import Histories
import Plans
import RunStore
import Workloads

/// The claims of a run that are checked while it goes on: what the watching thread does, without the thread.
struct OnlineWork: Sendable {
  /// A violation that has just been found.
  struct Sighting: Sendable {
    var claim: String
    /// Whether the plan expects the claim to hold.
    var isFailure: Bool
    var violation: OnlineViolation
  }

  private struct Watched: Sendable {
    var expectation: ClaimExpectation
    var checker: OnlineChecker
    var violations: [OnlineRecord.Violation] = []
  }

  private var watched: [Watched]

  /// - Parameters:
  ///   - claims: those of the plan; they are watched as far as `checks` know how.
  ///   - clock: nanoseconds since the run's start.
  init(
    claims: [ClaimExpectation], checks: [ClaimCheck], keyed: Bool, pacing: OnlinePacing = OnlinePacing(),
    clock: @escaping @Sendable () -> Int64
  ) {
    watched = claims.compactMap { expectation in
      guard let decider = checks.first(where: { $0.claim == expectation.claim })?.online else { return nil }
      let checker = OnlineChecker(decider, keyed: keyed, pacing: pacing, clock: clock)
      return Watched(expectation: expectation, checker: checker)
    }
  }

  var isEmpty: Bool { watched.isEmpty }
  /// Whether a failure of the run could be seen before its end.
  var canFail: Bool { watched.contains { $0.expectation.expect == .valid } }
  /// When to go on, at the earliest, in nanoseconds since the run's start.
  var notBefore: Int64 { watched.map(\.checker.notBefore).max() ?? .max }

  /// Takes what was recorded, and looks.
  mutating func step(_ batch: EventFeed.Batch, cancellation: CheckCancellation? = nil) -> [Sighting] {
    var sightings: [Sighting] = []
    for place in watched.indices {
      for event in batch.events { watched[place].checker.add(event) }
      if batch.isCut, watched[place].checker.progress.problem == nil {
        watched[place].checker.end(because: "it fell behind by \(EventFeed.eventsMax) events")
      }
      for violation in watched[place].checker.check(cancellation: cancellation) {
        let expectation = watched[place].expectation
        sightings.append(
          Sighting(claim: expectation.claim, isFailure: expectation.expect == .valid, violation: violation))
        if watched[place].violations.count < OnlineRecord.violationsMax {
          watched[place].violations.append(OnlineRecord.Violation(violation))
        }
      }
    }
    return sightings
  }

  /// As `results.json` has them.
  var records: [OnlineRecord] {
    watched.map { watched in
      let progress = watched.checker.progress
      let unwatched = progress.unwatched == 0 ? nil : "\(progress.unwatched) operations came after their key was let go"
      return OnlineRecord(
        claim: watched.expectation.claim, decisions: progress.decisions, seconds: Double(progress.busy) / 1e9,
        lagSecondsMax: Double(watched.checker.lag) / 1e9, violations: watched.violations,
        problem: progress.problem ?? unwatched)
    }
  }
}

extension OnlineRecord.Violation {
  init(_ violation: OnlineViolation) {
    self.init(
      key: violation.key, event: violation.event, violationTime: violation.time,
      detectedAfterSeconds: Double(violation.detected - violation.time) / 1e9, summary: violation.summary)
  }
}

extension OnlineWork.Sighting {
  /// A line for the terminal and the log.
  var line: String {
    let seconds = { (nanoseconds: Int64) in "\((Double(nanoseconds) / 1e8).rounded() / 10) s" }
    let lag = seconds(violation.detected - violation.time)
    return "\(seconds(violation.detected)) into the run: \(claim) is broken: \(violation.summary) "
      + "(seen \(lag) after the event that proves it, event \(violation.event))"
  }
}
