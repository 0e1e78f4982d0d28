import Checkers
import Foundation
import Histories
import Plans
import Runs

/// Judges a run directory as its run was judged: all claims of the run, each with what the run expected of it.
struct RunCheck {
  /// In place of the run's claims, as on the command line; none: all of those.
  var claims: [String]
  var format: HistoryFormat?
  var isLenient: Bool
  /// For each claim.
  var budget: CheckBudget

  /// A run directory with its verdicts.
  struct Checked {
    var name: String
    var run: StoredRun
    var read: ReadHistory
    var operations: Int
    /// Independent objects; nil where there are no keys.
    var keys: Int?
    var judgement: StoredJudgement
    var warnings: [String]
    /// Seconds.
    var readTime: Double
    var checkTime: Double
  }

  /// Whether the argument is a directory, and so meant to be that of a run.
  static func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return path != "-" && FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }

  /// - Throws: what is missing in the directory, or broken.
  func check(_ path: String) throws(HistoryCheck.Problem) -> Checked {
    let clock = ContinuousClock()
    let start = clock.now
    let read: ReadHistory
    do throws(HistoryFileError) {
      read = try HistoryReader(format: format, isLenient: isLenient).read(path: path)
    } catch { throw HistoryCheck.Problem(message: "\(error)") }
    let run: StoredRun
    do throws(StoredRun.Problem) { run = try StoredRun(at: path) } catch {
      throw HistoryCheck.Problem(message: "\(error)")
    }
    let history = run.history(read)
    let middle = clock.now
    let judgement: StoredJudgement
    do {
      judgement = try run.judge(history, of: read, claims: try run.claims(claims), budget: budget)
    } catch { throw HistoryCheck.Problem(message: "\(path): \(error)") }
    return Checked(
      name: path, run: run, read: read, operations: CheckFacts.operations(history),
      keys: history.keyed ? history.keys.count : nil, judgement: judgement,
      warnings: CheckFacts.warnings(read, history), readTime: (middle - start) / .seconds(1),
      checkTime: (clock.now - middle) / .seconds(1))
  }
}
