import Testing

@testable import Clusters

@Suite struct SandboxLayoutTests {
  @Test func everythingIsKnownBeforeAnythingRuns() {
    let nodes = SandboxLayout.nodes(count: 3, ports: ["client", "peer"], runDirectory: "/runs/1")
    #expect(nodes.map(\.name) == ["n1", "n2", "n3"])
    #expect(nodes.map(\.address) == ["198.18.0.11", "198.18.0.12", "198.18.0.13"])
    #expect(nodes[1].ports == ["client": 8000, "peer": 8001])
    #expect(nodes[2].dataDirectory == "/runs/1/nodes/n3/data")
    #expect(nodes[2].logFile == "/runs/1/nodes/n3/output.log")
  }

  @Test func givenPortsStayAndOthersKeepAway() {
    let nodes = SandboxLayout.nodes(
      count: 1, ports: ["a", "b", "c"], fixedPorts: ["b": 8000], runDirectory: "/r")
    #expect(nodes[0].ports == ["a": 8001, "b": 8000, "c": 8002])
  }

  @Test func twoHundredNodesHaveTheirAddresses() throws {
    let nodes = SandboxLayout.nodes(count: 200, ports: [], runDirectory: "/r")
    #expect(nodes.last?.address == "198.18.0.210")
    try SandboxLayout.validate(nodes)
  }

  @Test func hostsHoldsEveryNode() {
    let nodes = SandboxLayout.nodes(count: 2, name: { "db-\($0)" }, ports: [], runDirectory: "/r")
    #expect(SandboxLayout.hosts(nodes).hasSuffix("198.18.0.1 controller\n198.18.0.11 db-1\n198.18.0.12 db-2\n"))
  }

  @Test(arguments: ["", "a b", "-a", "a_b", "localhost", "controller", "a\nb", "a/../b"])
  func badNamesAreRefused(_ name: String) {
    let nodes = SandboxLayout.nodes(count: 1, name: { _ in name }, ports: [], runDirectory: "/r")
    #expect(throws: ClusterError.self) { try SandboxLayout.validate(nodes) }
  }

  @Test(arguments: ["10.0.0.1", "198.19.0.1", "198.18.0.1", "198.18.0", "198.18.0.256", "198.18.0.1.2", "x"])
  func badAddressesAreRefused(_ address: String) {
    var nodes = SandboxLayout.nodes(count: 1, ports: [], runDirectory: "/r")
    nodes[0].address = address
    #expect(throws: ClusterError.self) { try SandboxLayout.validate(nodes) }
  }

  @Test func repeatedNamesAreRefused() {
    let nodes = SandboxLayout.nodes(count: 2, name: { _ in "same" }, ports: [], runDirectory: "/r")
    #expect(throws: ClusterError.self) { try SandboxLayout.validate(nodes) }
  }
}
