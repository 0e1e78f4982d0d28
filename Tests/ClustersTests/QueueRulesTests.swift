import Testing

@testable import Clusters

@Suite struct QueueRulesTests {
  private let pair = AddressPair(from: "198.18.0.11", to: "198.18.0.12")

  @Test func changeHoldsOnlyDifferencesInOneCommit() {
    let other = AddressPair(from: "198.18.0.12", to: "198.18.0.11")
    #expect(
      QueueRules.change(remove: [pair], add: [other]) == """
        *filter
        -D FAULTLINE-PACKETS -s 198.18.0.11/32 -d 198.18.0.12/32 -j NFQUEUE --queue-num 64023 --queue-bypass
        -A FAULTLINE-PACKETS -s 198.18.0.12/32 -d 198.18.0.11/32 -j NFQUEUE --queue-num 64023 --queue-bypass
        COMMIT

        """)
  }

  /// Judged packets must not be queued again, lost ones must be dropped, and every fate must have its counter.
  @Test func chainsSendJudgedPacketsPastTheQueue() {
    let lines = QueueRules.install(hooks: ["FORWARD", "OUTPUT -o br"]).split(separator: "\n").map(String.init)
    #expect(lines.first == "*filter" && lines.last == "COMMIT")
    #expect(lines.contains("-A FAULTLINE-PACKETS -m mark --mark 0xfa00000/0xfff0000 -g FAULTLINE-FATES"))
    #expect(lines.contains("-A FAULTLINE-FATES -m mark --mark 0x1/0x201 -j DROP"))
    #expect(lines.contains("-A FAULTLINE-FATES -m mark --mark 0x201/0x201 -j DROP"))
    #expect(lines.contains("-A OUTPUT -o br -j FAULTLINE-PACKETS"))
    #expect(lines.count { $0.hasPrefix("-A FAULTLINE-FATES") } == PacketChange.Kind.allCases.count + 3)
    #expect(Set(PacketChange.Kind.allCases.map { PacketFates($0).rawValue }).count == PacketChange.Kind.allCases.count)
  }

  /// As iptables-save 1.8.9 prints it; packets of our own are left out.
  @Test func countersAreReadFromSavedRules() throws {
    let saved = """
      *filter
      :FAULTLINE-FATES - [0:0]
      [61:5124] -A FORWARD -j FAULTLINE-PACKETS
      [9:756] -A FAULTLINE-FATES -m mark --mark 0x1/0x201 -j DROP
      [3:75] -A FAULTLINE-FATES -m mark --mark 0x201/0x201 -j DROP
      [7:420] -A FAULTLINE-FATES -m mark --mark 0x40/0x240
      [8:2] -A FAULTLINE-PACKETS -s 198.18.0.11/32 -d 198.18.0.12/32 -j NFQUEUE --queue-num 64023 --queue-bypass
      [1:2] -A FAULTLINE-PACKETS -m mark --mark 0xfa00000/0xfff0000 -g FAULTLINE-FATES
      COMMIT
      """
    var counters = try QueueCounters(saved: saved, tool: "t")
    #expect(
      counters.fates == [
        .loss: PacketCount(packets: 9, bytes: 756), PacketFates(.delay): PacketCount(packets: 7, bytes: 420),
      ])
    #expect(counters.offered == [pair: 8])
    counters.add(counters)
    #expect(counters.count([.loss, PacketFates(.delay)]) == PacketCount(packets: 32, bytes: 2352))
    #expect(counters.offered == [pair: 16])
  }

  @Test(arguments: [
    "[9:756] -A FAULTLINE-FATES -m mark --mark 0x1/0x201 -j ACCEPT", "[9:756] -A FAULTLINE-FATES -j DROP",
    "[9] -A FAULTLINE-FATES -m mark --mark 0x1/0x201 -j DROP", "[9:7] -A FAULTLINE-FATES -m mark --mark 0x1/0x3",
    "[9:7] -A FAULTLINE-FATES -m mark --mark x/y",
    "[9:7] -A FAULTLINE-PACKETS -s 198.18.0.11/32 -d 198.18.0.12/32 -j NFQUEUE --queue-num 64023",
    "[9:7] -A FAULTLINE-PACKETS -s 198.18.0.0/16 -j NFQUEUE --queue-num 64023 --queue-bypass",
  ])
  func unknownLineOfOurChainIsAnError(_ line: String) {
    #expect(throws: ClusterError.unreadableOutput(tool: "t", line: line)) {
      try QueueCounters(saved: line, tool: "t")
    }
  }
}
