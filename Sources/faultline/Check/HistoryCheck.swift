import Checkers
import Foundation
import Histories
import Runs

/// Reads one stored history, finds out what it is about, and decides.
struct HistoryCheck {
  /// How to treat histories whose values could be `[key, v]`.
  enum Keyed: String, CaseIterable { case auto, yes, no }

  /// What the operations are claimed to be.
  enum Claim: String, CaseIterable { case linearizable, sequential }

  var model: CatalogueModel?
  var initial: Value?
  var claim = Claim.linearizable
  var format: HistoryFormat?
  var keyed = Keyed.auto
  var isLenient = false
  var budget = CheckBudget()
  var threads = LinearizabilityChecker.defaultThreads

  /// One history with its verdict.
  struct Checked {
    var name: String
    var model: CatalogueModel
    /// The model was not named: why this one was taken.
    var guess: String?
    var claim: Claim
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
    let (model, guess) = try chooseModel(path, read)
    let history = try split(read, model)
    let middle = clock.now
    let answer = try decide(history, model, read)
    return Checked(
      name: path, model: model, guess: guess, claim: claim, read: read,
      operations: (0..<history.count).count { history.type(at: $0) == .invoke && !history.process(at: $0).isNemesis },
      keys: history.keyed ? history.keys.count : nil, result: tempered(answer.result, read),
      warnings: Self.warnings(read), readTime: Self.seconds(middle - start),
      checkTime: Self.seconds(clock.now - middle))
  }

  /// The verdict, if the history is enough for it.
  ///
  /// A history in which nothing was answered fulfils every promise, but nobody who asks wants to hear that (one in which
  /// all was refused says that much, and gets a warning). And where the end of a file is missing, it may have held the write that a read saw: only linearizability is closed under
  /// prefixes (`SkippedEvents.Kind.tornEnd`).
  private func tempered(_ result: CheckResult, _ read: ReadHistory) -> CheckResult {
    if result.verdict == .valid, !Self.has(.ok, read.history), !Self.has(.fail, read.history) {
      return CheckResult(
        verdict: .unknown, algorithm: result.algorithm, reason: "nothing happened: no operation was answered")
    }
    if result.verdict == .invalid, claim == .sequential, read.skipped[.tornEnd] > 0 {
      return CheckResult(
        verdict: .unknown, algorithm: result.algorithm,
        reason: "what was read is not sequential, but the missing end of the file may hold what explains it")
    }
    return result
  }

  /// Whether a client's operation ended so.
  private static func has(_ type: EventType, _ history: History) -> Bool {
    (0..<history.count).contains { history.type(at: $0) == type && !history.process(at: $0).isNemesis }
  }

  private static func warnings(_ read: ReadHistory) -> [String] {
    let idle = has(.fail, read.history) && !has(.ok, read.history) ? ["no operation completed with ok"] : []
    guard let falls = read.timeFalls else { return idle }
    let count = falls.count == 1 ? "once" : "\(falls.count) times"
    return idle + [
      "the time falls \(count), first on line \(falls.firstLine): the order of the lines is taken as the order of events"
    ]
  }

  private func read(_ path: String) throws(Problem) -> ReadHistory {
    let reader = HistoryReader(format: format, isLenient: isLenient)
    let read: ReadHistory
    do throws(HistoryFileError) {
      read = path == "-" ? try reader.read(descriptor: STDIN_FILENO) : try reader.read(path: path)
    } catch { throw Problem(message: "\(error)") }
    guard read.hasProcesses else {
      throw Problem(
        message: "\(read.location(ofEvent: 0)): no event says its process: without them nothing is known of real time")
    }
    return read
  }

  // MARK: What the history is about

  private func chooseModel(_ path: String, _ read: ReadHistory) throws(Problem) -> (CatalogueModel, String?) {
    if let model { return (model, nil) }
    if read.isRunDirectory, let workload = Self.workload(ofRun: path),
      let model = ModelCatalogue.model(ofWorkload: workload)
    {
      return (model, "its workload is \(workload)")
    }
    let functions = Set(
      (0..<read.history.count).lazy.filter { !read.history.process(at: $0).isNemesis }
        .map { read.history.function(at: $0) }
    ).sorted()
    let candidates = ModelCatalogue.candidates(for: functions)
    if candidates.count == 1 { return (candidates[0], "its functions are \(functions.joined(separator: ", "))") }
    let names = (candidates.isEmpty ? ModelCatalogue.all : candidates).map(\.name).joined(separator: ", ")
    let found = "its functions (\(functions.joined(separator: ", "))) "
    throw Problem(
      message: "\(path): " + found
        + (candidates.isEmpty ? "fit no model" : "fit more than one model")
        + ": say which with --model: \(names)")
  }

  /// The workload that a run directory's plan names.
  private static func workload(ofRun path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path + "/plan.resolved.json"),
      let plan = try? JSONDecoder().decode(Value.self, from: data)
    else { return nil }
    return plan.map?["workload"]?.map?["name"]?.string
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

  private func decide(_ history: History, _ model: CatalogueModel, _ read: ReadHistory) throws(Problem)
    -> CatalogueModel.Answer
  {
    do {
      switch claim {
      case .linearizable: return try model.linearizable(history, initial: initial, budget: budget, threads: threads)
      case .sequential:
        guard read.hasProcesses else {
          throw Problem(
            message: "\(read.name ?? "-"): no event names its process, and --claim sequential is about processes")
        }
        return try model.sequential(history, initial: initial, budget: budget, threads: threads)
      }
    } catch let problem as Problem {
      throw problem
    } catch let error as PairingError {
      throw Problem(message: "\(read.location(ofEvent: error.index)): \(error.message)")
    } catch let error as MalformedHistory {
      throw Problem(message: "\(read.location(ofEvent: error.index)): \(error.message)")
    } catch {
      throw Problem(message: "--initial: \(error)")
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    let (whole, attoseconds) = duration.components
    return Double(whole) + Double(attoseconds) / 1e18
  }
}
