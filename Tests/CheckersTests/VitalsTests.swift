import Foundation
import Histories
import Testing

@testable import Checkers

@Suite struct VitalsTests {
  private func event(
    _ milliseconds: Int64, _ process: Int32, _ type: EventType, _ f: String, error: String? = nil
  ) -> Event {
    Event(
      index: 0, time: milliseconds * 1_000_000, process: ProcessID(process), type: type, function: f, value: .null,
      error: error)
  }

  private var history: History {
    History([
      event(0, 0, .invoke, "read"), event(10, 0, .ok, "read"), event(20, 0, .invoke, "write"),
      event(20, 1, .invoke, "read"), event(30, 1, .fail, "read", error: "refused"),
      event(520, 0, .ok, "write"), event(530, 0, .invoke, "write"), event(1600, 0, .info, "write", error: "timeout"),
      event(1700, 2, .invoke, "write"), event(2100, 1, .invoke, "read"), event(2105, 1, .ok, "read"),
      event(2106, 1, .invoke, "read"), event(2200, 1, .fail, "read", error: "refused"),
    ])
  }

  @Test func countsByFunctionAndOutcome() {
    let vitals = Vitals(history)
    #expect(vitals.operations == 7)
    #expect(vitals.functions.map(\.f) == ["read", "write"])
    #expect(vitals.functions.map(\.ok) == [2, 1])
    #expect(vitals.functions.map(\.fail) == [2, 0])
    // One of the two never completed.
    #expect(vitals.functions.map(\.info) == [0, 2])
    #expect(vitals.functions[0].okPerSecond == 2 / 2.2)
    #expect(vitals.functions[0].latency?.max == 10_000_000)
    #expect(
      vitals.errors == [
        Vitals.ErrorCount(error: "refused", type: "fail", count: 2),
        Vitals.ErrorCount(error: "timeout", type: "info", count: 1),
      ])
  }

  @Test func gapsAreTimesWithoutAnyOk() {
    let vitals = Vitals(history)
    #expect(vitals.gaps.map { [$0.from / 1_000_000, $0.to / 1_000_000] } == [[10, 520], [520, 2105]])
    #expect(vitals.gapCount == 2)
    #expect(vitals.longestGap == 1_585_000_000)
  }

  @Test func seriesHasEverySecond() {
    let counts = Vitals(history).seconds.map { [$0.second, $0.ok, $0.fail, $0.info] }
    #expect(counts == [[0, 2, 1, 0], [1, 0, 0, 1], [2, 1, 1, 0]])
  }

  @Test func quantilesAreCloseAndNeverTooLow() {
    var histogram = LatencyHistogram()
    for value in 1...100_000 { histogram.add(Int64(value) * 997) }
    for (share, exact) in [(0.5, 50_000), (0.9, 90_000), (0.99, 99_000), (0.999, 99_900)] {
      let value = histogram.quantile(share)
      #expect(value >= Int64(exact) * 997)
      #expect(Double(value) <= Double(exact) * 997 * 1.008)
    }
    #expect(histogram.max == 99_700_000)
    #expect(histogram.quantile(1) == 99_700_000)
    histogram.add(.max)
    #expect(histogram.quantile(1) == .max)
  }

  @Test func emptyHistory() {
    let vitals = Vitals(History())
    #expect(vitals == Vitals())
    #expect(vitals.duration == 0)
  }

  @Test func codableRoundTrip() throws {
    let vitals = Vitals(history)
    #expect(try JSONDecoder().decode(Vitals.self, from: JSONEncoder().encode(vitals)) == vitals)
  }
}
