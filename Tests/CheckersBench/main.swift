// Times the linearizability checker beside the textbook's search: `checkers-bench --help` says how.
import ArgumentParser
import Checkers
import Generators
import Histories

let options = BenchOptions.parseOrExit()
let cells = options.cells
let secondsMax: Double = options.quick ? 5 : 60
let bytesMax = 4_000_000_000

func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.count)) }

func fixed(_ number: Double, _ digits: Int) -> String {
  var scale = 1
  for _ in 0..<digits { scale *= 10 }
  let scaled = Int((number * Double(scale)).rounded())
  return "\(scaled / scale).\(String(scale + scaled % scale).dropFirst())"
}

func columns(_ measurement: Measurement) -> String {
  let megabytes = padded("\(measurement.bytes / 1_000_000)", 7)
  guard let verdict = measurement.verdict else {
    return padded(measurement.note.count < 2 ? measurement.note : "–", 9) + megabytes + "unknown  "
  }
  return padded(fixed(measurement.seconds, 4), 9) + megabytes + padded(verdict.rawValue, 9)
}

if options.isolation {
  var bench = IsolationBench(quick: options.quick, filter: options.filter)
  try bench.run()
  var registers = RegisterBench(quick: options.quick, filter: options.filter)
  try registers.run()
  if bench.wrong + registers.wrong > 0 { exitWithFailure() }
  exitWithSuccess()
}

if options.workloads {
  var bench = WorkloadBench(quick: options.quick, filter: options.filter)
  try bench.run()
  var consistency = ConsistencyBench(quick: options.quick, filter: options.filter)
  try consistency.run()
  if bench.wrong + consistency.wrong > 0 { exitWithFailure() }
  exitWithSuccess()
}

var wrong = 0
var noise = [Measurement.noise()]
print(
  padded("history", 34) + padded("seconds", 9) + padded("MB", 7) + padded("verdict", 9) + padded("ops/s", 12)
    + padded("textbook", 9) + padded("MB", 7) + "verdict  algorithm")
for (number, cell) in cells.enumerated() {
  let (history, outcome) = try SyntheticHistory(cell.options, seed: 1).history()
  guard let model = ModelCatalogue.model(named: cell.options.model.rawValue) else {
    fatalError("no model \(cell.options.model)")
  }
  let ours = try Measurement.ours(history, model: model, secondsMax: secondsMax, bytesMax: bytesMax)
  var textbook: Measurement?
  if cell.hasTextbook, options.textbook {
    textbook = try Measurement.textbook(history, secondsMax: secondsMax, bytesMax: bytesMax)
  }
  let verdicts = [ours.verdict, textbook?.verdict].compactMap { $0 }
  let isWrong = verdicts.contains { $0 != outcome.verdict }
  if isWrong { wrong += 1 }
  print(
    padded(cell.name, 34) + columns(ours) + padded(fixed(Double(outcome.operations) / ours.seconds / 1e6, 2) + " M", 12)
      + (textbook.map(columns) ?? padded("–", 25)) + ours.note + (isWrong ? "  WRONG: it is \(outcome.verdict)" : ""))
  showNow()
  if number == cells.count / 2 { noise.append(Measurement.noise()) }
}
noise.append(Measurement.noise())
print(
  "\nthe same loop at the beginning, in the middle, at the end: "
    + noise.map { fixed($0, 3) + " s" }.joined(separator: ", "))
if wrong > 0 {
  print("\(wrong) verdicts are wrong")
  exitWithFailure()
}
