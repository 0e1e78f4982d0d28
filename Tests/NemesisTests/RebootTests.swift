import Clusters
import Histories
import Synchronization
import Testing

@testable import Nemesis

@Suite struct RebootTests {
  let cluster = FakeCluster(5)
  let fault: RebootFault
  let order = ["n4", "n2", "n5", "n1", "n3"]

  init() { fault = RebootFault(clock: ManualClock().jumping) }

  private func inject(_ target: String, uptime: Double? = nil) async throws -> Injection {
    var asked = action("reboot", target, order: order)
    if let uptime { asked.parameters = ["uptime": .number(uptime)] }
    return try await fault.inject(asked, in: cluster)
  }

  @Test func `nodes die, and boot when they are started`() async throws {
    #expect(try await inject("minority", uptime: 2.5) == .injected(targets: "n2 n4"))
    #expect(Set(cluster.fakeProcesses.calls) == ["kill n2", "kill n4"])
    #expect(cluster.fakeBoots.state.withLock { Set($0.calls) } == ["n2 2500000000", "n4 2500000000"])
    let evidence = try await fault.heal(in: cluster)
    #expect(evidence.took)
    #expect(evidence.summary.contains("; its uptime was 1000.0 s and is 2.5 s"))
    #expect(try await fault.heal(in: cluster).summary == "no node was to be restarted")
  }

  @Test func `a clock that went on is no evidence`() async throws {
    cluster.fakeBoots.configure { $0.deaf = ["n2"] }
    _ = try await inject("minority")
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(evidence.summary.contains("its uptime was 1000.0 s and is 1000.0 s"))
  }

  @Test func `a node that nothing ran on proves nothing`() async throws {
    cluster.fakeProcesses.configure { $0.states["n4"] = .signaled(signal: 9) }
    _ = try await inject("one")
    let evidence = try await fault.heal(in: cluster)
    #expect(!evidence.took)
    #expect(try cluster.fakeProcesses.state("n4").pid != nil)
  }

  @Test func `it is skipped where the kernel has no such clocks`() async throws {
    let without = FakeCluster(5, without: .boots)
    let injection = try await fault.inject(action("reboot", "one", order: order), in: without)
    #expect(
      injection
        == .skipped(reason: "the kernel has no time namespaces: that needs Linux 6.3 with CONFIG_TIME_NS"))
    #expect(without.fakeProcesses.calls.isEmpty)
  }

  @Test func `restore starts what is down, and forgets`() async throws {
    _ = try await inject("all")
    try await fault.restore(in: cluster)
    for name in cluster.names { #expect(try cluster.fakeProcesses.state(name).pid != nil) }
    #expect(try await fault.heal(in: cluster).summary == "no node was to be restarted")
  }
}
