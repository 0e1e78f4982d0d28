import Testing

@testable import Clusters

@Suite struct LinkProbeTests {
  @Test func logTellsLateFromTwiceFromLost() {
    var log = ProbeLog(links: 2)
    for _ in 0..<4 { _ = log.send(0) }
    _ = log.send(1)
    func receive(_ number: Int, link: Int = 0, after nanoseconds: Int64, isTimed: Bool = true) {
      log.receive(ProbeDatagram(link: link, number: number, sent: 1000), at: 1000 + nanoseconds, isTimed: isTimed)
    }
    receive(0, after: 10)
    receive(2, after: 30)
    receive(1, after: 90)
    receive(2, after: 95)
    receive(0, link: 1, after: 1, isTimed: false)
    // Not ours, or nonsense.
    receive(7, after: 1)
    receive(-1, after: 1)
    receive(0, link: 2, after: 1)
    #expect(
      log.report
        == ProbeReport(links: 2, sent: 5, received: 4, duplicated: 1, late: 1, medianNanoseconds: 30))
    #expect(ProbeLog(links: 1).report == ProbeReport(links: 1))
  }

  @Test func sampleIsSpreadOverAllLinks() {
    let flows = (0..<100).map { Flow(from: $0, to: 7) }
    let sample = LinkProbe.sample(flows)
    #expect(sample.count == LinkProbe.linksMax && Set(sample).count == LinkProbe.linksMax)
    #expect(sample.first == flows.first && (sample.last?.from ?? 0) > 90)
    #expect(LinkProbe.sample(Array(flows.prefix(5))) == Array(flows.prefix(5)))
  }

  /// As Linux 6.18 prints it, cut short.
  @Test func countersAreReadByTheirNames() {
    let text = """
      Ip: Forwarding DefaultTTL
      Ip: 1 64
      Tcp: RtoAlgorithm EstabResets RetransSegs InErrs OutRsts InCsumErrors
      Tcp: 1 5 7 0 2 3
      Udp: InDatagrams NoPorts InErrors InCsumErrors
      Udp: 9 0 0 4
      TcpExt: SyncookiesSent TCPOFOQueue
      TcpExt: 0 11
      """
    let counters = StackCounters(procText: text)
    #expect(counters == StackCounters(checksumErrors: 7, resets: 5, retransmitted: 7, outOfOrder: 11))
    #expect(counters.since(StackCounters(checksumErrors: 2, resets: 5)).checksumErrors == 5)
    #expect(StackCounters(procText: "") == StackCounters())
  }
}
