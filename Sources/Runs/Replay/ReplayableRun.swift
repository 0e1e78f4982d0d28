import Foundation
import Nemesis
import Plans
import RunStore
import Systems

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
  /// Whether what it broke is known: `results.json` is there and can be read.
  public let isJudged: Bool
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
    isJudged = results != nil
    broken = results?.claims.filter { $0.outcome == .missed }.map(\.claim) ?? []
  }

  private static func resolved(_ path: String) -> String {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return path }
    guard !target.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return target }
    return path[...slash] + target
  }

  /// The plan of a replay, and its schedule.
  ///
  /// The load is as long as the schedule says, where nobody says otherwise. Actions that a shorter load phase leaves no
  /// room for are left out, with a notice. The plan's faults are those of the schedule: of each evidence is expected, and
  /// of no other.
  ///
  /// - Throws: `PlanProblems` where the change, the schedule, or the plan by this version, is not understood.
  public func plan(_ change: Change = Change()) throws(PlanProblems) -> (plan: Plan, schedule: FaultSchedule) {
    var schedule = change.schedule ?? schedule
    var plan = try invocation.plan(text, time: change.time) { overrides in
      overrides.concurrency = change.concurrency ?? overrides.concurrency
      overrides.rate = change.rate ?? overrides.rate
      overrides.failFast = change.failFast ?? overrides.failFast
    }
    let problems = schedule.problems(nodes: plan.system.nodeCount)
    if !problems.isEmpty {
      throw PlanProblems(problems.map { Diagnostic(.wholeFile(RunFile.schedule), $0) })
    }
    if change.time == nil { plan.durationSeconds = Double(schedule.durationNanoseconds) / 1e9 }
    let all = schedule.actions.count
    schedule = schedule.cut(toSeconds: plan.durationSeconds)
    if schedule.actions.count < all {
      plan.notices.append(
        "\(all - schedule.actions.count) of the schedule's \(all) injections find no room in \(plan.durationSeconds) s")
    }
    plan.faults = schedule.settings(plan.faults)
    return (plan, schedule)
  }
}

extension FaultSchedule {
  /// A plan's settings of the faults that have actions; those that the plan lacks as the actions show them.
  func settings(_ planned: [FaultSettings]) -> [FaultSettings] {
    Dictionary(grouping: actions, by: \.fault).sorted { $0.key < $1.key }.flatMap { name, actions in
      let known = planned.filter { $0.name == name }
      if !known.isEmpty { return known }
      let hold = actions.map { Double($0.hold) / 1e9 }.max() ?? 1
      return [
        FaultSettings(name: name, targets: Set(actions.map(\.target)).sorted(), every: 2 * hold, hold: hold)
      ]
    }
  }

  /// What is wrong with a schedule that somebody may have edited, a sentence each.
  func problems(nodes count: Int, packages: [FaultPackage] = FaultCatalogue.all) -> [String] {
    var problems: [String] = []
    if schema != 1 { problems.append("schema is \(schema): this version knows 1") }
    if nodes.count != count { problems.append("it is for \(nodes.count) nodes, and the plan has \(count)") }
    if durationNanoseconds <= 0 || Double(durationNanoseconds) > PlanLimits.durationSecondsMax * 1e9 {
      problems.append("durationNanoseconds is \(durationNanoseconds): from 1 to a week's is possible")
    }
    if actions.count > FaultSchedule.actionsPerFaultMax * packages.count {
      return problems + ["it has \(actions.count) actions: too many"]
    }
    for (place, action) in actions.enumerated() {
      if let problem = self.problem(action, packages) { problems.append("actions[\(place)]: \(problem)") }
    }
    if Set(actions.map(\.id)).count < actions.count { problems.append("two actions have the same id") }
    return problems
  }

  private func problem(_ action: FaultAction, _ packages: [FaultPackage]) -> String? {
    guard let package = packages.first(where: { $0.name == action.fault }) else {
      return UnknownName.message("fault", action.fault, known: packages.map(\.name))
    }
    guard package.targets.contains(where: { $0.name == action.target }) else {
      return UnknownName.message("target of \(package.name)", action.target, known: package.targets.map(\.name))
    }
    let (end, isTooLate) = action.at.addingReportingOverflow(action.hold)
    if action.at < 0 || action.hold <= 0 || isTooLate {
      return "`at` must not be negative and `hold` more than 0, not \(action.at) and \(action.hold) ns"
    }
    if Double(end) > PlanLimits.durationSecondsMax * 1e9 { return "it ends after more than a week" }
    if action.order.sorted() != nodes.sorted() { return "`order` must have all nodes of the schedule, once each" }
    for parameter in package.parameters {
      guard let argument = action.parameters[parameter.name] else {
        return "its parameter `\(parameter.name)` is missing"
      }
      if case .range = argument { return "its parameter `\(parameter.name)` is a range: write the number" }
      if let problem = parameter.problem(argument) { return problem }
    }
    let known = package.parameters.map(\.name)
    return action.parameters.keys.sorted().first { !known.contains($0) }
      .map { UnknownName.message("parameter of \(package.name)", $0, known: known) }
  }

  /// For a load phase of that length: what is not healed by its end is left out.
  func cut(toSeconds seconds: Double) -> FaultSchedule {
    var cut = self
    cut.durationNanoseconds = Int64(seconds * 1e9)
    let lastHeal = cut.lastHeal
    cut.actions.removeAll { $0.at + $0.hold > lastHeal }
    return cut
  }
}
