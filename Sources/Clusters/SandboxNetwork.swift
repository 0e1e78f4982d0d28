import CLinux
import Glibc

/// The bridge and the nodes' network namespaces, which nothing but these descriptors (and the processes in them) holds.
struct SandboxNetwork: Sendable {
  static let bridge = "faultline0"

  /// In the order of the nodes.
  private(set) var namespaces: [Int32] = []

  /// Makes all of it. Blocks for some 3 ms a node: call it on the process thread.
  static func create(_ nodes: [Node]) throws -> SandboxNetwork {
    var failure = fl_network_failure()
    let index = fl_bridge_create(
      bridge, try number(SandboxLayout.controllerAddress), SandboxLayout.prefixBits, &failure)
    guard index >= 0 else { throw error(failure, bridge) }
    var network = SandboxNetwork()
    do {
      for node in nodes {
        let peer = "node\(node.number)"
        let descriptor = fl_node_network(
          index, peer, try number(node.address), SandboxLayout.prefixBits, &failure)
        guard descriptor >= 0 else { throw error(failure, node.name) }
        network.namespaces.append(descriptor)
      }
    } catch {
      try? network.destroy()
      throw error
    }
    return network
  }

  /// Deletes every interface and lets go of the namespaces.
  ///
  /// The kernel would delete the pairs with their namespaces, but some time after the last process: a cluster set up
  /// meanwhile would find the names taken.
  func destroy() throws {
    for descriptor in namespaces { close(descriptor) }
    var failure = fl_network_failure()
    if fl_links_delete(&failure) != 0 { throw Self.error(failure, "the cluster") }
  }

  private static func number(_ address: String) throws -> UInt32 {
    guard let number = SandboxLayout.parse(address) else {
      throw ClusterError.badNodes("'\(address)' is not an IPv4 address")
    }
    return number
  }

  private static func error(_ failure: fl_network_failure, _ of: String) -> ClusterError {
    let what =
      switch failure.step {
      case FL_NETWORK_SOCKET: "opening a netlink socket"
      case FL_NETWORK_UNSHARE: "unshare(CLONE_NEWNET)"
      case FL_NETWORK_THREAD: "starting a thread"
      case FL_NETWORK_NAMESPACE: "opening the network namespace"
      case FL_NETWORK_BRIDGE: "making the bridge"
      case FL_NETWORK_LINK: "making the pair of interfaces"
      case FL_NETWORK_LOOPBACK: "bringing loopback up"
      case FL_NETWORK_ADDRESS: "setting the address"
      default: "deleting the interface"
      }
    return .system("the network of \(of): \(what)", errno: failure.error)
  }
}
