import FoundationEssentials
import Histories
import RunStore

/// The data of a page: one JSON object, compressed, in base64.
///
/// Base64 holds no character that could end a script element, whatever the run's values are.
struct PageData {
  /// Events of the nemesis marked in the timeline, at most.
  static let nemesisEventsMax = 5_000

  let run: RecordedRun
  let operations: OperationTable
  let statistics: RunStatistics
  /// In the order in which the page shows them.
  let counterexamples: [CounterexamplePicture]
  /// What the page's data leaves out, in sentences.
  let remarks: [String]

  init(_ run: RecordedRun) {
    self.run = run
    let (paired, remark) = Self.pair(run.history)
    statistics = RunStatistics(paired)
    let kept = Self.window(paired, run)
    operations = OperationTable(paired, positions: kept)
    counterexamples = run.counterexamples.map { CounterexamplePicture($0) }
    var remarks = [remark].compactMap(\.self)
    if kept != nil {
      remarks.append(
        """
        The timeline holds \(Numbers.grouped(operations.count)) of \(Numbers.grouped(paired.count)) operations: \
        those within 2 s of a fault's edges and of the violations. Counts and charts are of all.
        """)
    }
    self.remarks = remarks
  }

  /// Pairs as far as the history makes sense.
  private static func pair(_ history: History) -> (Operations, String?) {
    var history = history
    var remark: String?
    while true {
      do throws(PairingError) { return (try Operations(history), remark) } catch {
        remark = "\(RunFile.history) is shown up to event \(error.index): \(error.message)."
        history = History(keyed: false, history.events.prefix(error.index))
      }
    }
  }

  /// The positions to keep when there are more operations than a page can hold; nil for all.
  private static func window(_ operations: Operations, _ run: RecordedRun) -> [Int]? {
    guard operations.count > OperationTable.operationsMax else { return nil }
    let faults = run.results?.faults ?? []
    let times = faults.flatMap { [$0.from, $0.to].compactMap(\.self) }
    let centres = times + run.counterexamples.flatMap { $0.operations.map(\.invokeTime) }
    let half = OperationTable.windowMicroseconds
    let windows = centres.map { ($0 / 1_000 - half)...($0 / 1_000 + half) }
    let near = (0..<operations.count).filter { position in
      let time = operations.history.time(at: Int(operations.invocations[position])) / 1_000
      return windows.contains { $0.contains(time) }
    }
    return Array((windows.isEmpty ? Array(0..<operations.count) : near).prefix(OperationTable.operationsMax))
  }

  /// gzip, then base64.
  func encoded() throws(Gzip.Failure) -> [UInt8] {
    [UInt8](Data(try Gzip.compress(json())).base64EncodedData())
  }

  /// Uncompressed, as the scripts see it.
  func json() -> [UInt8] {
    var buffer: [UInt8] = []
    JSONWriter.append(literal: "{\"operations\":", to: &buffer)
    operations.append(to: &buffer)
    JSONWriter.append(literal: ",\"rest\":", to: &buffer)
    JSONWriter.append(rest, to: &buffer)
    JSONWriter.append(literal: "}", to: &buffer)
    return buffer
  }

  /// Everything small.
  private var rest: Value {
    .map([
      "schema": 1,
      "end": .int(statistics.endMicroseconds),
      "series": series,
      "gaps": .list(statistics.gaps.map { .list([.int($0.from), .int($0.to)]) }),
      "faults": .list((run.results?.faults ?? []).map(\.pageValue)),
      "nemesis": .list(nemesis),
      "violations": .list(violations),
      "counterexamples": .list(counterexamples.map(\.pageValue)),
    ])
  }

  private var series: Value {
    func column(_ number: (RunStatistics.Counts) -> Int) -> Value {
      .list(statistics.buckets.map { .int(Int64(number($0))) })
    }
    func quantile(_ number: (RunStatistics.Latency) -> Int64) -> Value {
      .list(statistics.latencies.map { $0.map { .int(number($0)) } ?? .null })
    }
    return .map([
      "step": .int(statistics.bucketMicroseconds), "ok": column(\.ok), "fail": column(\.fail),
      "info": column(\.info), "p50": quantile(\.p50), "p99": quantile(\.p99),
    ])
  }

  /// Events of the nemesis, as marks.
  private var nemesis: [Value] {
    let history = run.history
    let indices = (0..<history.count).lazy.filter { history.process(at: $0).isNemesis }.prefix(Self.nemesisEventsMax)
    return indices.map { index in
      let event = history[index]
      return .map([
        "index": .int(Int64(event.index)), "time": .int(event.time / 1_000),
        "type": .string(event.type.name), "f": .string(VisibleText.clean(event.function)),
        "value": .string(VisibleText.clean(event.value.json, bytesMax: OperationTable.valueBytesMax)),
      ])
    }
  }

  /// Invocation indices of what is wrong: of every counterexample its violating operation, then of the findings.
  private var violations: [Value] {
    let drawn = run.counterexamples.map { $0.operations[$0.violation].index }
    let found = (run.results?.claims ?? []).filter { $0.verdict == .invalid && $0.counterexamples.isEmpty }
    return Set(drawn + found.flatMap(\.findings).compactMap(\.operations.last)).sorted().map { .int(Int64($0)) }
  }
}

extension FaultRecord {
  /// As the page's scripts read it; times in microseconds.
  fileprivate var pageValue: Value {
    .map([
      "id": .int(Int64(id)), "fault": .string(VisibleText.clean(fault)),
      "targets": .string(VisibleText.clean(targets)),
      "from": from.map { .int($0 / 1_000) } ?? .null, "to": to.map { .int($0 / 1_000) } ?? .null,
      "evidence": evidence.map { .string(VisibleText.clean($0.summary)) } ?? .null,
      "took": .bool(evidence?.took ?? false),
    ])
  }
}
