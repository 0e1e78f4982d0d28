import Glibc
import Testing

extension SandboxTests {
  @Suite struct Processes {
    /// The number in `running(pid: 12)`.
    private func pid(_ state: String) throws -> Int {
      try #require(state.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) })
    }

    private func field(_ name: String, of pid: Int, _ session: ProbeSession) async throws -> String? {
      try await session.ask("read /proc/\(pid)/status").split(separator: "\n")
        .first { $0.hasPrefix(name + ":") }
        .map { $0.dropFirst(name.count + 1).trimmingPrefix(while: \.isWhitespace) }
        .map(String.init)
    }

    /// True for a zombie, too: the sandbox's init takes it away in its own time.
    private func hasEnded(_ pid: Int, _ session: ProbeSession) async -> Bool {
      let line = await session.reply("read /proc/\(pid)/stat")
      return line.hasPrefix("error") || line.contains(") Z ")
    }

    @Test(arguments: Account.allCases)
    func programGetsExactlyWhatItsDescriptionSays(_ account: Account) async throws {
      guard await Availability.allows(account) else { return }
      let session = try await ProbeSession.ready(as: account)
      try await session.startCluster(1)
      _ = try await session.ask("node n1 hostname")
      let pid = try pid(try await session.ask("state n1"))
      #expect(try await session.ask("read /proc/\(pid)/environ") == "B=2\0MARKER=\(session.marker)\0")
      // The program's own sockets come after these three.
      #expect(try await session.ask("list /proc/\(pid)/fd").split(separator: " ").prefix(3) == ["0", "1", "2"])
      #expect(
        try await session.ask("read /proc/\(pid)/cmdline") == "\(ProbeSession.executable)\0node\0\(session.marker)\0")
      for mask in ["SigBlk", "SigIgn"] {
        let bits = try await field(mask, of: pid, session)
        #expect(bits == "0000000000000000", "\(mask)")
      }
      #expect(try await field("NSpgid", of: pid, session) == "\(pid)")
      #expect(try await session.ask("read \(session.directory.path)/nodes/n1/output.log") == "node is up")
    }

    /// A program that opens nothing has nothing above 2: none of the controller's descriptors came along.
    @Test func noDescriptorOfTheControllerIsInherited() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      _ = try await session.ask(session.setUp(1, program: "stubborn \(session.marker)"))
      _ = try await session.ask("start n1")
      let log = "read \(session.directory.path)/nodes/n1/output.log"
      #expect(try await session.ask(log, until: { !$0.isEmpty }) == "stubborn is up")
      let pid = try pid(try await session.ask("state n1"))
      #expect(try await session.ask("list /proc/\(pid)/fd") == "0 1 2")
    }

    @Test(arguments: Account.allCases)
    func killPauseAndResumeShowInTheKernel(_ account: Account) async throws {
      guard await Availability.allows(account) else { return }
      let session = try await ProbeSession.ready(as: account)
      #expect(try await session.ask(session.setUp(1, program: "node \(session.marker)")) != "")
      #expect(try await session.ask("state n1") == "notStarted")
      #expect(await session.reply("pause n1") == "error n1 is not running: start it first")
      _ = try await session.ask("start n1")
      let stray = try #require(Int(try await session.ask("node n1 stray")))
      let pid = try pid(try await session.ask("state n1"))
      _ = try await session.ask("pause n1")
      #expect(try await session.ask("state n1") == "paused(pid: \(pid))")
      for member in [pid, stray] { #expect(try await field("State", of: member, session)?.first == "T") }
      _ = try await session.ask("resume n1")
      #expect(try await session.ask("state n1") == "running(pid: \(pid))")
      for member in [pid, stray] { #expect(try await field("State", of: member, session)?.first != "T") }
      #expect(await session.reply("start n1").hasPrefix("error n1 is running already"))
      #expect(try await session.ask("kill n1") == "9:-1")
      #expect(try await session.ask("state n1") == "signaled(signal: 9)")
      for member in [pid, stray] { #expect(await hasEnded(member, session)) }
      #expect(try await session.ask("kill n1") == "")
      #expect(try await session.ask("exits", until: { !$0.isEmpty }) == "n1:9:-1:true")
    }

    @Test func pausedNodeCanBeKilledAndStopped() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(2)
      for (node, end, command) in [("n1", "9:-1", "kill n1"), ("n2", "15:-1", "stop n2 5")] {
        _ = try await session.ask("pause \(node)")
        #expect(try await session.ask(command) == end)
      }
    }

    @Test func crashIsToldAsUnexpectedAndTheLogSurvivesTheNextStart() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(2)
      let stray = try #require(Int(try await session.ask("node n1 stray")))
      #expect(try await session.ask("node n1 crash") == "no answer")
      #expect(try await session.ask("exits", until: { !$0.isEmpty }) == "n1:0:3:false")
      #expect(try await session.ask("state n1") == "exited(code: 3)")
      #expect(try await session.ask("state n2").hasPrefix("running"))
      _ = try await session.ask("start n1")
      #expect(await hasEnded(stray, session))
      _ = try await session.ask("node n1 hostname")
      let log = try await session.ask("read \(session.directory.path)/nodes/n1/output.log")
      #expect(log == "node is up\nnode is up")
    }

    @Test func stopKillsAfterTheGrace() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      _ = try await session.ask(session.setUp(1, program: "stubborn \(session.marker)"))
      _ = try await session.ask("start n1")
      let log = "read \(session.directory.path)/nodes/n1/output.log"
      #expect(try await session.ask(log, until: { !$0.isEmpty }) == "stubborn is up")
      let start = ContinuousClock.now
      #expect(try await session.ask("stop n1 0.3") == "9:-1")
      #expect(ContinuousClock.now - start >= .milliseconds(300))
    }

    /// What a program does wrong when it is asked to end must not pass for an end as asked.
    @Test func crashWhileStoppingIsToldAsUnexpected() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      _ = try await session.ask(session.setUp(1, program: "brittle \(session.marker)"))
      _ = try await session.ask("start n1")
      let log = "read \(session.directory.path)/nodes/n1/output.log"
      #expect(try await session.ask(log, until: { !$0.isEmpty }) == "brittle is up")
      #expect(try await session.ask("stop n1 5") == "6:-1")
      #expect(try await session.ask("exits", until: { !$0.isEmpty }) == "n1:6:-1:false")
    }

    @Test(arguments: [
      ("/nonexistent/program", "execve failed with ENOENT (No such file or directory)"),
      ("/etc/passwd", "execve failed with EACCES (Permission denied)"),
      ("/usr", "execve failed with EACCES (Permission denied)"),
    ])
    func refusedExecNamesProgramAndErrno(_ program: String, _ reason: String) async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      _ = try await session.ask("setup \(session.directory.path) 1 auto \(program)")
      #expect(await session.reply("start n1") == "error n1: cannot start \(program): \(reason)")
      #expect(try await session.ask("state n1") == "notStarted")
      #expect(await session.reply("start n9") == "error there is no node 'n9': the nodes are n1")
      #expect(session.processes.count == 3)
    }
  }
}
