// Times the readers of stored histories on generated text: `history-bench --help` says how.
import ArgumentParser
import Glibc
import Histories

let options = BenchOptions.parseOrExit()
let events = options.events

/// Seconds on one of the system's clocks.
func seconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

struct Timing {
  var thread = Double.infinity
  var wall = Double.infinity
}

/// The least times of three runs, in seconds, with the last result.
func best<Result>(_ body: () throws -> Result) rethrows -> (timing: Timing, result: Result) {
  var result = try body()
  var timing = Timing()
  for _ in 0..<3 {
    let (thread, wall) = (seconds(CLOCK_THREAD_CPUTIME_ID), seconds(CLOCK_MONOTONIC))
    result = try body()
    timing.thread = min(timing.thread, seconds(CLOCK_THREAD_CPUTIME_ID) - thread)
    timing.wall = min(timing.wall, seconds(CLOCK_MONOTONIC) - wall)
  }
  return (timing, result)
}

func column(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

print("format        events      MB   read s     wall   M events/s     MB/s   by key s")
for layout in options.layouts {
  let text = HistoryText(layout).bytes(events: events)
  let megabytes = Double(text.count) / 1e6
  let (timing, read) = try best { try HistoryReader().read(text) }
  guard read.history.count == events else { fatalError("\(layout): \(read.history.count) events came back") }
  let split = best { read.history.splittingKeys() }
  let numbers = [
    column("\(read.history.count)", 9), column("\(Int(megabytes))", 8), column(fixed(timing.thread), 9),
    column(fixed(timing.wall), 9), column(fixed(Double(events) / timing.thread / 1e6), 13),
    column("\(Int(megabytes / timing.thread))", 9), column(fixed(split.timing.thread), 11),
  ]
  print(layout.rawValue + String(repeating: " ", count: 11 - layout.rawValue.count) + numbers.joined())
}

/// Two digits after the point.
func fixed(_ number: Double) -> String {
  let hundredths = Int((number * 100).rounded())
  let fraction = hundredths % 100
  return "\(hundredths / 100)." + (fraction < 10 ? "0" : "") + "\(fraction)"
}
