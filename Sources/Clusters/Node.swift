/// One node of a cluster: a place with an address where the system's processes run.
public struct Node: Hashable, Sendable, Codable {
  /// Unique in the cluster, resolves to `address` inside it: `n1`.
  public var name: String
  /// From 1.
  public var number: Int
  public var address: String
  /// Port numbers by the names that the system's description gives them.
  public var ports: [String: Int]
  /// Where the node keeps its data; exists before the first start, survives kills.
  public var dataDirectory: String
  /// Where the output of the node's processes is appended.
  public var logFile: String

  public init(
    name: String, number: Int, address: String, ports: [String: Int], dataDirectory: String, logFile: String
  ) {
    self.name = name
    self.number = number
    self.address = address
    self.ports = ports
    self.dataDirectory = dataDirectory
    self.logFile = logFile
  }
}

/// A process to run on a node: an absolute program path and all that it gets.
public struct ProcessSpec: Hashable, Sendable {
  public var executable: String
  /// Without the program's own name.
  public var arguments: [String]
  public var environment: [String: String]
  public var workingDirectory: String
  /// Nil: the controller's.
  public var user: ProcessUser?

  public init(
    executable: String, arguments: [String], environment: [String: String], workingDirectory: String,
    user: ProcessUser? = nil
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.user = user
  }
}

/// Whom a process runs as: a user with one group, by number.
public struct ProcessUser: Hashable, Sendable {
  public var id: UInt32
  public var group: UInt32

  public init(id: UInt32, group: UInt32) {
    self.id = id
    self.group = group
  }
}

/// How a node is described to a cluster: who it is and what runs on it, in order of start.
public struct NodeSpec: Hashable, Sendable {
  public var node: Node
  public var processes: [ProcessSpec]

  /// Whose the data directory is: the user of the first process.
  public var owner: ProcessUser? { processes.first?.user }

  public init(node: Node, processes: [ProcessSpec]) {
    self.node = node
    self.processes = processes
  }
}
