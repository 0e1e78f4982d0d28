import FoundationEssentials
import Histories
import RunStore
import Testing

@testable import Reports

@Suite struct PageDataTests {
  /// Undoes what `data.js` undoes, and compares every operation with the history that was written.
  @Test func everyOperationSurvivesTheColumns() throws {
    let run = SyntheticRun(operations: 2_000, verdict: .invalid)
    let columns = try #require(TemporaryRun(run).page().data()["operations"]?.map)
    let operations = try Operations(History(keyed: true, run.history()))
    func numbers(_ name: String) throws -> [Int] {
      try #require(columns[name]?.list).map { Int(try #require($0.int)) }
    }
    func texts(_ name: String) throws -> [String] { try #require(columns[name]?.list).map { try #require($0.string) } }
    let (indices, starts) = (try sums(numbers("index")), try sums(numbers("start")))
    let (spans, latencies) = (try numbers("span"), try numbers("latency"))
    let (outcomes, processes) = (try numbers("outcome"), try numbers("process"))
    let (functions, functionNames) = (try numbers("function"), try texts("functions"))
    let (nodes, nodeNames) = (try numbers("node"), try texts("nodes"))
    let (errors, errorNames) = (try numbers("error"), try texts("errors"))
    let (keys, keyTexts) = (try numbers("key"), try texts("keys"))
    let (inputs, outputs) = Self.values(try numbers("input"), try numbers("output"), try texts("values"))
    #expect(indices.count == operations.count)
    for position in 0..<operations.count {
      let operation = operations[position]
      #expect(indices[position] == operation.invocation)
      #expect(spans[position] == (operation.completion ?? operation.invocation) - operation.invocation)
      #expect(starts[position] == Int(operation.invokeTime / 1_000))
      #expect(
        latencies[position] == operation.completeTime.map { Int($0 / 1_000 - operation.invokeTime / 1_000) } ?? -1)
      #expect(["ok", "fail", "info"][outcomes[position]] == operation.outcome.name)
      #expect(processes[position] == Int(operation.process.rawValue))
      #expect(functionNames[functions[position]] == operation.function)
      #expect(nodeNames[nodes[position] - 1] == operation.node)
      #expect((errors[position] == 0 ? nil : errorNames[errors[position] - 1]) == operation.error)
      #expect(keyTexts[keys[position] - 1] == operation.key?.json)
      #expect(inputs[position] == operation.input.json)
      if operation.completion != nil { #expect(outputs[position] == operation.output.json) }
    }
  }

  private func sums(_ differences: [Int]) -> [Int] {
    var sum = 0
    return differences.map {
      sum += $0
      return sum
    }
  }

  /// The inverse of `OperationTable.code`.
  private static func values(_ inputs: [Int], _ outputs: [Int], _ texts: [String]) -> ([String], [String]) {
    var known = 0
    func text(_ code: Int) -> String {
      if code < 0 { return "null" }
      if code > 0 { return texts[known - code] }
      known += 1
      return texts[known - 1]
    }
    var result: ([String], [String]) = ([], [])
    for (input, output) in zip(inputs, outputs) {
      let asked = text(input)
      result.0.append(asked)
      result.1.append(output == -2 ? asked : text(output))
    }
    return result
  }

  @Test func transactionsHaveNoKey() throws {
    let transaction: Value = [["r", "x", nil], ["append", "x", 1]]
    let events = [
      Event(index: 0, time: 0, process: ProcessID(0), type: .invoke, function: "txn", value: transaction),
      Event(index: 1, time: 10, process: ProcessID(0), type: .ok, function: "txn", value: transaction),
    ]
    let table = OperationTable(try Operations(History(events)))
    #expect(table.keys == [0])
    #expect(table.valueTexts.symbols == [transaction])
  }

  @Test func violationsAndFaultsReachTheScripts() throws {
    let run = SyntheticRun(verdict: .invalid)
    let rest = try #require(TemporaryRun(run).page().data()["rest"]?.map)
    let violating = run.counterexample(in: run.history()).operations[5].index
    #expect(rest["violations"] == [.int(Int64(violating))])
    #expect(rest["faults"]?.list?.count == 6)
    #expect(rest["faults"]?.list?.first?.map?["from"] == 2_400_000)
    #expect(rest["nemesis"]?.list?.count == 10)
    #expect(rest["counterexamples"]?.list?.first?.map?["paths"]?.list?.count == 2)
  }

  @Test(arguments: [0, 1, 1_000, 300_000])
  func gzipGivesBackWhatItGot(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    #expect(try Gzip.decompress(Gzip.compress(bytes)) == bytes)
  }

  @Test func brokenGzipIsAnError() throws {
    let whole = try Gzip.compress([1, 2, 3])
    #expect(throws: Gzip.Failure.self) { try Gzip.decompress(Array(whole.dropLast(4))) }
  }
}

@Suite struct RunStatisticsTests {
  /// Each entry: function, outcome, invoked and completed in milliseconds (no completion: nil), one process each.
  private func statistics(_ rows: [(String, EventType, Int64, Int64?)]) throws -> RunStatistics {
    var events: [Event] = []
    for (number, row) in rows.enumerated() {
      let process = ProcessID(Int32(number))
      events.append(
        Event(index: 0, time: row.2 * 1_000_000, process: process, type: .invoke, function: row.0, value: nil))
      guard let end = row.3 else { continue }
      events.append(
        Event(index: 0, time: end * 1_000_000, process: process, type: row.1, function: row.0, value: nil))
    }
    events.sort { $0.time < $1.time }
    return RunStatistics(try Operations(History(events)))
  }

