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
  /// By series: transactions and seconds of the processor of the first row, and of the last.
  private var growth: [(series: String, first: (Int, Double), last: (Int, Double))] = []

  init(quick: Bool, filter: String) {
    self.filter = filter
    lists = ListAppendRows(quick: quick)
  }

  mutating func run() throws {
    print(
      padded("history", 38) + padded("seconds", 9) + padded("cpu", 9) + padded("ns/txn", 8) + padded("MB before", 11)
        + padded("peak MB", 9) + "classes of cycles, each with the length of the one shown")
    for row in lists.all where filter.isEmpty || row.name.contains(filter) { try measure(row) }
    for (series, first, last) in growth where last.0 > first.0 {
      print(
        "\(series): \(last.0 / first.0) times the transactions take \(fixed(last.1 / first.1, 1)) times the processor")
    }
    print(
      "\n" + padded("reading", 38) + padded("MB", 8) + padded("seconds", 9) + padded("cpu", 9) + padded("MB/s", 8)
        + padded("of cpu", 8) + "peak MB")
    for count in lists.sizes where filter.isEmpty || "reading".contains(filter) { try read(count) }
    print("\nthe same loop at the end of it: \(fixed(Measurement.noise(), 3)) s")
  }

  // MARK: Measuring

  private mutating func measure(_ row: IsolationRow) throws {
    let history = try row.history()
    var report: IsolationReport?
    let before = Self.memory("VmRSS:")
    Self.resetPeak()
    let time = try Self.best { report = try row.check(history) }
    guard let report else { return }
    let isWrong = !row.isExpected(report)
    if isWrong { wrong += 1 }
    if let series = row.series { note(series.name, series.transactions, time.cpu) }
    let classes = report.anomalies.filter { !$0.steps.isEmpty }.map { "\($0.name) \($0.steps.count)" }
    print(
      padded(row.name, 38) + padded(fixed(time.wall, 3), 9) + padded(fixed(time.cpu, 3), 9)
        + padded("\(Int(time.cpu * 1e9) / max(1, report.committed))", 8) + padded("\(before)", 11)
        + padded("\(Self.memory("VmHWM:"))", 9) + classes.joined(separator: ", ") + (isWrong ? "  WRONG" : ""))
    for notice in report.notices { print("    " + notice) }
    for rung in report.ladder where rung.verdict == .unknown {
      print("    \(rung.level.rawValue): unknown, \(rung.reason ?? "")")
    }
    showNow()
  }

  /// The least seconds by the clock on the wall, and of those that the thread really ran: other programs do not count
  /// there, save for the caches that they take.
  static func best(_ body: () throws -> Void) rethrows -> (wall: Double, cpu: Double) {
    var best = (wall: Double.infinity, cpu: Double.infinity)
    for _ in 0..<runs {
      let (start, ran) = (ContinuousClock.now, processorSeconds())
      try body()
      best.wall = min(best.wall, (ContinuousClock.now - start).seconds)
      best.cpu = min(best.cpu, processorSeconds() - ran)
      if best.wall > secondsMax { break }
    }
    return best
  }

  /// Seconds that this thread has run.
  private static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
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
      Self.resetPeak()
      let time = try Self.best {
        if try HistoryReader().read(text).history.count != index { wrong(name) }
      }
      let megabytes = Double(text.count) / 1e6
      print(
        padded("\(count) txns, \(name)", 38) + padded("\(Int(megabytes))", 8) + padded(fixed(time.wall, 3), 9)
          + padded(fixed(time.cpu, 3), 9) + padded("\(Int(megabytes / time.wall))", 8)
          + padded("\(Int(megabytes / time.cpu))", 8) + "\(Self.memory("VmHWM:"))")
      showNow()
    }
  }

  private typealias Writer = (String, (Event, inout [UInt8]) -> Void)

  private func wrong(_ name: String) { fatalError("\(name): other events came back") }

  /// Megabytes that the kernel says this process has.
  static func memory(_ field: String) -> Int {
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
  static func resetPeak() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }
    fputs("5", file)
    fclose(file)
  }
}
