import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import NodeKit

/// Waits on the event loop until something holds; fails when it takes too long.
private func until(
  _ test: TestLoop, timeout: TimeAmount = .seconds(5), _ condition: @escaping @Sendable () -> Bool
) async throws -> TimeAmount {
  let start = NIODeadline.now()
  while try await !test.run(condition) {
    guard NIODeadline.now() - start < timeout else {
      Issue.record("waited for more than \(timeout)")
      break
    }
    try await test.loop.scheduleTask(in: .milliseconds(2)) {}.futureResult.get()
  }
  return NIODeadline.now() - start
}

/// What one side has received.
private final class Inbox {
  var messages: [[UInt8]] = []
}

/// A pair of links whose first one reaches the second through a relay that the test can stall.
@Suite struct PeerLinksTests {
  private func links(
    _ test: TestLoop, id: UInt32, peers: [UInt32: Endpoint], limits: PeerLimits = PeerLimits()
  ) async throws -> (links: NIOLoopBound<PeerLinks>, inbox: NIOLoopBound<Inbox>) {
    try await test.run {
      let inbox = Inbox()
      let links = try PeerLinks(
        id: id, peers: peers, source: nil, loop: test.loop, limits: limits,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      ) { _, message in inbox.messages.append(message) }
      return (NIOLoopBound(links, eventLoop: test.loop), NIOLoopBound(inbox, eventLoop: test.loop))
    }
  }

