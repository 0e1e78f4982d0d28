import Histories

/// How a system is started, asked whether it is ready, and spoken to: the `system:` block of a plan (DESIGN 7).
public struct SystemDescription: Sendable, Hashable {
  /// `nodes.count`.
  public var nodeCount: Int
  /// `nodes.name`: a template over `node.number`.
  public var nodeName: Template
  /// Port names in order, each with a fixed number or nil: then the cluster gives one.
  public var ports: [PortDescription]
  /// `dataDir`, where the plan gives it: a template; else the cluster's own choice.
  public var dataDirectory: Template?
  /// Parameters of the system, set by `--set`: templates see them as `params.NAME`.
  public var parameters: [Parameter]
  /// In the order in which they are made.
  public var files: [FileDescription]
  /// In the order in which they run.
  public var setup: [SetupStep]
  public var processes: [ProcessDescription]
  /// Seconds between SIGTERM and SIGKILL at the end of a run.
  public var stopGraceSeconds: Double
  public var ready: ReadyProbe?
  public var primary: PrimaryProbe?
  public var membership: MembershipDescription?
  /// What else nodes may run: the same processes with other values of some parameters.
  public var versions: [VersionDescription]
  /// Regular expressions: a line of a node's log that matches one breaks the claim `no-panic`.
  public var panic: [String]

  public init(
    nodeCount: Int, nodeName: Template, ports: [PortDescription], dataDirectory: Template?, parameters: [Parameter],
    files: [FileDescription] = [], setup: [SetupStep] = [], processes: [ProcessDescription], stopGraceSeconds: Double,
    ready: ReadyProbe?, primary: PrimaryProbe?,
    membership: MembershipDescription? = nil, versions: [VersionDescription] = [], panic: [String]
  ) {
    self.nodeCount = nodeCount
    self.nodeName = nodeName
    self.ports = ports
    self.dataDirectory = dataDirectory
    self.parameters = parameters
    self.files = files
    self.setup = setup
    self.processes = processes
    self.stopGraceSeconds = stopGraceSeconds
    self.ready = ready
    self.primary = primary
    self.membership = membership
    self.versions = versions
    self.panic = panic
  }
}

/// Another version of the system, as the fault `version` gives it to nodes.
public struct VersionDescription: Sendable, Hashable {
  public var name: String
  /// Of the system's parameters, those that it changes.
  public var parameters: [String: Value]

  public init(name: String, parameters: [String: Value]) {
    self.name = name
    self.parameters = parameters
  }
}

public struct PortDescription: Sendable, Hashable {
  public var name: String
  public var number: Int?

  public init(name: String, number: Int?) {
    self.name = name
    self.number = number
  }
}

/// One process of every node.
public struct ProcessDescription: Sendable, Hashable {
  /// Program and arguments. A program without a slash is looked up beside `faultline`, then in PATH; a relative one
  /// from the plan's folder.
  public var command: [Template]
  /// In order of their names.
  public var environment: [String: Template]
  public var workingDirectory: Template?
  /// Name of the user that it runs as; nil: the controller's.
  public var user: String?

  public init(
    command: [Template], environment: [String: Template], workingDirectory: Template?, user: String? = nil
  ) {
    self.command = command
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.user = user
  }
}

/// An HTTP question whose answer says that a node is ready (and, after faults, healthy again).
public struct ReadyProbe: Sendable, Hashable {
  public var method: String
  public var url: Template
  public var condition: ResponseCondition
  /// For the whole cluster, from the start of its processes.
  public var timeoutSeconds: Double

  public init(method: String, url: Template, condition: ResponseCondition, timeoutSeconds: Double) {
    self.method = method
    self.url = url
    self.condition = condition
    self.timeoutSeconds = timeoutSeconds
  }
}

/// An HTTP question whose answer says that a node leads.
public struct PrimaryProbe: Sendable, Hashable {
  public var method: String
  public var url: Template
  public var condition: ResponseCondition

  public init(method: String, url: Template, condition: ResponseCondition) {
    self.method = method
    self.url = url
    self.condition = condition
  }
}
