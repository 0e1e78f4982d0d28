import Checkers
import Glibc
import Histories
import Testing

/// Reads of very many keys cost what it takes to list them, not their square.
@Suite struct WideReadTests {
  private static let keys = 200_000

  /// One read of so many keys took a place of 25 kB for each number of keys that it could have seen: 5 GB.
  @Test(.timeLimit(.minutes(2))) func `a fork of reads of 200,000 keys`() throws {
    var history = History()
    func append(_ process: Int32, _ type: EventType, _ value: Value) {
      history.append(
        Event(index: 0, time: 0, process: ProcessID(process), type: type, function: "txn", value: value))
    }
    for key in 0..<4 { append(Int32(key), .invoke, [["w", .int(Int64(key)), 1]]) }
    for seen in [[0], [0, 1, 2], [0, 1], [0, 1, 3]] {
      append(9, .invoke, Self.read([]))
      append(9, .ok, Self.read(seen))
    }
    let before = Self.residentBytesMax()
    let report = try LongForkChecker.report(history)
    #expect(report.count(.longFork) == 1)
    #expect(report.findings.first?.operations == [6, 10, 2, 3])
    #expect(report.statistic("group-keys-max") == .int(Int64(Self.keys)))
    #expect(Self.residentBytesMax() - before < 1 << 30)
  }

  private static func read(_ seen: [Int]) -> Value {
    .list((0..<keys).map { ["r", .int(Int64($0)), seen.contains($0) ? 1 : nil] })
  }

  /// The most memory that this process ever had at a time.
  private static func residentBytesMax() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
