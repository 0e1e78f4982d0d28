import Testing

@testable import Clusters

@Suite struct SandboxLayoutTests {
  private func nodes(count: Int, name: (Int) -> String = { "n\($0)" }) -> [Node] {
    SandboxLayout.addresses(count: count).enumerated().map { place, address in
      Node(
        name: name(place + 1), number: place + 1, address: address, ports: [:], dataDirectory: "/r/data",
        logFile: "/r/log")
    }
  }

  @Test func addressesAreKnownBeforeAnythingRuns() {
    #expect(SandboxLayout.addresses(count: 3) == ["198.18.0.11", "198.18.0.12", "198.18.0.13"])
  }

  @Test func twoHundredNodesHaveTheirAddresses() throws {
    let nodes = nodes(count: 200)
    #expect(nodes.last?.address == "198.18.0.210")
    try SandboxLayout.validate(nodes)
  }

  @Test func hostsHoldsEveryNode() {
    let nodes = nodes(count: 2) { "db-\($0)" }
    #expect(SandboxLayout.hosts(nodes).hasSuffix("198.18.0.1 controller\n198.18.0.11 db-1\n198.18.0.12 db-2\n"))
  }

  @Test(arguments: ["", "a b", "-a", "a_b", "localhost", "controller", "a\nb", "a/../b"])
  func badNamesAreRefused(_ name: String) {
    let nodes = nodes(count: 1) { _ in name }
    #expect(throws: ClusterError.self) { try SandboxLayout.validate(nodes) }
  }

  @Test(arguments: ["10.0.0.1", "198.19.0.1", "198.18.0.1", "198.18.0", "198.18.0.256", "198.18.0.1.2", "x"])
  func badAddressesAreRefused(_ address: String) {
    var nodes = nodes(count: 1)
    nodes[0].address = address
    #expect(throws: ClusterError.self) { try SandboxLayout.validate(nodes) }
  }

  @Test func repeatedNamesAreRefused() {
    let nodes = nodes(count: 2) { _ in "same" }
    #expect(throws: ClusterError.self) { try SandboxLayout.validate(nodes) }
  }
}
