import CLinux
import Glibc
import Synchronization

/// Sends numbered datagrams through links and times them at their arrival, on a thread of its own.
///
/// The sockets are in the nodes' network namespaces, where they outlive every process of the nodes.
final class LinkProbe: Sendable {
  /// More links are probed by a sample of them.
  static let linksMax = 12
  /// From one pair of datagrams to the next, on every link.
  static let periodNanoseconds: Int64 = 100_000_000
  /// How long datagrams that were held back until the end may take to arrive.
  static let drainNanoseconds: Int64 = 30_000_000

  /// One end of links.
  struct End: Sendable {
    var address: UInt32
    /// Nil is the controller's.
    var network: Int32?
  }

  private struct Port {
    var socket: Int32
    var number: UInt16
  }

  private let flows: [Flow]
  private let ports: [UInt32: Port]
  private let alarm: ThreadAlarm
  private let log: Mutex<ProbeLog>
  private let phase = Mutex(Phase.sending)

  private enum Phase { case sending, draining, over }

  /// - Throws: `ClusterError.system` where there is no socket to be had.
  static func start(_ links: [Flow], ends: [End]) throws -> LinkProbe {
    let probe = try LinkProbe(sample(links), ends)
    try startThread("faultline-probe") { probe.run() }
    return probe
  }

  /// Spread evenly over all.
  static func sample(_ links: [Flow]) -> [Flow] {
    guard links.count > linksMax else { return links }
    return (0..<linksMax).map { links[$0 * links.count / linksMax] }
  }

  private init(_ flows: [Flow], _ ends: [End]) throws {
    self.flows = flows
    alarm = try ThreadAlarm()
    log = Mutex(ProbeLog(links: flows.count))
    var ports: [UInt32: Port] = [:]
    for end in ends where flows.contains(where: { $0.from == end.address || $0.to == end.address }) {
      var number: UInt16 = 0
      let socket = fl_datagram_socket(end.network ?? -1, end.address, Int32(PacketHeader.probeService), &number)
      guard socket >= 0 else {
        let error = errno
        for port in ports.values { close(port.socket) }
        throw ClusterError.system("opening a socket for probes", errno: error)
      }
      ports[end.address] = Port(socket: socket, number: number)
    }
    self.ports = ports
  }

  /// Sends no more; what arrives late from now on says nothing of the rule's delay.
  func stopSending() {
    phase.withLock { $0 = .draining }
    alarm.ring()
  }

  /// Ends the thread after what is under way has arrived.
  func report() async -> ProbeReport {
    await Task { try? await Task.sleep(for: .nanoseconds(Self.drainNanoseconds)) }.value
    phase.withLock { $0 = .over }
    alarm.ring()
    return log.withLock { $0.report }
  }

  // MARK: - On the thread

  private func run() {
    let sockets = ports.values.map(\.socket)
    defer { for socket in sockets { close(socket) } }
    var next = monotonicNanoseconds()
    while true {
      let now = phase.withLock { $0 }
      if now == .over { return }
      if now == .sending && monotonicNanoseconds() >= next {
        send()
        next = max(next + Self.periodNanoseconds, monotonicNanoseconds())
      }
      alarm.wait(for: sockets, until: now == .sending ? next : nil)
      for socket in sockets { receive(socket, isTimed: now == .sending) }
    }
  }

  private func send() {
    for (link, flow) in flows.enumerated() {
      guard let from = ports[flow.from], let to = ports[flow.to] else { continue }
      for _ in 0..<2 {
        let number = log.withLock { $0.send(link) }
        var datagram = ProbeDatagram(link: link, number: number, sent: monotonicNanoseconds())
        // One that cannot be sent is one that is lost.
        _ = fl_datagram_send(from.socket, flow.to, to.number, &datagram, MemoryLayout<ProbeDatagram>.size)
      }
    }
  }

  private func receive(_ socket: Int32, isTimed: Bool) {
    var datagram = ProbeDatagram(link: 0, number: 0, sent: 0)
    while recv(socket, &datagram, MemoryLayout<ProbeDatagram>.size, 0) == MemoryLayout<ProbeDatagram>.size {
      let now = monotonicNanoseconds()
      log.withLock { $0.receive(datagram, at: now, isTimed: isTimed) }
    }
  }
}

/// What a probe's datagram says. It stays on this machine: byte order is no matter.
struct ProbeDatagram {
  private var magic: UInt64 = 0x4641_554C_544C_4E31
  var link: Int64
  var number: Int64
  /// On the monotonic clock.
  var sent: Int64

  init(link: Int, number: Int, sent: Int64) {
    self.link = Int64(link)
    self.number = Int64(number)
    self.sent = sent
  }

  /// Whether it is one of ours.
  var isValid: Bool { magic == 0x4641_554C_544C_4E31 }
}

/// What was sent and what came. Pure.
struct ProbeLog {
  /// Beyond it times are no longer kept.
  static let timesMax = 100_000

  private struct LinkLog {
    var sent = 0
    var seen: Set<Int64> = []
    var highest = Int64(-1)
  }

  private var links: [LinkLog]
  private var duplicated = 0
  private var late = 0
  private var times: [Int64] = []

  init(links count: Int) { links = Array(repeating: LinkLog(), count: count) }

  /// The number of the next datagram.
  mutating func send(_ link: Int) -> Int {
    defer { links[link].sent += 1 }
    return links[link].sent
  }

  mutating func receive(_ datagram: ProbeDatagram, at now: Int64, isTimed: Bool) {
    guard datagram.isValid, links.indices.contains(Int(datagram.link)) else { return }
    let link = Int(datagram.link)
    guard (0..<Int64(links[link].sent)).contains(datagram.number) else { return }
    guard links[link].seen.insert(datagram.number).inserted else {
      duplicated += 1
      return
    }
    if datagram.number < links[link].highest { late += 1 }
    links[link].highest = max(links[link].highest, datagram.number)
    if isTimed && times.count < Self.timesMax { times.append(now - datagram.sent) }
  }

  var report: ProbeReport {
    let sorted = times.sorted()
    return ProbeReport(
      links: links.count, sent: links.reduce(0) { $0 + $1.sent }, received: links.reduce(0) { $0 + $1.seen.count },
      duplicated: duplicated, late: late, medianNanoseconds: sorted.isEmpty ? nil : sorted[sorted.count / 2])
  }
}
