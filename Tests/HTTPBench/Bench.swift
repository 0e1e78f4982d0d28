import ArgumentParser
import Foundation
import Glibc
import Systems

/// Drives a trivial server on loopback and prints what one request costs the driver, and what the whole client loop does.
@main
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "http-bench",
    abstract: "Times the HTTP driver alone, and the whole client loop, against a trivial server on loopback.")

  @Argument(help: "How long each of the two lasts, in seconds.")
  var seconds = 3

  @Argument(help: "Requests of the driver in flight.")
  var slots = 10

  func validate() throws {
    guard (1...3600).contains(seconds) else { throw ValidationError("seconds must be from 1 to 3600, not \(seconds)") }
    guard (1...1000).contains(slots) else { throw ValidationError("slots must be from 1 to 1000, not \(slots)") }
  }

  func run() async throws {
    let server = try TrivialServer()
    Thread.detachNewThread { server.run() }
    var load = try Load(slots: slots, port: server.port)
    _ = try load.run(nanoseconds: 300_000_000)
    let result = try load.run(nanoseconds: Int64(seconds) * 1_000_000_000)
    print("driver alone:   \(result.line(slots: slots))")
    print("client loop:    \(try await LoopBench.run(seconds: seconds, port: server.port))")
  }
}

/// What a stretch of load cost.
struct LoadResult {
  var responses = 0
  var failures = 0
  var wallNanoseconds: Int64 = 0
  /// Of the thread that the driver runs on.
  var cpuNanoseconds: Int64 = 0
  var latencyNanoseconds: Int64 = 0

  func line(slots: Int) -> String {
    let perSecond = Double(responses) * 1e9 / Double(wallNanoseconds)
    let cpu = Double(cpuNanoseconds) / 1e3 / Double(max(responses, 1))
    let latency = Double(latencyNanoseconds) / 1e3 / Double(max(responses, 1))
    return
      "slots=\(slots) responses=\(responses) failures=\(failures) "
      + String(format: "requests/s=%.0f cpu-us/request=%.1f latency-us=%.0f", perSecond, cpu, latency)
  }
}

/// A closed loop: every slot has one request in flight, half of them reads, half writes with a small body, over 100 keys.
struct Load: ~Copyable {
  private var driver: HTTPDriver
  private let base: String
  private let jsonHeaders = [HTTPHeader("Content-Type", "application/json")]
  private var started = 0
  private var startedAt: [Int64]
  private var idle: [Int]

  init(slots: Int, port: UInt16) throws {
    driver = try HTTPDriver(slots: slots)
    base = "http://127.0.0.1:\(port)/kv/"
    startedAt = Array(repeating: 0, count: slots)
    idle = Array(0..<slots)
  }

  mutating func run(nanoseconds: Int64) throws -> LoadResult {
    var result = LoadResult()
    let begin = clock(CLOCK_MONOTONIC)
    let cpu = clock(CLOCK_THREAD_CPUTIME_ID)
    while clock(CLOCK_MONOTONIC) - begin < nanoseconds {
      for slot in idle { try start(slot) }
      idle.removeAll(keepingCapacity: true)
      try collect(&result)
    }
    while idle.count < driver.slotCount { try collect(&result) }
    result.wallNanoseconds = clock(CLOCK_MONOTONIC) - begin
    result.cpuNanoseconds = clock(CLOCK_THREAD_CPUTIME_ID) - cpu
    return result
  }

  private mutating func start(_ slot: Int) throws {
    let url = base + String(started % 100)
    started += 1
    startedAt[slot] = clock(CLOCK_MONOTONIC)
    let request =
      started % 2 == 0
      ? HTTPRequest(method: "GET", url: url)
      : HTTPRequest(method: "PUT", url: url, headers: jsonHeaders, body: Array("{\"value\":\(started)}".utf8))
    try driver.start(slot: slot, request: request)
  }

  private mutating func collect(_ result: inout LoadResult) throws {
    var finished: [Int] = []
    try driver.wait(untilNanoseconds: .max) { slot, outcome, completedAt in
      finished.append(slot)
      result.latencyNanoseconds += completedAt - startedAt[slot]
      switch outcome {
      case .response: result.responses += 1
      case .failure: result.failures += 1
      }
    }
    idle += finished
  }

  private func clock(_ id: clockid_t) -> Int64 {
    var now = timespec()
    clock_gettime(id, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }
}
