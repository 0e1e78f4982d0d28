import Checkers
import Generators
import Glibc
import Histories

/// Times the isolation levels of list-append histories: lowering and all levels, on one processor.
struct IsolationBench {
  private struct Row {
    var name: String
    var history: () throws -> History
    /// What the history is known to be.
    var isExpected: (IsolationReport) -> Bool
  }

  let quick: Bool
  let filter: String
  /// Rows whose verdict was not the known one.
  private(set) var wrong = 0

  init(quick: Bool, filter: String) { (self.quick, self.filter) = (quick, filter) }

  mutating func run() throws {
    print(
      padded("list-append history", 38) + padded("seconds", 9) + padded("ns/txn", 8) + padded("MB before", 11)
        + padded("peak MB", 9) + "classes of cycles, each with the length of the one shown")
    for row in rows where filter.isEmpty || row.name.contains(filter) { try measure(row) }
    print("\n" + padded("reading", 38) + padded("MB", 8) + padded("seconds", 9) + "MB/s")
    for count in sizes where filter.isEmpty { try read(count) }
  }

  private var sizes: [Int] { quick ? [1_000, 10_000] : [10_000, 100_000, 1_000_000] }

  private var rows: [Row] {
    let narrow = sizes.flatMap { [valid($0, 10, 256), planted($0, 10, 256)] }
    // Lists of 512 elements on average: more transactions are more memory than the history needs elsewhere.
    let wide = sizes.filter { $0 <= 100_000 }.flatMap { [valid($0, 32, 1024), planted($0, 32, 1024)] }
    return narrow + wide + DenseHistory.Shape.allCases.map { dense($0, quick ? 10_000 : 100_000) }
  }

  private func options(_ count: Int, _ keys: Int, _ writes: Int) -> SyntheticTransactions.Options {
    .init(transactions: count, clients: 20, activeKeys: keys, appendsPerKey: writes)
  }

  private func valid(_ count: Int, _ keys: Int, _ writes: Int) -> Row {
    let options = options(count, keys, writes)
    return Row(
      name: "\(count) txns, \(keys) keys × \(writes), valid",
      history: { try SyntheticTransactions(options, seed: 1).history() },
      isExpected: { $0.strongestSatisfied == [.strictSerializable] })
  }

  private func planted(_ count: Int, _ keys: Int, _ writes: Int) -> Row {
    var options = options(count, keys, writes)
    options.planted = .antiDependencyCycle
    return Row(
      name: "\(count) txns, \(keys) keys × \(writes), skew",
      history: { [options] in try SyntheticTransactions(options, seed: 1).history() },
      isExpected: { report in
        report.anomalies.contains { $0.name == "G2-item" } && report.rung(.serializable)?.verdict == .invalid
          && report.rung(.readCommitted)?.verdict == .valid
      })
  }

  private func dense(_ shape: DenseHistory.Shape, _ count: Int) -> Row {
    Row(
      name: "\(count) txns on one component, \(shape.rawValue)",
      history: { DenseHistory.history(shape, transactions: count, seed: 1) },
      isExpected: { report in report.rung(.serializable)?.verdict == .invalid })
  }

  // MARK: Measuring

  private mutating func measure(_ row: Row) throws {
    let history = try row.history()
    var seconds = Double.infinity
    var report: IsolationReport?
    let before = Self.memory("VmRSS:")
    Self.resetPeak()
    for _ in 0..<3 {
      let start = ContinuousClock.now
      report = try ListAppendChecker.report(history)
      seconds = min(seconds, (ContinuousClock.now - start).seconds)
      if seconds > 3 { break }
    }
    guard let report else { return }
    let isWrong = !row.isExpected(report)
    if isWrong { wrong += 1 }
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

  private func read(_ count: Int) throws {
    let source = try SyntheticTransactions(options(count, 10, 256), seed: 1)
    for (name, append) in [("EDN", EDNLines.append), ("JSON Lines", JSONLines.append)] as [Writer] {
      var text: [UInt8] = []
      var index = 0
      source.forEach { event in
        var event = event
        event.index = index
        index += 1
        append(event, &text)
      }
      let start = ContinuousClock.now
      let history = try HistoryReader().read(text).history
      let seconds = (ContinuousClock.now - start).seconds
      if history.count != index { wrong(name) }
      print(
        padded("\(count) txns, \(name)", 38) + padded("\(text.count / 1_000_000)", 8) + padded(fixed(seconds, 3), 9)
          + "\(Int(Double(text.count) / 1e6 / seconds))")
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
