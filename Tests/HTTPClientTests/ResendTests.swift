import EvilServer
import Systems
import Testing

/// libcurl sends a request again when a kept connection dies under it. These tests compare what the server executed with
/// what the client was told, over every way for a connection to die.
@Suite(.timeLimit(.minutes(1)))
struct ResendTests {
  static let deaths: [(name: String, script: EvilServer.Script)] = [
    ("closes after reading the second request", EvilServer.after(answers: 1) { $0.close() }),
    ("resets after reading the second request", EvilServer.after(answers: 1) { $0.reset() }),
    ("closes after reading the fourth request", EvilServer.after(answers: 3) { $0.close() }),
    ("closes right after the answer", EvilServer.once { try $0.answer() }),
    (
      "resets right after the answer",
      EvilServer.once { connection in
        try connection.answer()
        connection.reset()
      }
    ),
    (
      "closes without reading the second request",
      EvilServer.once { connection in
        try connection.answer()
        connection.awaitData()
      }
    ),
  ]

  /// 400 writes a death on 4 slots that share their kept connections, each write with its own name.
  @Test(arguments: deaths.indices)
  func atMostOnce(_ death: Int) throws {
    let server = try EvilServer(script: Self.deaths[death].script)
    let results = try writes(count: 400, slots: 4, server)
    let executions = Dictionary(grouping: server.finish(), by: \.target).mapValues(\.count)
    #expect(results.count == 400)
    for (target, result) in results {
      let count = executions[target] ?? 0
      #expect(count <= 1, "\(target) was executed \(count) times: \(result)")
      if result.response != nil { #expect(count == 1, "\(target) was answered") }
      if result.failure?.neverSent == true { #expect(count == 0, "\(target) counts as never sent") }
    }
    // The death was met, not dodged, and the server served in between.
    #expect(results.values.contains { $0.response != nil })
    if death < 3 { #expect(results.values.contains { $0.failure?.reason == .connectionLost }) }
  }

  /// The second of two kept connections is idle and sound when the first dies: libcurl would resend on it without
  /// opening a socket.
  @Test func notOnAnotherKeptConnection() throws {
    let server = try EvilServer(script: EvilServer.after(answers: 1) { $0.close() })
    var results: [Int: HTTPResult] = [:]
    do {
      var client = try Client(slots: 2)
      for slot in 0...1 { try client.driver.start(slot: slot, request: .put(server.url("/first\(slot)"), [1])) }
      let first = try client.results(slots: 2)
      #expect(first.values.allSatisfy { $0.response != nil })
      #expect(server.accepted == 2)
      results[0] = try client.perform(.put(server.url("/second"), [2]))
    }
    #expect(results[0]?.failure?.reason == .connectionLost)
    #expect(results[0]?.failure?.neverSent == false)
    #expect(server.finish().filter { $0.target == "/second" }.count == 1)
  }

  /// A connection that the server closed while it was idle is noticed and replaced before anything is sent.
  @Test(arguments: [false, true])
  func idleConnectionReplaced(reset: Bool) throws {
    let answered = try Signal()
    let closed = try Signal()
    let server = try EvilServer { connection in
      guard try connection.readRequest() != nil else { return }
      try connection.answer()
      answered.take()
      if reset { connection.reset() } else { connection.close() }
      closed.give()
    }
    do {
      var client = try Client()
      #expect(try client.perform(.put(server.url("/1"), [1])).response != nil)
      answered.give()
      closed.take()
      try client.driver.wait(untilNanoseconds: now()) { _, _, _ in }  // Hears of it, as the run's loop does.
      answered.give()
      #expect(try client.perform(.put(server.url("/2"), [1])).response != nil)
    }
    #expect(server.finish().map(\.target) == ["/1", "/2"])
    #expect(server.accepted == 2)
  }

  /// With a full send buffer libcurl's first write of the request takes nothing, CURLINFO_REQUEST_SIZE stays 0, and the
  /// whole request follows later uncounted: neither may it pass as never sent, nor be sent again.
  @Test func fullSendBuffer() throws {
    let isFilled = try Signal()
    let server = try EvilServer { connection in
      guard try connection.readRequest() != nil else { return }
      try connection.answer()
      isFilled.take()
      _ = try connection.readRequest()
    }
    var failure: TransportFailure?
    do {
      var client = try Client()
      #expect(try client.perform(.put(server.url("/1"), [1])).response != nil)
      try Sockets.fillSendBuffer(connectedTo: server.port)
      try client.driver.start(slot: 0, request: .put(server.url("/2"), [2]))
      isFilled.give()
      failure = try client.results(slots: 1)[0]?.failure
    }
    isFilled.give()
    #expect(failure?.reason == .connectionLost, "\(String(describing: failure))")
    #expect(failure?.neverSent == false)
    #expect(server.finish().map(\.target) == ["/1", "/2"])
  }

  private func writes(count: Int, slots: Int, _ server: EvilServer) throws -> [String: HTTPResult] {
    var client = try Client(slots: slots)
    var results: [String: HTTPResult] = [:]
    var targets = [String](repeating: "", count: slots)
    var idle = Array(0..<slots)
    var started = 0
    while results.count < count {
      while started < count, let slot = idle.popLast() {
        targets[slot] = "/write/\(started)"
        started += 1
        try client.driver.start(slot: slot, request: .put(server.url(targets[slot]), [UInt8](repeating: 7, count: 100)))
      }
      var done: [(Int, HTTPResult)] = []
      try client.driver.wait(untilNanoseconds: .max) { slot, result, _ in done.append((slot, result)) }
      for (slot, result) in done {
        results[targets[slot]] = result
        idle.append(slot)
      }
    }
    return results
  }
}
