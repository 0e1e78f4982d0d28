import Checkers
import Generators
import Histories

/// One checker on one history.
struct Measurement {
  var seconds: Double
  /// What its searches allocated at most, by their own accounting.
  var bytes: Int
  /// Nil: no answer.
  var verdict: Verdict?
  /// The algorithm, or why there is no answer.
  var note: String

  /// Ours, on all processors; the best of three runs where one takes less than a second.
  static func ours(_ history: History, model: CatalogueModel, secondsMax: Double, bytesMax: Int) throws -> Measurement {
    var best: Measurement?
    for _ in 0..<3 {
      let clock = ContinuousClock()
      let start = clock.now
      let answer = try model.linearizable(history, budget: CheckBudget(secondsMax: secondsMax, bytesMax: bytesMax))
      let seconds = (clock.now - start).seconds
      if seconds < best?.seconds ?? .infinity {
        best = Measurement(
          seconds: seconds, bytes: answer.decisions.map(\.bytes).max() ?? 0,
          verdict: answer.result.verdict == .unknown ? nil : answer.result.verdict,
          note: answer.result.verdict == .unknown ? answer.result.reason ?? "" : answer.result.algorithm)
      }
      if seconds >= 1 { break }
    }
    return best ?? Measurement(seconds: 0, bytes: 0, verdict: nil, note: "not run")
  }

  /// The textbook's search, key by key, on one processor; its preparation counts as ours does.
  static func textbook(_ history: History, secondsMax: Double, bytesMax: Int) throws -> Measurement {
    let start = ContinuousClock.now
    let deadline = start.advanced(by: .seconds(secondsMax))
    let operations = try Operations(history)
    var result = Measurement(seconds: 0, bytes: 0, verdict: .valid, note: "")
    for key in 0..<max(1, history.keys.count) where result.verdict == .valid {
      let positions =
        history.keyed ? Array(operations.positions(key: UInt32(key))) : Array(0..<UInt32(operations.count))
      var search = TextbookSearch(operations, positions, bytesMax: bytesMax)
      switch search.run(until: deadline) {
      case .valid: break
      case .invalid: result.verdict = .invalid
      case .outOfTime: (result.verdict, result.note) = (nil, "T")
      case .outOfMemory: (result.verdict, result.note) = (nil, "M")
      }
      result.bytes = max(result.bytes, search.bytes)
    }
    result.seconds = (ContinuousClock.now - start).seconds
    return result
  }

  /// Seconds of a fixed loop: what else the machine does shows in it.
  static func noise() -> Double {
    let start = ContinuousClock.now
    var state: UInt64 = 1
    for _ in 0..<200_000_000 { state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
    let seconds = (ContinuousClock.now - start).seconds
    return state == 0 ? -seconds : seconds  // the loop is not for nothing
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