  @Test func countsAndQuantiles() throws {
    var rows: [(String, EventType, Int64, Int64?)] = (1...100).map { ("read", .ok, Int64($0), Int64($0 * 2)) }
    rows += [("write", .fail, 5, 6), ("write", .info, 7, 8), ("write", .info, 9, nil)]
    let statistics = try statistics(rows)
    #expect(statistics.total == .init(ok: 100, fail: 1, info: 2))
    #expect(statistics.counts.map(\.function) == ["read", "write"])
    #expect(statistics.counts[0].latency == .init(p50: 51_000, p99: 99_000, max: 100_000))
    #expect(statistics.counts[1].counts == .init(ok: 0, fail: 1, info: 2))
    #expect(statistics.counts[1].latency == nil)
    #expect(statistics.processes == 103)
    #expect(statistics.buckets.reduce(0) { $0 + $1.total } == 102, "what never completed is in no bucket")
  }

  @Test func errorsAreCountedTheMostFrequentFirst() throws {
    var events: [Event] = []
    for (number, error) in ["timeout", "refused", "timeout", nil, "timeout"].enumerated() {
      let process = ProcessID(Int32(number))
      events.append(Event(index: 0, time: 0, process: process, type: .invoke, function: "w", value: nil))
      events.append(
        Event(
          index: 0, time: 1, process: process, type: number == 4 ? .fail : .info, function: "w", value: nil,
          error: error))
    }
    #expect(
      RunStatistics(try Operations(History(events))).errors == [
        .init(error: "timeout", outcome: .info, count: 2), .init(error: "refused", outcome: .info, count: 1),
        .init(error: "timeout", outcome: .fail, count: 1),
      ])
  }

  @Test func gapsAreTimesWithoutSuccess() throws {
    let statistics = try statistics([
      ("w", .ok, 0, 10), ("w", .ok, 20, 500), ("w", .fail, 600, 900), ("w", .ok, 950, 1_200),
      ("w", .info, 1_300, 2_000),
    ])
    #expect(
      statistics.gaps == [.init(from: 500_000, to: 1_200_000), .init(from: 1_200_000, to: 2_000_000)],
      "a failure ends no gap, and neither does the end of the run")
  }

  @Test(arguments: [Int64(1), 19_999, 20_000, 3_600_000, 100_000_000])
  func bucketsStayFew(milliseconds: Int64) throws {
    let statistics = try statistics([("w", .ok, 0, milliseconds)])
    #expect(statistics.buckets.count <= RunStatistics.bucketsMax)
    #expect(statistics.buckets.reduce(0) { $0 + $1.ok } == 1)
    #expect(statistics.bucketMicroseconds * Int64(statistics.buckets.count) > milliseconds * 1_000)
  }
}
