import EvilServer
import Glibc
import Testing

@testable import Systems

/// Waiting, waking, cancelling, stamping, and what is left behind.
@Suite(.timeLimit(.minutes(1)))
struct DriverTests {
  @Test(arguments: [false, true])
  func deadline(coarse: Bool) throws {
    var driver = try HTTPDriver(slots: 1, limits: HTTPLimits(), coarsePoll: coarse)
    let begin = now()
    try driver.wait(untilNanoseconds: begin + 20_500_000) { _, _, _ in }
    #expect(now() - begin >= 20_500_000)
  }

  /// Both ways of waiting drive a transfer and end it on time.
  @Test(arguments: [false, true])
  func transferTimeout(coarse: Bool) throws {
    let server = try EvilServer(script: EvilServer.hangs)
    do {
      var driver = try HTTPDriver(slots: 1, limits: HTTPLimits(), coarsePoll: coarse)
      let begin = now()
      try driver.start(slot: 0, request: .get(server.url("/"), timeout: 100))
      var stamps: [Int64] = []
      while stamps.isEmpty { try driver.wait(untilNanoseconds: .max) { _, _, stamp in stamps.append(stamp) } }
      #expect(stamps[0] - begin >= 100_000_000)
      #expect(stamps[0] <= now())
    }
    server.finish()
  }

  @Test func wokenFromAnotherThread() async throws {
    let wakers = AsyncStream<Waker>.makeStream()
    let waiting = Task.detached {
      var driver = try HTTPDriver(slots: 1)
      wakers.continuation.yield(driver.waker)
      try driver.wait(untilNanoseconds: .max) { _, _, _ in }
    }
    for await waker in wakers.stream {
      waker.wake()
      break
    }
    try await waiting.value
  }

  /// Wakes before the wait count as one; a waker outlives its driver.
  @Test func wakesAreNotCounted() throws {
    let waker: Waker
    do {
      var driver = try HTTPDriver(slots: 1)
      waker = driver.waker
      for _ in 0..<3 { waker.wake() }
      try driver.wait(untilNanoseconds: .max) { _, _, _ in }
      let begin = now()
      try driver.wait(untilNanoseconds: begin + 1_000_000) { _, _, _ in }
      #expect(now() - begin >= 1_000_000)
    }
    waker.wake()
  }

  /// The stamp lies between the last byte and the hand-over, and a slow reader of results does not move it.
  @Test func stamp() throws {
    let release = try Signal()
    let server = try EvilServer { connection in
      while try connection.readRequest() != nil {
        release.take()
        try connection.answer()
      }
    }
    do {
      var driver = try HTTPDriver(slots: 1)
      let invoked = now()
      try driver.start(slot: 0, request: .get(server.url("/")))
      try driver.wait(untilNanoseconds: invoked + 5_000_000) { _, _, _ in Issue.record("answered before its release") }
      let released = now()
      release.give()
      var stamp: Int64 = 0
      while stamp == 0 { try driver.wait(untilNanoseconds: .max) { _, _, completedAt in stamp = completedAt } }
      #expect(stamp > released)
      #expect(stamp <= now())
    }
    server.finish()
  }

  @Test func cancelled() throws {
    let server = try EvilServer(script: EvilServer.hangs)
    let black = try EvilServer(backlog: 0, script: nil)
    let fillers = try Sockets.fillBacklog(port: black.port)
    do {
      var client = try Client(slots: 3)
      try client.driver.start(slot: 0, request: .put(server.url("/"), [1]))
      while server.requests.isEmpty { try client.driver.wait(untilNanoseconds: now() + 1_000_000) { _, _, _ in } }
      try client.driver.start(slot: 1, request: .put(black.url("/"), [1]))
      let sent = client.driver.cancel(slot: 0)?.failure
      let unsent = client.driver.cancel(slot: 1)?.failure
      #expect(sent?.reason == .cancelled && sent?.neverSent == false)
      #expect(unsent?.reason == .cancelled && unsent?.neverSent == true)
      #expect(client.driver.cancel(slot: 2) == nil)
      // Nothing more comes of them, and their slots serve again.
      try client.driver.wait(untilNanoseconds: now() + 5_000_000) { _, _, _ in Issue.record("cancelled, yet completed")
      }
      #expect(try client.perform(.get("http://127.0.0.1:\(Sockets.closedPort())/")).failure?.reason == .refused)
    }
    #expect(server.finish().count == 1)
    withExtendedLifetime(fillers) {}
  }

  /// A slot whose transfers all fail at once does not keep the others from being read.
  @Test func noStarvation() throws {
    let server = try EvilServer(script: EvilServer.answers)
    do {
      let refused = try HTTPRequest.get("http://127.0.0.1:\(Sockets.closedPort())/")
      var client = try Client(slots: 2)
      try client.driver.start(slot: 0, request: .get(server.url("/")))
      var isAnswered = false
      var isIdle = true
      while !isAnswered {
        if isIdle { try client.driver.start(slot: 1, request: refused) }
        isIdle = false
        try client.driver.wait(untilNanoseconds: .max) { slot, result, _ in
          if slot == 0 { isAnswered = result.response != nil } else { isIdle = true }
        }
      }
      #expect(isAnswered)
    }
    server.finish()
  }

  @Test func connectionsAreKept() throws {
    let server = try EvilServer(script: EvilServer.answers)
    do {
      var client = try Client(slots: 4)
      for round in 0..<50 {
        for slot in 0..<4 { try client.driver.start(slot: slot, request: .get(server.url("/\(round)"))) }
        let results = try client.results(slots: 4)
        #expect(results.values.allSatisfy { $0.response != nil })
      }
    }
    #expect(server.finish().count == 200)
    #expect(server.accepted == 4)
  }

  @Test func namesResolve() throws {
    let server = try EvilServer(script: EvilServer.answers)
    do {
      var client = try Client()
      #expect(try client.perform(.get("http://localhost:\(server.port)/")).response?.status == 200)
    }
    server.finish()
  }

  /// A driver dropped in the middle of transfers leaves no descriptor behind; nor does a failed or finished transfer.
  @Test func nothingIsLeftBehind() throws {
    let server = try EvilServer(script: EvilServer.answers)
    let hanging = try EvilServer(script: EvilServer.hangs)
    for _ in 0..<20 {
      var client = try Client(slots: 3)
      #expect(try client.perform(.get(server.url("/")), slot: 0).response != nil)
      #expect(try client.perform(.get("http://127.0.0.1:\(Sockets.closedPort())/"), slot: 1).failure != nil)
      try client.driver.start(slot: 2, request: .get(hanging.url("/")))
      try client.driver.wait(untilNanoseconds: now() + 1_000_000) { _, _, _ in }
    }
    server.finish()
    hanging.finish()
    #expect(Sockets.connections(toPorts: [server.port, hanging.port]) == 0)
  }
}
