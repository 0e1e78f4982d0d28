import Checkers
import Generators
import Glibc
import Histories

/// Times the isolation levels of histories of transactions: lowering and all levels, on one processor.
struct IsolationBench {
  /// A row is run so many times, unless one run takes longer than `secondsMax`; the best one counts.
  private static let runs = 3
  private static let secondsMax = 6.0

  let filter: String
  private let lists: ListAppendRows
  /// Rows whose verdict was not the known one.
  private(set) var wrong = 0
  /// By series: transactions and seconds of the first row, and of the last.
  private var growth: [(series: String, first: (Int, Double), last: (Int, Double))] = []

  init(quick: Bool, filter: String) {
    self.filter = filter
    lists = ListAppendRows(quick: quick)
  }

  mutating func run() throws {
    print(
      padded("history", 38) + padded("seconds", 9) + padded("ns/txn", 8) + padded("MB before", 11)
        + padded("peak MB", 9) + "classes of cycles, each with the length of the one shown")
    for row in lists.all where filter.isEmpty || row.name.contains(filter) { try measure(row) }
    for (series, first, last) in growth where last.0 > first.0 {
      print(
        "\(series): \(last.0 / first.0) times the transactions take \(fixed(last.1 / first.1, 1)) times the seconds")
    }
    print("\n" + padded("reading", 38) + padded("MB", 8) + padded("seconds", 9) + padded("MB/s", 8) + "peak MB")
    for count in lists.sizes where filter.isEmpty || "reading".contains(filter) { try read(count) }
    print("\nthe same loop at the end of it: \(fixed(Measurement.noise(), 3)) s")
  }

  // MARK: Measuring

  private mutating func measure(_ row: IsolationRow) throws {
    let history = try row.history()
    var seconds = Double.infinity
    var report: IsolationReport?
    let before = Self.memory("VmRSS:")
    Self.resetPeak()
    for _ in 0..<Self.runs {
      let start = ContinuousClock.now
      report = try row.check(history)
      seconds = min(seconds, (ContinuousClock.now - start).seconds)
      if seconds > Self.secondsMax { break }
    }
    guard let report else { return }
    let isWrong = !row.isExpected(report)
    if isWrong { wrong += 1 }
    if let series = row.series { note(series.name, series.transactions, seconds) }
    let classes = report.anomalies.filter { !$0.steps.isEmpty }.map { "\($0.name) \($0.steps.count)" }
    print(
      padded(row.name, 38) + padded(fixed(seconds, 3), 9)
        + padded("\(Int(seconds * 1e9) / max(1, report.committed))", 8) + padded("\(before)", 11)
        + padded("\(Self.memory("VmHWM:"))", 9) + classes.joined(separator: ", ") + (isWrong ? "  WRONG" : ""))
    for notice in report.notices { print("    " + notice) }
    for rung in report.ladder where rung.verdict == .unknown {
      print("    \(rung.level.rawValue): unknown, \(rung.reason ?? "")")
    }
    showNow()
  }

  private mutating func note(_ series: String, _ transactions: Int, _ seconds: Double) {
    if let place = growth.firstIndex(where: { $0.series == series }) {
      growth[place].last = (transactions, seconds)
    } else {
      growth.append((series, (transactions, seconds), (transactions, seconds)))
    }
  }

  /// Reads the text of the same valid history in both formats, in memory.
  private func read(_ count: Int) throws {
    let source = try SyntheticTransactions(lists.options(count, 10, 32), seed: 1)
    for (name, append) in [("EDN", EDNLines.append), ("JSON Lines", JSONLines.append)] as [Writer] {
      var text: [UInt8] = []
      var index = 0
      source.forEach { event in
        var event = event
        event.index = index
        index += 1
        append(event, &text)
      }
      var seconds = Double.infinity
      Self.resetPeak()
      for _ in 0..<Self.runs {
        let start = ContinuousClock.now
        let history = try HistoryReader().read(text).history
        seconds = min(seconds, (ContinuousClock.now - start).seconds)
        if history.count != index { wrong(name) }
      }
      print(
        padded("\(count) txns, \(name)", 38) + padded("\(text.count / 1_000_000)", 8) + padded(fixed(seconds, 3), 9)
          + padded("\(Int(Double(text.count) / 1e6 / seconds))", 8) + "\(Self.memory("VmHWM:"))")
      showNow()
    }
  }

  private typealias Writer = (String, (Event, inout [UInt8]) -> Void)

  private func wrong(_ name: String) { fatalError("\(name): other events came back") }

  /// Megabytes that the kernel says this process has.
  private static func memory(_ field: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix(field) { return (Int(text.filter(\.isNumber)) ?? 0) / 1024 }
    }
    return 0
  }

  /// Lets the kernel forget the peak so far (proc(5), clear_refs).
  private static func resetPeak() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }
    fputs("5", file)
    fclose(file)
  }
}
