// Times the readers of stored histories on generated text, in memory: one line a format.
//
//   history-bench [EVENTS]
//
// `read` is parsing, pairing and building the columns, on one thread; the best of three. Splitting by key is apart.
import Histories

let events = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 2_000_000
let clock = ContinuousClock()

func seconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}

/// The time of the fastest of three runs, in seconds, with the last result.
func best<Result>(_ body: () throws -> Result) rethrows -> (seconds: Double, result: Result) {
  var result = try body()
  var best = Double.infinity
  for _ in 0..<3 {
    let start = clock.now
    result = try body()
    best = min(best, seconds(clock.now - start))
  }
  return (best, result)
}

func column(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

print("format        events      MB   read s   M events/s     MB/s   by key s")
for layout in Layout.allCases {
  let text = HistoryText(layout).bytes(events: events)
  let megabytes = Double(text.count) / 1e6
  let (time, read) = try best { try HistoryReader().read(text) }
  guard read.history.count == events else { fatalError("\(layout): \(read.history.count) events came back") }
  let split = best { read.history.splittingKeys() }
  let numbers = [
    column("\(read.history.count)", 9), column("\(Int(megabytes))", 8), column(fixed(time), 9),
    column(fixed(Double(events) / time / 1e6), 13), column("\(Int(megabytes / time))", 9), column(fixed(split.seconds), 11),
  ]
  print(layout.rawValue + String(repeating: " ", count: 11 - layout.rawValue.count) + numbers.joined())
}

/// Two digits after the point.
func fixed(_ number: Double) -> String {
  let hundredths = Int((number * 100).rounded())
  let fraction = hundredths % 100
  return "\(hundredths / 100)." + (fraction < 10 ? "0" : "") + "\(fraction)"
}