  private func listen(_ links: NIOLoopBound<PeerLinks>, _ test: TestLoop, port: Int = 0) async throws -> Endpoint {
    var attempts = port == 0 ? 1 : 200
    while true {
      attempts -= 1
      do {
        return try await test.loop.flatSubmit {
          links.value.start(on: Endpoint(host: "127.0.0.1", port: port))
        }.get()
      } catch  where attempts > 0 {
        // Whoever tries to connect to a free port of the ephemeral range may for a moment have it as his own.
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }

  @Test func messagesArriveInOrder() async throws {
    let test = TestLoop()
    let (receiver, inbox) = try await links(test, id: 2, peers: [1: Endpoint(host: "127.0.0.1", port: 1)])
    let endpoint = try await listen(receiver, test)
    let (sender, _) = try await links(test, id: 1, peers: [2: endpoint])
    _ = try await listen(sender, test)
    try await test.run {
      for number in 0..<200 { sender.value.send([UInt8(number)], to: 2) }
      sender.value.flush()
    }
    _ = try await until(test) { inbox.value.messages.count == 200 }
    try await test.run {
      #expect(inbox.value.messages == (0..<200).map { [UInt8($0)] })
      sender.value.close()
      receiver.value.close()
    }
    try await test.stop()
  }

  @Test func aPeerThatRestartsIsReachedAgain() async throws {
    let test = TestLoop()
    let (first, _) = try await links(test, id: 2, peers: [1: Endpoint(host: "127.0.0.1", port: 1)])
    let endpoint = try await listen(first, test)
    let (sender, _) = try await links(test, id: 1, peers: [2: endpoint])
    _ = try await listen(sender, test)
    _ = try await until(test) { sender.value.isConnected(to: 2) }
    try await test.run { first.value.close() }
    _ = try await until(test) { !sender.value.isConnected(to: 2) }
    let (second, inbox) = try await links(test, id: 2, peers: [1: Endpoint(host: "127.0.0.1", port: 1)])
    _ = try await listen(second, test, port: endpoint.port)
    try await test.run { sender.value.send([42], to: 2) }
    _ = try await until(test) { inbox.value.messages == [[42]] }
    try await test.run {
      sender.value.close()
      second.value.close()
    }
    try await test.stop()
  }

  /// The connection stays open but nothing comes through, as in a partition: it must be replaced quickly, not when TCP
  /// gives up.
  @Test func aStalledConnectionIsReplaced() async throws {
    let test = TestLoop()
    let (receiver, inbox) = try await links(test, id: 2, peers: [1: Endpoint(host: "127.0.0.1", port: 1)])
    let endpoint = try await listen(receiver, test)
    let relay = try await test.run { NIOLoopBound(Relay(to: endpoint, loop: test.loop), eventLoop: test.loop) }
    let relayed = try await test.loop.flatSubmit { relay.value.start() }.get()
    let (sender, _) = try await links(test, id: 1, peers: [2: relayed])
    _ = try await listen(sender, test)
    _ = try await until(test) { sender.value.isConnected(to: 2) }
    try await test.run { relay.value.isStalled = true }
    _ = try await until(test) { !sender.value.isConnected(to: 2) }
    try await test.run {
      sender.value.send([1], to: 2)
      relay.value.isStalled = false
    }
    let time = try await until(test) { inbox.value.messages == [[1]] }
    #expect(time < .seconds(30), "TCP alone takes minutes")
    try await test.run {
      #expect(sender.value.connectionCount(to: 2) >= 2)
      sender.value.close()
      receiver.value.close()
      relay.value.close()
    }
    try await test.stop()
  }

  @Test func theOldestMessagesAreDroppedAndCounted() async throws {
    let test = TestLoop()
    var limits = PeerLimits()
    limits.queuedMessagesMax = 3
    let (receiver, inbox) = try await links(test, id: 2, peers: [1: Endpoint(host: "127.0.0.1", port: 1)])
    let endpoint = try await listen(receiver, test)
    let (sender, _) = try await links(test, id: 1, peers: [2: endpoint], limits: limits)
    try await test.run { for number in 1...10 as ClosedRange<UInt8> { sender.value.send([number], to: 2) } }
    _ = try await listen(sender, test)
    _ = try await until(test) { inbox.value.messages == [[8], [9], [10]] }
    try await test.run {
      #expect(sender.value.droppedCount == 7)
      sender.value.close()
      receiver.value.close()
    }
    try await test.stop()
  }

  @Test func strangersAreRefused() async throws {
    let test = TestLoop()
    let (receiver, inbox) = try await links(test, id: 2, peers: [1: Endpoint(host: "127.0.0.1", port: 1)])
    let endpoint = try await listen(receiver, test)
    for bytes in [
      Array("GET / HTTP/1.1\r\n\r\n".utf8), [0, 0, 0, 2, 1, 9], [0, 0, 0, 1, 77], [255, 255, 255, 255, 1],
      frame(.hello, PeerFrame.hello(from: 9, to: 2)), frame(.hello, PeerFrame.hello(from: 1, to: 3)),
      frame(.hello, [1]),
    ] {
      let channel = try await ClientBootstrap(group: test.loop).connect(host: "127.0.0.1", port: endpoint.port).get()
      channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
      try await channel.closeFuture.get()
    }
    try await test.run {
      #expect(inbox.value.messages.isEmpty)
      receiver.value.close()
    }
    try await test.stop()
  }

  private func frame(_ kind: PeerFrame.Kind, _ payload: [UInt8]) -> [UInt8] {
    var buffer = ByteBuffer()
    PeerFrame.append(kind, payload, to: &buffer)
    return Array(buffer.readableBytesView)
  }

  @Test func aTakenPortIsNamed() async throws {
    let test = TestLoop()
    let (first, _) = try await links(test, id: 1, peers: [:])
    let endpoint = try await listen(first, test)
    let (second, _) = try await links(test, id: 2, peers: [:])
    await #expect { try await listen(second, test, port: endpoint.port) } throws: {
      "\($0)".contains("\(endpoint.port)") && $0 is BindFailure
    }
    try await test.run { first.value.close() }
    try await test.stop()
  }
}

/// Passes bytes on in both directions; while stalled it swallows them.
private final class Relay {
  var isStalled = false
  private let target: Endpoint
  private let loop: any EventLoop
  private var channels: [any Channel] = []

  init(to target: Endpoint, loop: any EventLoop) {
    self.target = target
    self.loop = loop
  }

  func start() -> EventLoopFuture<Endpoint> {
    let relay = NIOLoopBound(self, eventLoop: loop)
    let target = self.target
    return ServerBootstrap(group: loop)
      .childChannelInitializer { inner in
        relay.value.channels.append(inner)
        return ClientBootstrap(group: relay.value.loop).connect(host: target.host, port: target.port).flatMapThrowing {
          outer in
          relay.value.channels.append(outer)
          try inner.pipeline.syncOperations.addHandler(Pump(to: outer, relay.value))
          try outer.pipeline.syncOperations.addHandler(Pump(to: inner, relay.value))
        }
      }
      .bind(host: "127.0.0.1", port: 0)
      .map { channel in
        relay.value.channels.append(channel)
        return Endpoint(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
      }
  }

  func close() { for channel in channels { channel.close(promise: nil) } }

  private final class Pump: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let target: any Channel
    private let relay: Relay

    init(to target: any Channel, _ relay: Relay) {
      self.target = target
      self.relay = relay
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard !relay.isStalled else { return }
      target.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }
  }
}
