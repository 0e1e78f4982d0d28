import Foundation
import Histories
import Plans
import RunStore
import Workloads

/// What a run directory tells of its run beside the history: what was claimed, and what was seen that no history holds.
public struct StoredRun: Sendable {
  /// A directory that does not tell it: what is missing or broken, with the file's name.
  public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
  }

  /// Memory for the check of each claim, in bytes: what a run has.
  public static let checkBytesMax = Results.checkBytesMax

  public var plan: ResolvedPlan
  /// nil where the run wrote none: it did not get to its end.
  public var results: RunResults?

  public init(plan: ResolvedPlan, results: RunResults?) {
    self.plan = plan
    self.results = results
  }

  /// - Throws: also where `results.json` is there, but cannot be read.
  public init(at path: String) throws(Problem) {
    let directory = RunDirectory(path: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)
    plan = try Self.plan(directory.file(RunFile.resolvedPlan))
    results = try Self.results(directory.file(RunFile.results))
  }

  private static func plan(_ file: String) throws(Problem) -> ResolvedPlan {
    guard FileManager.default.fileExists(atPath: file) else {
      throw Problem(
        description: "\(file): no such file: without it nobody knows what the run claimed; "
          + "with --model its history is checked alone")
    }
    do {
      return try ResolvedPlan(try JSONReader.parse(try RunFiles.read(file)))
    } catch let error as StoreError {
      throw Problem(description: "\(error)")
    } catch {
      throw Problem(
        description: "\(file): is not what a run writes: \(error); with --model its history is checked alone")
    }
  }

  private static func results(_ file: String) throws(Problem) -> RunResults? {
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    do throws(StoreError) { return try RunFiles.read(json: RunResults.self, from: file) } catch {
      throw Problem(description: "\(error); without the file all is judged that the history tells")
    }
  }

  /// The claims to judge, with what the run expected of each; of one that it did not make, that it holds.
  ///
  /// - Parameter names: in place of the run's: CLAIM, or WORKLOAD/CLAIM, which is passed over where the workload is
  ///   another.
  /// - Throws: for a claim that the workload cannot check, and where none is left.
  public func claims(_ names: [String]) throws(Problem) -> [ClaimExpectation] {
    if names.isEmpty { return plan.claims }
    var chosen: [ClaimExpectation] = []
    for name in names {
      guard let claim = try claim(name), !chosen.contains(where: { $0.claim == claim }) else { continue }
      chosen.append(
        plan.claims.first { $0.claim == claim } ?? ClaimExpectation(claim: claim, expect: .valid, line: nil))
    }
    if chosen.isEmpty {
      throw Problem(
        description: "its workload is \(plan.workload.name): \(names.joined(separator: ", ")) says nothing of it")
    }
    return chosen
  }

  private func claim(_ name: String) throws(Problem) -> String? {
    let qualified = QualifiedClaim(name)
    if let workload = qualified.workload, workload != plan.workload.name { return nil }
    if PlanCatalogue.commonClaims.contains(qualified.claim) { return qualified.claim }
    guard let claim = plan.workload.claim(named: qualified.claim) else {
      let known = (plan.workload.claims + PlanCatalogue.commonClaims).joined(separator: ", ")
      throw Problem(
        description: "workload \(plan.workload.name) cannot check '\(qualified.claim)'; it can check \(known)")
    }
    return claim
  }
}
