import Checkers
import Foundation
import Histories
import Plans
import Runs
import Workloads

/// Reads one stored history, finds out what it is about, and decides.
struct HistoryCheck {
  /// How to treat histories whose values could be `[key, v]`.
  enum Keyed: String, CaseIterable { case auto, yes, no }

  var model: HistoryModel?
  var initial: Value?
  /// One of the model's claims; nil for its first.
  var claim: String?
  /// What bounded-staleness is held to.
  var bound: StalenessBound?
  /// What the user knows of the system; given only with models that take it.
  var assumptions = Assumptions()
  var format: HistoryFormat?
  var keyed = Keyed.auto
  var isLenient = false
  var budget = CheckBudget()
  var threads = LinearizabilityChecker.defaultThreads

  /// One history with its verdict.
  struct Checked {
    var name: String
    var model: HistoryModel
    /// The model was not named: why this one was taken.
    var guess: String?
    var claim: String
    var read: ReadHistory
    var operations: Int
    /// Independent objects; nil where there are no keys.
    var keys: Int?
    var result: CheckResult
    /// What the verdict rests on and the file makes doubtful.
    var warnings: [String]
    /// Seconds.
    var readTime: Double
    var checkTime: Double
  }

  /// A file that cannot be checked: what is wrong, where, and what was expected.
  struct Problem: Error { let message: String }

  /// - Parameter path: a file, a run directory, or `-` for standard input.
  func check(_ path: String) throws(Problem) -> Checked {
    let clock = ContinuousClock()
    let start = clock.now
    let read = try read(path)
    let plan = read.isRunDirectory && model == nil ? (try? StoredRun(at: path))?.plan : nil
    let check = plan.map { knowing($0) } ?? self
    return try check.check(path, read, plan, readTime: (clock.now - start) / .seconds(1))
  }

  /// With what the plan of a run says of its history.
  private func knowing(_ plan: ResolvedPlan) -> HistoryCheck {
    var check = self
    switch HistoryModel.model(ofWorkload: plan.workload.name, claim: claim) {
    case .object?: check.initial = initial ?? plan.initial
    case .invariant(let model)? where model.assumes.contains(.visibilityTimeout):
      check.assumptions.visibilityTimeout = assumptions.visibilityTimeout ?? plan.visibilityTimeout
    default: break
    }
    if keyed == .auto, plan.workload.keyed { check.keyed = .yes }
    return check
  }

  private func check(
    _ path: String, _ read: ReadHistory, _ plan: ResolvedPlan?, readTime: Double
  ) throws(Problem) -> Checked {
    let clock = ContinuousClock()
    let start = clock.now
    let (model, guess) = try chooseModel(path, read, plan)
    let claim = try chooseClaim(model, read)
    let history = try split(read, model)
    let middle = clock.now
    let result = try decide(history, model, claim, read)
    return Checked(
      name: path, model: model, guess: guess, claim: claim, read: read,
      operations: CheckFacts.operations(history), keys: history.keyed ? history.keys.count : nil,
      result: result.supported(by: read, claim: claim), warnings: CheckFacts.warnings(read, history),
      readTime: readTime + (middle - start) / .seconds(1), checkTime: (clock.now - middle) / .seconds(1))
  }

  private func read(_ path: String) throws(Problem) -> ReadHistory {
    let reader = HistoryReader(format: format, isLenient: isLenient)
    let read: ReadHistory
    do throws(HistoryFileError) {
      read = path == "-" ? try reader.read(descriptor: STDIN_FILENO) : try reader.read(path: path)
    } catch { throw Problem(message: "\(error)") }
    return read
  }

  // MARK: What the history is about

  private func chooseModel(
    _ path: String, _ read: ReadHistory, _ plan: ResolvedPlan?
  ) throws(Problem) -> (HistoryModel, String?) {
    if let model { return (model, nil) }
    if let plan, let model = HistoryModel.model(ofWorkload: plan.workload.name, claim: claim) {
      return (model, "its workload is \(plan.workload.name)")
    }
    let functions = HistoryModel.functions(of: read.history).sorted().map { $0.isEmpty ? "(none)" : $0 }
    let candidates = HistoryModel.candidates(for: read.history, claim: claim)
    if candidates.count == 1 {
      let operations = candidates[0].isTransactional ? "transactions" : functions.joined(separator: ", ")
      return (candidates[0], "its functions are \(operations)")
    }
    let strangers = HistoryModel.unknownMicroOperations(of: read.history)
    if !strangers.isEmpty {
      throw Problem(
        message: "\(path): its transactions have the micro-operations \(strangers.joined(separator: ", ")): list-append"
          + " knows append and r, rw-register w and r")
    }
    let names = (candidates.isEmpty ? HistoryModel.all : candidates).map(\.name).joined(separator: ", ")
    let found = "its functions (\(functions.joined(separator: ", "))) "
    throw Problem(
      message: "\(path): " + found
        + (candidates.isEmpty ? "fit no model" : "fit more than one model")
        + ": say which with --model: \(names)")
  }

