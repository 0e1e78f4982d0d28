import Clusters
import Histories
import Testing

@testable import Systems

@Suite struct SystemLauncherTests {
  private func system(_ command: [String], nodeName: String = "n{{ node.number }}", workdir: String? = nil) throws
    -> SystemDescription
  {
    let process = ProcessDescription(
      command: try command.map { try Template($0) }, environment: ["ID": try Template("{{ node.name }}")],
      workingDirectory: try workdir.map { try Template($0) })
    return SystemDescription(
      nodeCount: 2, nodeName: try Template(nodeName),
      ports: [
        PortDescription(name: "http", number: nil), PortDescription(name: "peer", number: 7000),
        PortDescription(name: "admin", number: nil),
      ],
      dataDirectory: nil, parameters: [], processes: [process], stopGraceSeconds: 1, ready: nil, primary: nil, panic: []
    )
  }

  private static let daemon = UserAccount(name: "daemon", user: ProcessUser(id: 1, group: 2), home: "/usr/sbin")

  private func launcher(_ system: SystemDescription, executables: Set<String> = []) -> SystemLauncher {
    SystemLauncher(
      system: system, parameters: ["bug": "none"], run: Fixture.run,
      lookup: ExecutableLookup(
        ownDirectory: "/opt/faultline", planDirectory: "/plans", searchPath: ["/usr/bin", ".", "/bin"],
        isExecutable: { executables.contains($0) }, user: { $0 == "daemon" ? Self.daemon : nil }),
      environment: ["PATH": "/usr/bin", "HOME": "/root", "SECRET": "x"])
  }

  @Test func describesNodes() throws {
    let nodes = try launcher(system(["x"])).nodes(addresses: ["198.18.0.2", "198.18.0.3"])
    let second = Node(
      name: "n2", number: 2, address: "198.18.0.3", ports: ["http": 7001, "peer": 7000, "admin": 7002],
      dataDirectory: "/run/nodes/n2/data", logFile: "/run/nodes/n2/log")
    #expect(nodes.map(\.name) == ["n1", "n2"])
    #expect(nodes[1] == second)
  }

  @Test func fillsInProcesses() throws {
    let command = [
      "kv", "--id", "{{ node.number }}", "--bug", "{{ params.bug }}", "--peers", "{{ peers | map('{name}') }}",
    ]
    let launcher = launcher(try system(command), executables: ["/opt/faultline/kv", "/usr/bin/kv"])
    let specs = try launcher.specs(launcher.nodes(addresses: ["a", "b"]))
    let expected = ProcessSpec(
      executable: "/opt/faultline/kv", arguments: ["--id", "1", "--bug", "none", "--peers", #"["n2"]"#],
      environment: ["PATH": "/usr/bin", "HOME": "/root", "ID": "n1"], workingDirectory: "/run/nodes/n1/data")
    #expect(specs[0].processes == [expected])
  }

  @Test func processesOfAnotherUserHaveItsHome() throws {
    var description = try system(["/bin/kv"])
    description.processes[0].user = "daemon"
    let specs = try launcher(description, executables: ["/bin/kv"]).specs(Fixture.nodes)
    #expect(specs[0].processes[0].user == Self.daemon.user && specs[0].owner == Self.daemon.user)
    #expect(specs[0].processes[0].environment["HOME"] == "/usr/sbin")
    #expect(specs[0].processes[0].environment["USER"] == "daemon")
    description.processes[0].user = "nobody-here"
    let message = "this machine has no user 'nobody-here' (getent passwd lists them)"
    #expect(throws: LaunchError(description: message)) {
      try launcher(description, executables: ["/bin/kv"]).specs(Fixture.nodes)
    }
  }

  // MARK: Files and setup

  private func file(_ path: String, _ content: String = "") throws -> FileDescription {
    FileDescription(path: try Template(path), content: try Template(content), mode: 0o600)
  }

