import Clusters
import Histories

/// Why the processes of a system cannot be started.
public struct LaunchError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

/// From a system's description to what a cluster is to run: pure but for the lookup of programs.
public struct SystemLauncher: Sendable {
  public var system: SystemDescription
  /// Values of the system's parameters, complete.
  public var parameters: [String: Value]
  public var run: RunIdentity
  public var lookup: ExecutableLookup
  /// The harness's own environment; nodes get PATH, HOME and LANG of it and nothing else.
  public var environment: [String: String]

  /// What nodes inherit. All else would make runs differ from one machine to the next.
  static let inherited = ["HOME", "LANG", "PATH"]
  /// The port of the first name that has no number of its own; each node has its own address, so all share them.
  public static let firstPort = 7000

  public init(
    system: SystemDescription, parameters: [String: Value], run: RunIdentity, lookup: ExecutableLookup,
    environment: [String: String]
  ) {
    self.system = system
    self.parameters = parameters
    self.run = run
    self.lookup = lookup
    self.environment = environment
  }

  /// The nodes of the plan on these addresses, one each, in order.
  ///
  /// Data and log are in `nodes/<name>/` of the run directory unless the plan says otherwise.
  /// - Throws: where a name or folder cannot be rendered, or two nodes got one name.
  public func nodes(addresses: [String]) throws(LaunchError) -> [Node] {
    let ports = Self.ports(system.ports)
    var nodes: [Node] = []
    for (index, address) in addresses.enumerated() {
      var node = Node(
        name: "", number: index + 1, address: address, ports: ports, dataDirectory: "", logFile: "")
      node.name = try render(system.nodeName, node, [], "nodes.name")
      guard SandboxLayout.isHostName(node.name) else {
        throw LaunchError(description: "nodes.name gives '\(node.name)', which is no host name")
      }
      guard !nodes.contains(where: { $0.name == node.name }) else {
        throw LaunchError(
          description: "nodes.name gives two nodes the name '\(node.name)': use {{ node.number }} in it")
      }
      let folder = FilePaths.join(run.directory, "nodes/\(node.name)")
      node.logFile = folder + "/log"
      node.dataDirectory = folder + "/data"
      if let template = system.dataDirectory {
        node.dataDirectory = FilePaths.join(run.directory, try render(template, node, [], "dataDir"))
      }
      if let other = nodes.first(where: { $0.dataDirectory == node.dataDirectory }) {
        throw LaunchError(
          description: "dataDir gives \(other.name) and \(node.name) the same folder '\(node.dataDirectory)': "
            + "use {{ node.name }} in it")
      }
      nodes.append(node)
    }
    return nodes
  }

  /// What each node is to run, ready for the cluster.
  ///
  /// - Throws: where a program does not exist or a template cannot be rendered.
  public func specs(_ nodes: [Node]) throws(LaunchError) -> [NodeSpec] {
    var specs: [NodeSpec] = []
    for node in nodes {
      var processes: [ProcessSpec] = []
      for process in system.processes { processes.append(try spec(process, node, nodes)) }
      specs.append(NodeSpec(node: node, processes: processes))
    }
    return specs
  }

  /// What each node is to run in every other version.
  ///
  /// - Throws: as `specs`, for the first version that cannot be started, with its name.
  public func versions(_ nodes: [Node]) throws(LaunchError) -> [NodeVersion] {
    var versions: [NodeVersion] = []
    for version in system.versions {
      var launcher = self
      launcher.parameters.merge(version.parameters) { $1 }
      do throws(LaunchError) {
        versions.append(NodeVersion(name: version.name, nodes: try launcher.specs(nodes)))
      } catch {
        throw LaunchError(description: "version '\(version.name)': \(error)")
      }
    }
    return versions
  }

  func spec(_ process: ProcessDescription, _ node: Node, _ nodes: [Node]) throws(LaunchError) -> ProcessSpec {
    var command: [String] = []
    for template in process.command { command.append(try render(template, node, nodes, "command")) }
    guard let program = command.first else { throw LaunchError(description: "a process has an empty command") }
    var environment = self.environment.filter { Self.inherited.contains($0.key) }
    let account: UserAccount? = if let user = process.user { try account(user) } else { nil }
    if let account {
      environment.merge(["HOME": account.home, "LOGNAME": account.name, "USER": account.name]) { $1 }
    }
    for (name, template) in process.environment.sorted(by: { $0.key < $1.key }) {
      environment[name] = try render(template, node, nodes, "env.\(name)")
    }
    var directory = node.dataDirectory
    if let template = process.workingDirectory {
      directory = FilePaths.join(lookup.planDirectory, try render(template, node, nodes, "workdir"))
    }
    do {
      return ProcessSpec(
        executable: try lookup.path(of: program), arguments: Array(command.dropFirst()), environment: environment,
        workingDirectory: directory, user: account?.user)
    } catch {
      throw LaunchError(description: "\(error)")
    }
  }

  func render(_ template: Template, _ node: Node, _ nodes: [Node], _ place: String) throws(LaunchError)
    -> String
  {
    let scope = TemplateScope(node: node, nodes: nodes, parameters: parameters, run: run)
    do {
      return try template.text(scope)
    } catch {
      throw LaunchError(description: "\(place) '\(template)': \(error)")
    }
  }

  /// Fixed numbers as given, the others from `firstPort` on, skipping the fixed ones.
  private static func ports(_ descriptions: [PortDescription]) -> [String: Int] {
    let fixed = Set(descriptions.compactMap(\.number))
    var next = firstPort
    var ports: [String: Int] = [:]
    for port in descriptions {
      while fixed.contains(next) { next += 1 }
      ports[port.name] = port.number ?? next
      if port.number == nil { next += 1 }
    }
    return ports
  }
}