  /// The claim to decide, if the model and the file allow it.
  private func chooseClaim(_ model: HistoryModel, _ read: ReadHistory) throws(Problem) -> String {
    guard let claim = claim.map(model.claim(named:)) ?? model.claims[0] else {
      throw Problem(
        message: "\(read.name ?? "-"): \(model.name) is not checked for '\(claim ?? "")': its claims are "
          + model.claims.joined(separator: ", "))
    }
    guard read.hasProcesses || model.isTransactional else {
      throw Problem(
        message: "\(read.location(ofEvent: 0)): no event says its process: without them nothing is known of real time")
    }
    if model.isTransactional, initial != nil {
      throw Problem(message: "--initial: the first state of \(model.name) cannot be chosen")
    }
    do throws(MisplacedAssumption) { try model.requireMeaning(of: assumptions) } catch {
      throw Problem(message: "\(read.name ?? "-"): \(error.message)")
    }
    return claim
  }

  private func split(_ read: ReadHistory, _ model: HistoryModel) throws(Problem) -> History {
    switch model {
    case .object(let model): return try split(read, model)
    case .invariant(let model) where model.allowsKeys:
      return keyed == .yes ? read.history.splittingKeys() : read.history
    case .transactions, .invariant:
      guard keyed != .yes else {
        throw Problem(message: "\(model.name) has its keys in its operations: leave --keyed out")
      }
      return read.history
    }
  }

  private func split(_ read: ReadHistory, _ model: CatalogueModel) throws(Problem) -> History {
    switch keyed {
    case .yes where model.keys == .none:
      throw Problem(message: "\(model.name) is one object that has no keys: leave --keyed out")
    case .yes: return model.splitKeys(of: read.history)
    case .no: return read.history
    case .auto: break
    }
    switch model.objectKeys(of: read.history) {
    case .one: return read.history
    case .many: return model.splitKeys(of: read.history)
    case .mixed(let one, let many):
      let first = min(one, many)
      throw Problem(
        message: "\(read.location(ofEvent: max(one, many))): the value \(read.history.payload(at: max(one, many))) is"
          + " \(one < many ? "[key, value]" : "without a key"), but \(read.history.payload(at: first)) of"
          + " \(read.location(ofEvent: first)) is \(one < many ? "without a key" : "[key, value]"): all must have one, or"
          + " none; --keyed no takes values as they are")
    case .ambiguous(let functions):
      throw Problem(
        message:
          "\(read.location(ofEvent: 0)): every value of \(functions.joined(separator: ", ")) could be one of a single"
          + " object or [key, value]: say which with --keyed yes or --keyed no")
    }
  }

  // MARK: The decision

  private func decide(
    _ history: History, _ model: HistoryModel, _ claim: String, _ read: ReadHistory
  ) throws(Problem) -> CheckResult {
    do {
      switch model {
      case .object(let model) where claim == "sequential":
        return try model.sequential(history, initial: initial, budget: budget, threads: threads).result
      case .object where claim == StalenessChecker.claim:
        guard let bound else { throw Problem(message: Self.missingBound) }
        return try StalenessChecker.report(history, .init(bound: bound, initial: initial ?? .null)).result
      case .object where claim == WeakCausalChecker.claim:
        return try WeakCausalChecker.report(history, initial: initial ?? .null, budget: budget).result
      case .object(let model):
        if let level = RegisterConsistency.levels.first(where: { $0.rawValue == claim }) {
          return try RegisterConsistency.result(history, claim: level, initial: initial ?? .null, budget: budget)
        }
        return try model.linearizable(history, initial: initial, budget: budget, threads: threads).result
      case .transactions(let model): return try isolation(history, model, claim, read)
      case .invariant(let model):
        return try model.report(history, claim: claim, initial: initial, assumptions: assumptions).result
      }
    } catch let error as PairingError {
      throw Problem(message: "\(read.location(ofEvent: error.index)): \(error.message)")
    } catch let error as MalformedHistory {
      throw Problem(message: "\(read.location(ofEvent: error.index)): \(error.message)")
    } catch let problem as Problem {
      throw problem
    } catch {
      throw Problem(message: "--initial: \(error)")
    }
  }

  static let missingBound = "--claim \(StalenessChecker.claim) needs --bound: t<5s in time, or k<3 in versions"

  private func isolation(
    _ history: History, _ model: TransactionModel, _ claim: String, _ read: ReadHistory
  ) throws -> CheckResult {
    let report = try model.report(history, budget: budget)
    let level = IsolationLevel(rawValue: claim) ?? TransactionModel.defaultClaim
    return (read.hasProcesses ? report : report.withoutOrders()).result(claim: level, of: history)
  }
}