  @Test func filesAreMadeForEveryNode() throws {
    var description = try system(["x"])
    description.processes[0].user = "daemon"
    description.files = [
      try file("conf/kv.conf", "port {{ node.ports.http }}"), try file("{{ run.dir }}/{{ node.name }}.id"),
    ]
    let launcher = launcher(description)
    let files = try launcher.files(try launcher.nodes(addresses: ["a", "b"]))
    #expect(
      files.map(\.path) == [
        "/run/nodes/n1/data/conf/kv.conf", "/run/n1.id", "/run/nodes/n2/data/conf/kv.conf", "/run/n2.id",
      ])
    #expect(files[0].content == "port 7001" && files[0].mode == 0o600 && files[0].owner == Self.daemon.user)
  }

  @Test(arguments: ["/etc/passwd", "../x", "a/../../x", "{{ run.dir }}/../x", "a/"])
  func filesStayInTheRun(_ path: String) throws {
    var description = try system(["x"])
    description.files = [try file(path)]
    #expect(throws: LaunchError.self) { try launcher(description).files(Fixture.nodes) }
  }

  @Test func noFileReplacesAnother() throws {
    var description = try system(["x"])
    description.files = [try file("{{ run.dir }}/shared")]
    #expect(throws: LaunchError.self) { try launcher(description).files(Fixture.nodes) }
  }

  @Test func stepsOfTheSetupAreOfTheirMomentAndPlace() throws {
    func step(_ name: String, _ moment: SetupStep.Moment, _ place: SetupStep.Place) throws -> SetupStep {
      SetupStep(
        process: ProcessDescription(
          command: [try Template("/bin/\(name)"), try Template("{{ node.name }}")], environment: [:],
          workingDirectory: nil), moment: moment, place: place, timeoutSeconds: 7)
    }
    var description = try system(["x"])
    description.setup = [
      try step("a", .start, .each), try step("b", .ready, .others), try step("c", .start, .first),
    ]
    let launcher = launcher(description, executables: ["/bin/a", "/bin/b", "/bin/c"])
    let nodes = try launcher.nodes(addresses: ["1", "2", "3"])
    func told(_ moment: SetupStep.Moment) throws -> [[String]] {
      try launcher.setup(moment, nodes).map { round in
        round.commands.map { "\($0.node): \($0.process.executable) \($0.process.arguments.joined())" }
          + ["\(round.isSideBySide) \(round.timeoutSeconds)"]
      }
    }
    #expect(
      try told(.start) == [
        ["n1: /bin/a n1", "n2: /bin/a n2", "n3: /bin/a n3", "true 7.0"], ["n1: /bin/c n1", "true 7.0"],
      ])
    #expect(try told(.ready) == [["n2: /bin/b n2", "n3: /bin/b n3", "false 7.0"]])
  }

  @Test(arguments: [
    ("kv", ["/usr/bin/kv"], "/usr/bin/kv"), ("./bin/kv", ["/plans/bin/kv"], "/plans/bin/kv"),
    ("bin/kv", ["/plans/bin/kv"], "/plans/bin/kv"), ("/abs/kv", ["/abs/kv"], "/abs/kv"),
  ])
  func findsPrograms(_ program: String, _ executables: [String], _ expected: String) throws {
    #expect(try launcher(system(["x"]), executables: Set(executables)).lookup.path(of: program) == expected)
  }

  @Test(arguments: [
    ("kv", "no executable 'kv'; looked at /opt/faultline/kv, /usr/bin/kv, /bin/kv"),
    ("./kv", "no executable './kv'; looked at /plans/kv"), ("/x/kv", "no executable '/x/kv'; looked at /x/kv"),
  ])
  func saysWhereItLooked(_ program: String, _ message: String) throws {
    let launcher = launcher(try system([program]))
    #expect(throws: LaunchError(description: message)) { try launcher.specs(Fixture.nodes) }
  }

  @Test func theKernelSaysWhatIsExecutable() {
    #expect(ExecutableLookup.isExecutableFile("/bin/sh"))
    #expect(!ExecutableLookup.isExecutableFile("/bin"))
    #expect(!ExecutableLookup.isExecutableFile("/etc/passwd"))
    #expect(!ExecutableLookup.isExecutableFile("/no/such/file"))
  }

  @Test func refusesBadNodeNames() throws {
    let same = "nodes.name gives two nodes the name 'n': use {{ node.number }} in it"
    #expect(throws: LaunchError(description: same)) {
      try launcher(system(["x"], nodeName: "n")).nodes(addresses: ["a", "b"])
    }
    #expect(throws: LaunchError(description: "nodes.name gives 'n/1', which is no host name")) {
      try launcher(system(["x"], nodeName: "n/{{ node.number }}")).nodes(addresses: ["a"])
    }
  }

  @Test func workingDirectoriesStartFromThePlan() throws {
    let launcher = launcher(try system(["/kv"], workdir: "work/{{ node.name }}"), executables: ["/kv"])
    #expect(try launcher.specs(Fixture.nodes)[1].processes[0].workingDirectory == "/plans/work/n2")
  }

  @Test func probesAskEveryNode() throws {
    let probe = ReadyProbe(
      method: "GET", url: try Template("http://{{ node.address }}:{{ node.ports.http }}/health"),
      condition: ResponseCondition(status: [200]), timeoutSeconds: 1)
    let probes = try NodeProbe.ready(probe, TemplateScope(nodes: Fixture.nodes))
    #expect(probes.map(\.request.url) == (1...3).map { "http://10.0.0.\($0):8000/health" })
    #expect(probes[0].accepts(HTTPResponse(status: 200)))
    #expect(!probes[0].accepts(HTTPResponse(status: 503)))
  }

  @Test func primariesAreFoundByTheirAnswer() throws {
    let leader = ResponseCondition.PathExpectation(path: try JSONPath("$.role"), expectation: .equals("leader"))
    let probe = PrimaryProbe(
      method: "GET", url: try Template("http://{{ node.address }}/status"),
      condition: ResponseCondition(paths: [leader]))
    let probes = try NodeProbe.primary(probe, TemplateScope(nodes: Fixture.nodes))
    #expect(probes[1].node.name == "n2")
    #expect(probes[1].accepts(HTTPResponse(status: 200, body: Array(#"{"role":"leader"}"#.utf8))))
    #expect(!probes[1].accepts(HTTPResponse(status: 200, body: Array(#"{"role":"follower"}"#.utf8))))
  }
}
