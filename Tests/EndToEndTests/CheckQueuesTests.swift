import Foundation
import Histories
import Testing

/// `faultline check` on histories of queues, logs and ids, as people have them.
@Suite struct CheckQueuesTests {
  private func check(_ text: String, _ options: [String] = []) async throws -> Command.Ended {
    let folder = try Folder()
    try text.write(toFile: folder.path + "/h", atomically: true, encoding: .utf8)
    return try await Command.run(["check", "h"] + options, in: folder.path)
  }

  /// Lines of EDN, a millisecond apart.
  private static func events(_ lines: [(process: Int, type: String, f: String, value: String)]) -> String {
    lines.enumerated().map { index, line in
      "{:process \(line.process), :type :\(line.type), :f :\(line.f), :value \(line.value), "
        + ":time \((index + 1) * 1_000_000)}\n"
    }.joined()
  }

  private static let enqueued = [
    (process: 0, type: "invoke", f: "enqueue", value: "1"), (process: 0, type: "ok", f: "enqueue", value: "1"),
  ]
  private static let dequeued = [
    (process: 1, type: "invoke", f: "dequeue", value: "nil"), (process: 1, type: "ok", f: "dequeue", value: "1"),
  ]

  @Test func `a drain tells a queue whose messages are counted`() async throws {
    let drained = [
      (process: 1, type: "invoke", f: "drain", value: "nil"), (process: 1, type: "ok", f: "drain", value: "[]"),
    ]
    let lost = try await check(Self.events(Self.enqueued + drained))
    #expect(lost.exit == 64 && lost.errors.contains("--model: total-queue, work-queue"), "\(lost.errors)")
    let named = try await check(Self.events(Self.enqueued + drained), ["--model", "total-queue"])
    #expect(named.exit == 1 && named.output.contains("lost-message-count 1"), "\(named.output)\(named.errors)")
    let kept = try await check(Self.events(Self.enqueued + Self.dequeued + drained), ["--claim", "exactly-once"])
    #expect(kept.exit == 0 && kept.errors.contains("taken as total-queue"), "\(kept.output)\(kept.errors)")
    #expect(kept.output.contains("exactly-once total-queue; 3 operations"), "\(kept.output)")
  }

  @Test func `without a drain nobody knows which queue is meant, unless the claim says`() async throws {
    let text = Self.events(Self.enqueued + Self.dequeued)
    let open = try await check(text)
    #expect(open.exit == 64, "\(open.output)")
    #expect(
      open.errors.contains("fit more than one model: say which with --model: fifo-queue, unordered-queue, total-queue"),
      "\(open.errors)")
    #expect(try await check(text, ["--claim", "no-loss"]).exit == 0)
    #expect(try await check(text, ["--model", "fifo-queue"]).exit == 0)
  }

  private static func received(by process: Int) -> [(process: Int, type: String, f: String, value: String)] {
    [
      (process, "invoke", "receive", "nil"), (process, "ok", "receive", "{:id \"a\", :value 1, :attempt 1}"),
    ]
  }

  /// The second delivery ends 3 ms after the first began.
  @Test(arguments: [
    (["--visibility-timeout", "4ms"], Int32(1), "0.004"), (["--visibility-timeout", "3ms"], 0, "0.003"),
    (["--visibility-timeout", "0.05m"], 1, "3"), ([], 2, "nobody said for how long"),
  ])
  func `what is early depends on the visibility timeout`(options: [String], exit: Int32, word: String) async throws {
    let text = Self.events(Self.enqueued + Self.received(by: 1) + Self.received(by: 2))
    let ended = try await check(text, ["--claim", "exclusive-delivery"] + options)
    #expect(ended.exit == exit, "\(ended.output)\(ended.errors)")
    #expect(ended.output.contains(exit == 2 ? word : "visibility-timeout-seconds \(word)"), "\(ended.output)")
  }

  private static let log = events([
    (0, "invoke", "txn", "[[:send 0 1] [:send 0 2]]"), (0, "ok", "txn", "[[:send 0 [0 1]] [:send 0 [1 2]]]"),
    (1, "invoke", "txn", "[[:poll]]"), (1, "ok", "txn", "[[:poll {0 [[1 2]]}]]"),
  ])

  @Test func `transactions of sends and polls are of a partitioned log`() async throws {
    let lost = try await check(Self.log)
    #expect(lost.exit == 1 && lost.errors.contains("taken as partitioned-log"), "\(lost.output)\(lost.errors)")
    #expect(lost.output.contains("which nobody polled"), "\(lost.output)")
    let later = try await check(Self.log, ["--consumers-start", "anywhere"])
    #expect(later.exit == 0 && later.output.contains("consumers-start anywhere"), "\(later.output)\(later.errors)")
    let committed = try await check(Self.log, ["--claim", "read-committed"])
    #expect(committed.exit == 0 && committed.output.contains("consumers-start beginning"), "\(committed.output)")
  }

  @Test func `replicas may lag unless their reads are current`() async throws {
    let text = Self.events([
      (0, "invoke", "append", "5"), (0, "ok", "append", "[0 5]"), (1, "invoke", "read-all", "nil"),
      (1, "ok", "read-all", "[]"), (1, "invoke", "read-all", "nil"), (1, "ok", "read-all", "[[0 5]]"),
    ])
    let lagging = try await check(text)
    #expect(lagging.exit == 0 && lagging.output.contains("current-reads no"), "\(lagging.output)\(lagging.errors)")
    #expect(try await check(text, ["--current-reads"]).exit == 1)
  }

  @Test(arguments: [
    (["--visibility-timeout", "3"], "a number above 0 with its unit"),
    (["--visibility-timeout", "0s"], "a number above 0 with its unit"),
    (["--visibility-timeout", "3s"], "--visibility-timeout says nothing of partitioned-log: it is for work-queue"),
    (["--current-reads", "--model", "register"], "--current-reads says nothing of register: it is for replicated-log"),
    (["--consumers-start", "latest"], "--consumers-start"), (["--keyed", "yes"], "leave --keyed out"),
    (["--claim", "exactly-onc"], "did you mean 'exactly-once'?"),
  ])
  func `what says nothing of the model is refused`(options: [String], message: String) async throws {
    let ended = try await check(Self.log, options)
    #expect(ended.exit == 64 && ended.errors.contains(message), "\(ended.output)\(ended.errors)")
  }
}
