import Foundation
import Nemesis
import Plans
import RunStore

/// A run directory as far as it takes to run the same thing again: its plan, and all that its nemesis did.
public struct ReplayableRun: Sendable {
  /// Why a directory cannot be replayed, with the file's name.
  public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
  }

  /// What a replay does otherwise than its run.
  public struct Change: Sendable, Hashable {
    /// The faults; nil: those of the run.
    public var schedule: FaultSchedule?
    /// As on the command line of `run`.
    public var time: String?
    public var concurrency: String?
    public var rate: String?
    public var failFast: Bool?

    public init(
      schedule: FaultSchedule? = nil, time: String? = nil, concurrency: String? = nil, rate: String? = nil,
      failFast: Bool? = nil
    ) {
      self.schedule = schedule
      self.time = time
      self.concurrency = concurrency
      self.rate = rate
      self.failFast = failFast
    }
  }

  /// Without a slash at its end; the run itself where a link was given, as `store/latest`: a replay becomes the latest too.
  public let path: String
  public let invocation: Invocation
  public let schedule: FaultSchedule
  /// The claims that the run found broken and that were expected to hold; empty where it broke none, or did not get to
  /// its end.
  public let broken: [String]
  private let text: String

  /// - Throws: where a file is missing or is not what a run writes.
  public init(at path: String) throws(Problem) {
    self.path = Self.resolved(path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)
    let directory = RunDirectory(path: self.path)
    func missing(_ error: StoreError) -> Problem {
      Problem(description: "\(error): a run that can be replayed has written it")
    }
    do {
      let bytes = try RunFiles.read(directory.file(RunFile.plan))
      text = String(decoding: bytes, as: UTF8.self)
      invocation = try RunFiles.read(json: Invocation.self, from: directory.file(RunFile.invocation))
      schedule = try RunFiles.read(json: FaultSchedule.self, from: directory.file(RunFile.schedule))
    } catch {
      throw missing(error)
    }
    // A run that was cut off has none, and can be replayed all the same.
    let results = try? RunFiles.read(json: RunResults.self, from: directory.file(RunFile.results))
    broken = results?.claims.filter { $0.outcome == .missed }.map(\.claim) ?? []
  }

  private static func resolved(_ path: String) -> String {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return path }
    guard !target.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return target }
    return path[...slash] + target
  }

  /// The plan of a replay, and its schedule.
  ///
  /// Actions that a shorter load phase leaves no room for are left out. Faults without an action are none of the plan's
  /// any more: nobody expects evidence of them.
  ///
  /// - Throws: `PlanProblems` where the change, or the plan by this version, is not understood.
  public func plan(_ change: Change = Change()) throws(PlanProblems) -> (plan: Plan, schedule: FaultSchedule) {
    var plan = try invocation.plan(text) { overrides in
      overrides.time = change.time ?? overrides.time
      overrides.concurrency = change.concurrency ?? overrides.concurrency
      overrides.rate = change.rate ?? overrides.rate
      overrides.failFast = change.failFast ?? overrides.failFast
    }
    let schedule = (change.schedule ?? schedule).cut(toSeconds: plan.durationSeconds)
    let used = Set(schedule.actions.map(\.fault))
    plan.faults.removeAll { !used.contains($0.name) }
    return (plan, schedule)
  }
}

extension FaultSchedule {
  /// For a load phase of that length: what is not healed by its end is left out.
  func cut(toSeconds seconds: Double) -> FaultSchedule {
    var cut = self
    cut.durationNanoseconds = Int64(seconds * 1e9)
    let lastHeal = cut.lastHeal
    cut.actions.removeAll { $0.at + $0.hold > lastHeal }
    return cut
  }
}
