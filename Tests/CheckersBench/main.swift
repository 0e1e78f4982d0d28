// Times the linearizability checker on generated histories: one line a case.
//
//   checkers-bench [--quick] [FILTER]
//
// `check` is the search alone with lowering and pairing, on one thread; the history is in memory before. The peak is
// that of the searches' own allocations, as the budget counts them.
import Checkers
import Histories

struct Case {
  var name: String
  var shape: Shape
}

func cases(quick: Bool) -> [Case] {
  var cases: [Case] = []
  for (operations, clients) in [(10_000, 5), (10_000, 10), (100_000, 5), (100_000, 10), (10_000, 20)] {
    if quick, operations > 10_000 || clients > 10 { continue }
    let shape = Shape(operations: operations, clients: clients)
    let size = "\(operations / 1000)k/\(clients)"
    cases.append(Case(name: "\(size) valid", shape: shape))
    var stale = shape
    stale.isStale = true
    cases.append(Case(name: "\(size) stale", shape: stale))
    for percent in [1.0, 5.0] {
      var crashed = shape
      crashed.crashedPercent = percent
      cases.append(Case(name: "\(size) \(Int(percent)) % crashed", shape: crashed))
    }
    var unique = shape
    unique.isUnique = true
    cases.append(Case(name: "\(size) unique", shape: unique))
    unique.isStale = true
    cases.append(Case(name: "\(size) unique stale", shape: unique))
    unique.isStale = false
    unique.crashedPercent = 1
    cases.append(Case(name: "\(size) unique 1 % crashed", shape: unique))
  }
  return cases
}

func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(1, width - text.count))
}

func seconds(_ duration: Duration) -> String {
  let (whole, attoseconds) = duration.components
  return "\(whole).\(String(100_000 + attoseconds / 10_000_000_000_000).dropFirst())"
}

let arguments = CommandLine.arguments.dropFirst()
let filter = arguments.first { !$0.hasPrefix("--") } ?? ""
print(
  padded("case", 28), padded("ops", 8), padded("clients", 8), padded("seconds", 10), padded("peak MB", 8), "verdict")
for entry in cases(quick: arguments.contains("--quick")) where entry.name.contains(filter) || filter.isEmpty {
  let history = SimulatedRegister.history(entry.shape, seed: 1)
  let clock = ContinuousClock()
  var decisions: [ObjectDecision] = []
  let time = try clock.measure {
    decisions = try LinearizabilityChecker.decide(
      history, model: CASRegister(), budget: CheckBudget(secondsMax: 60, bytesMax: 4 << 30), threads: 1)
  }
  let bytes = decisions.map(\.bytes).max() ?? 0
  let shown = decisions.compactMap(\.counterexample).first.map { "(\($0.operations.count) operations shown)" } ?? ""
  let reason = decisions.compactMap(\.reason).first ?? ""
  print(
    padded(entry.name, 28), padded("\(entry.shape.operations)", 8), padded("\(entry.shape.clients)", 8),
    padded(seconds(time), 10), padded("\(bytes / 1_000_000)", 8), Verdict.combined(decisions.map(\.verdict)).rawValue,
    shown, reason)
}
