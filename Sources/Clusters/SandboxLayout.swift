/// The addresses of a sandbox, known before anything is started, and what its nodes may be called.
///
/// Names, ports and folders of the nodes are those of the system that runs on them.
///
/// Addresses come from 198.18.0.0/15, which RFC 2544 reserves for benchmarks: nobody's network has them, and two
/// sandboxes may have the same ones because each has a network namespace of its own.
public enum SandboxLayout {
  /// The controller's own address on the bridge.
  public static let controllerAddress = "198.18.0.1"
  /// Length of the network part of every address, in bits.
  public static let prefixBits: Int32 = 16
  /// More would not fit in the last byte of the addresses.
  public static let nodesMax = 200

  /// The addresses of nodes 1 … `count`.
  public static func addresses(count: Int) -> [String] {
    precondition((1...nodesMax).contains(count), "a sandbox has 1 to \(nodesMax) nodes")
    return (0..<count).map { "198.18.0.\(11 + $0)" }
  }

  /// The text of `/etc/hosts` inside: every node, and loopback.
  static func hosts(_ nodes: [Node]) -> String {
    let fixed =
      "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n\(controllerAddress) \(Link.controller)\n"
    return nodes.reduce(into: fixed) { $0 += "\($1.address) \($1.name)\n" }
  }

  /// Throws `ClusterError.badNodes` when names, numbers or addresses repeat or cannot be used.
  static func validate(_ nodes: [Node]) throws {
    guard (1...nodesMax).contains(nodes.count) else {
      throw ClusterError.badNodes("there are \(nodes.count), a sandbox has 1 to \(nodesMax)")
    }
    for node in nodes {
      guard isHostName(node.name), node.name != "localhost", node.name != Link.controller else {
        throw ClusterError.badNodes(
          "'\(node.name)' is no host name: use letters, digits and hyphens, and not localhost or controller")
      }
      guard let address = parse(node.address), address >> 16 == 0xC612, address != parse(controllerAddress) else {
        throw ClusterError.badNodes("\(node.name)'s address \(node.address) is not a free one in 198.18.0.0/16")
      }
    }
    for values in [nodes.map(\.name), nodes.map(\.address), nodes.map { String($0.number) }]
    where Set(values).count < values.count {
      throw ClusterError.badNodes("of \(values.joined(separator: ", ")) one appears twice")
    }
  }

  /// Whether it is one label of RFC 1123: letters, digits and inner hyphens, 63 at most.
  public static func isHostName(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
    guard let first = bytes.first, let last = bytes.last, bytes.count <= 63 else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last) && bytes.allSatisfy { isAlphanumeric($0) || $0 == 0x2D }
  }

  /// A dotted IPv4 address as a number, most significant byte first.
  static func parse(_ address: String) -> UInt32? {
    let parts = address.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var number: UInt32 = 0
    for part in parts {
      guard let byte = UInt8(part) else { return nil }
      number = number << 8 | UInt32(byte)
    }
    return number
  }
}
