import ArgumentParser
import Checkers
import Histories
import Plans
import Systems
import Workloads

/// What `--claim` may name.
extension CheckCommand {
  static func once(_ option: String, _ values: [String]) -> String {
    "\(option) was given \(values.count) times (\(values.joined(separator: ", "))): once, please"
  }

  /// A history is checked for one claim of its model, a run for several of its workload.
  func validateClaims() throws {
    if files.allSatisfy(isJudgedAsRun) { return try claim.forEach(validateRunClaim) }
    if claim.count > 1 {
      throw ValidationError(Self.once("--claim", claim) + " (of run directories alone, several are taken)")
    }
    if let claim = claim.first, !HistoryModel.all.contains(where: { $0.claim(named: claim) != nil }) {
      guard QualifiedClaim(claim).workload == nil else {
        throw ValidationError("WORKLOAD/CLAIM is for run directories: of a history, --model says what it is of")
      }
      throw Self.unknown(claim, among: HistoryModel.claims)
    }
    if (claim.first == StalenessChecker.claim) != (bound != nil) {
      throw ValidationError(
        bound == nil ? HistoryCheck.missingBound : "--bound is for --claim \(StalenessChecker.claim)")
    }
  }

  /// Each is one that some workload can check, or the one that it names.
  private func validateRunClaim(_ name: String) throws {
    let qualified = QualifiedClaim(name)
    guard qualified.isWellFormed else {
      throw ValidationError("a claim is NAME, or WORKLOAD/NAME for one workload alone: not '\(name)'")
    }
    var workloads = Catalogue.all
    if let workload = qualified.workload {
      workloads = workloads.filter { $0.name == workload }
      if workloads.isEmpty {
        throw ValidationError(UnknownName.message("workload", workload, known: Catalogue.all.map(\.name)))
      }
    }
    guard !PlanCatalogue.commonClaims.contains(qualified.claim),
      !workloads.contains(where: { $0.claim(named: qualified.claim) != nil })
    else { return }
    throw Self.unknown(qualified.claim, among: Set(workloads.flatMap(\.claims)).sorted() + PlanCatalogue.commonClaims)
  }

  private static func unknown(_ claim: String, among known: [String]) -> ValidationError {
    let hint = Nearest.name(to: claim, in: known).map { ", did you mean '\($0)'?" } ?? "."
    return ValidationError("nothing is claimed as '\(claim)'\(hint) There are: \(known.joined(separator: ", "))")
  }
}
