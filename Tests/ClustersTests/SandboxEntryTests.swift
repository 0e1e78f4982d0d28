import CLinux
import Glibc
import Testing

@testable import Clusters

extension SandboxTests {
  @Suite struct Entry {
    @Test(arguments: Account.allCases)
    func controllerIsRootOfItsOwnNamespacesAndItsExitCodeIsOurs(_ account: Account) async throws {
      guard await Availability.allows(account) else { return }
      let session = try await ProbeSession.ready(as: account)
      #expect(try await session.ask("identity") == "2 1 0 0 true")
      #expect(try await session.ask("list /sys/class/net") == "lo")
      #expect(try await session.ask("read /proc/net/route").split(separator: "\n").count == 1)
      let processes = try await session.ask("list /proc").split(separator: " ").filter { Int($0) != nil }
      #expect(processes == ["1", "2"])
      session.send("exit 7")
      #expect(await session.exitCode() == 7)
      #expect(session.processes.isEmpty)
    }

    @Test func deathByASignalIs70WithAMessage() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      session.send("raise \(SIGSEGV)")
      #expect(await session.exitCode() == 70)
      #expect(await session.complaints().contains("the controller was ended by signal 11"))
    }

    @Test func deathOfInitIs70WithAMessage() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      let initProcess = try #require(session.initProcess)
      kill(initProcess, SIGKILL)
      #expect(await session.exitCode() == 70)
      #expect(await session.complaints().contains("the sandbox was ended by signal 9"))
    }

    @Test func variableSetByHandIsNoticed() async throws {
      let session = try ProbeSession(environment: ["\(FL_SANDBOX_VARIABLE)=1"])
      #expect(await session.exitCode() == 75)
      #expect(await session.complaints().contains("unset FAULTLINE_SANDBOX"))
    }

    @Test func refusalNamesTheCallTheReasonAndTheRemedy() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      let reply = await session.reply("enter-denied")
      #expect(reply.hasPrefix("error cannot enter a sandbox: clone(CLONE_NEWUSER|"))
      #expect(reply.contains("ENOSPC"))
      #expect(reply.contains("sudo sysctl user.max_user_namespaces="))
    }

    // MARK: - Signals

    /// The second signal goes the same way as the first: once it has come, a second copy of the first would have, too.
    private func expectOneInterrupt(_ session: ProbeSession) async throws {
      #expect(try await session.ask("signals", until: { $0 != "0 0" }) == "1 0")
      kill(session.pid, SIGTERM)
      #expect(try await session.ask("signals", until: { $0.hasSuffix("1") }) == "1 1")
    }

    @Test func signalToTheOuterProcessComesOnce() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      kill(session.pid, SIGINT)
      try await expectOneInterrupt(session)
      session.send("exit 3")
      #expect(await session.exitCode() == 3)
    }

    @Test func signalToTheProcessGroupComesOnce() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      kill(-session.pid, SIGINT)
      try await expectOneInterrupt(session)
    }

    @Test(arguments: Account.allCases)
    func controlCOnATerminalComesOnce(_ account: Account) async throws {
      guard await Availability.allows(account) else { return }
      let terminal = try Terminal()
      let session = try await ProbeSession.ready(as: account, terminal: terminal)
      session.sendByte(3)
      try await expectOneInterrupt(session)
      session.send("exit 4")
      #expect(await session.exitCode() == 4)
    }
  }
}

@Suite struct SandboxOutcomeTests {
  @Test func relayedSignalThatKillsTheControllerIsAnInterruption() {
    let inside = fl_inside(
      step: FL_STEP_NONE, error: 0, exited: 0, code: 0, signal: SIGINT, init_signal: 0, relayed: 1 << SIGINT)
    #expect(Sandbox.outcome(inside) == .ended(exitCode: 130, message: nil))
  }

  @Test func sameSignalFromElsewhereIsACrash() {
    let inside = fl_inside(
      step: FL_STEP_NONE, error: 0, exited: 0, code: 0, signal: SIGINT, init_signal: 0, relayed: 1 << SIGTERM)
    guard case .ended(70, let message?) = Sandbox.outcome(inside) else {
      Issue.record("not a crash")
      return
    }
    #expect(message.contains("signal 2"))
  }
}
