import Clusters

/// One program on one node.
public struct SetupCommand: Sendable, Hashable {
  public var node: String
  public var process: ProcessSpec

  public init(node: String, process: ProcessSpec) {
    self.node = node
    self.process = process
  }
}

/// One step of the setup on all nodes that it concerns.
public struct SetupRound: Sendable, Hashable {
  public var commands: [SetupCommand]
  public var isSideBySide: Bool
  public var timeoutSeconds: Double

  public init(commands: [SetupCommand], isSideBySide: Bool, timeoutSeconds: Double) {
    self.commands = commands
    self.isSideBySide = isSideBySide
    self.timeoutSeconds = timeoutSeconds
  }
}

extension SystemLauncher {
  /// The files of every node, in the order of the nodes, then of the plan.
  ///
  /// - Throws: where a template cannot be rendered, or a path leads out of the run directory.
  public func files(_ nodes: [Node]) throws(LaunchError) -> [NodeFile] {
    var files: [NodeFile] = []
    for node in nodes {
      let owner = try owner(node)
      for file in system.files {
        let path = FilePaths.join(node.dataDirectory, try render(file.path, node, nodes, "files.path"))
        guard FilePaths.isBelow(path, node.dataDirectory) || FilePaths.isBelow(path, run.directory) else {
          throw LaunchError(
            description: "files.path '\(file.path)' gives \(path): files are made below {{ node.dataDir }} or "
              + "{{ run.dir }} only, without '..'")
        }
        guard !files.contains(where: { $0.path == path }) else {
          throw LaunchError(
            description: "files.path '\(file.path)' gives \(path), which is there already: use {{ node.name }} in it")
        }
        let content = try render(file.content, node, nodes, "the content of \(path)")
        files.append(NodeFile(path: path, content: content, mode: file.mode, owner: owner))
      }
    }
    return files
  }

  /// What runs at that moment, in the order of the plan.
  ///
  /// - Throws: as `specs`.
  public func setup(_ moment: SetupStep.Moment, _ nodes: [Node]) throws(LaunchError) -> [SetupRound] {
    var rounds: [SetupRound] = []
    for step in system.setup where step.moment == moment {
      var commands: [SetupCommand] = []
      for node in Self.nodes(step.place, nodes) {
        commands.append(SetupCommand(node: node.name, process: try spec(step.process, node, nodes)))
      }
      rounds.append(
        SetupRound(
          commands: commands, isSideBySide: step.place != .others, timeoutSeconds: step.timeoutSeconds))
    }
    return rounds
  }

  private static func nodes(_ place: SetupStep.Place, _ nodes: [Node]) -> ArraySlice<Node> {
    switch place {
    case .each: nodes[...]
    case .first: nodes.prefix(1)
    case .others: nodes.dropFirst()
    }
  }

  /// Whose a node's files are: as its data directory, the user of its first process.
  private func owner(_ node: Node) throws(LaunchError) -> ProcessUser? {
    guard let name = system.processes.first?.user else { return nil }
    return try account(name).user
  }

  func account(_ name: String) throws(LaunchError) -> UserAccount {
    guard let account = lookup.user(name) else {
      throw LaunchError(description: "this machine has no user '\(name)' (getent passwd lists them)")
    }
    return account
  }
}
