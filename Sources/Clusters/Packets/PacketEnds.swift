/// The ends of a cluster's links, by name and by address: the nodes, and the harness's own clients.
struct PacketEnds: Sendable {
  let byName: [String: LinkProbe.End]
  private let names: [String]
  private let nameByAddress: [UInt32: String]
  private let textByName: [String: String]

  init(_ nodes: [Node], _ namespaces: [Int32]) throws {
    var byName: [String: LinkProbe.End] = [:]
    var texts = Dictionary(uniqueKeysWithValues: nodes.map { ($0.name, $0.address) })
    texts[Link.controller] = SandboxLayout.controllerAddress
    for (name, text) in texts {
      guard let address = SandboxLayout.parse(text) else {
        throw ClusterError.badNodes("'\(text)' is not an IPv4 address")
      }
      let place = nodes.firstIndex { $0.name == name }
      byName[name] = LinkProbe.End(address: address, network: place.map { namespaces[$0] })
    }
    self.byName = byName
    textByName = texts
    names = nodes.map(\.name)
    nameByAddress = byName.reduce(into: [:]) { $0[$1.value.address] = $1.key }
  }

  var all: [LinkProbe.End] { byName.values.sorted { $0.address < $1.address } }

  func validate(_ rule: PacketRule) throws {
    if let problem = rule.change.problem { throw ClusterError.badPacketRule(problem) }
    for link in rule.links.sorted() {
      for name in [link.from, link.to] where byName[name] == nil {
        throw ClusterError.unknownNode(name, known: names)
      }
      if link.from == link.to { throw ClusterError.linkToItself(link.from) }
    }
  }

  /// In the links' order. Names were validated: an unknown one is left out.
  func flows(_ links: Set<Link>) -> [Flow] {
    links.sorted().compactMap { link in
      guard let from = byName[link.from], let to = byName[link.to] else { return nil }
      return Flow(from: from.address, to: to.address)
    }
  }

  func links(_ tallies: [Flow: PacketTally]) -> [Link: PacketTally] {
    tallies.reduce(into: [:]) { result, entry in
      guard let from = nameByAddress[entry.key.from], let to = nameByAddress[entry.key.to] else { return }
      result[Link(from: from, to: to)] = entry.value
    }
  }

  /// For the packet filter.
  func pair(_ link: Link) -> AddressPair {
    AddressPair(from: textByName[link.from] ?? link.from, to: textByName[link.to] ?? link.to)
  }
}
