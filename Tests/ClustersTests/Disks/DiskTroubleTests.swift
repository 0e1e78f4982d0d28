import Glibc
import Testing

extension SandboxTests {
  /// Errors, delays and damage, seen by the programs that use the disk.
  @Suite struct DiskTroubles {
    private func milliseconds(_ body: () async throws -> Void) async rethrows -> Int64 {
      let start = ContinuousClock.now
      try await body()
      let (seconds, attoseconds) = (ContinuousClock.now - start).components
      return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    @Test func errorsComeAsOftenAsAskedFor() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      try await disk.files("open a @a", "write a 0 100 a")
      _ = try await disk.disk("trouble n1 write=50 seed=4")
      var errors = 0
      for _ in 0..<60 where try await disk.file("write a 0 100 b") == "EIO" { errors += 1 }
      #expect((10...50).contains(errors), "\(errors) of 60")
      #expect(try await disk.file("fsync a") == "ok")
      _ = try await disk.disk("trouble n1 sync=100")
      #expect(try await disk.file("fsync a") == "EIO")
      #expect(try await disk.file("write a 0 100 c") == "ok")
      #expect(try await disk.disk("probe n1").contains("Input/output error"))
      _ = try await disk.disk("trouble n1 read=100")
      #expect(try await disk.disk("probe n1 reads").contains("Input/output error"))
      _ = try await disk.disk("trouble n1")
      #expect(try await disk.file("fsync a") == "ok")
      #expect(try await disk.disk("counts n1").contains("inputOutputErrors: \(errors + 3)"))
    }

    /// The bytes of an fsync that failed are not durable, whatever the program does not know.
    @Test func failedSyncMakesNothingDurable() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      _ = try await disk.disk("trouble n1 sync=100")
      try await disk.files("open a @a", "append a 100 a")
      #expect(try await disk.file("fsync a") == "EIO")
      #expect(try await disk.losePower() == "a:100:0:100>0")
    }

    @Test func fullDiskOverwritesAndDoesNotGrow() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      try await disk.files("open a @a", "append a 8192 a", "fsync a")
      _ = try await disk.disk("trouble n1 full=1")
      try await disk.files("write a 0 8192 b", "fsync a")
      #expect(try await disk.file("write a 8000 200 c") == "ENOSPC")
      #expect(try await disk.file("truncate a 9000") == "ENOSPC")
      #expect(try await disk.file("mkdir \(disk.path("d"))") == "ENOSPC")
      #expect(try await disk.file("open b \(disk.path("b"))") == "ENOSPC")
      #expect(try await disk.disk("probe n1").contains("No space left on device"))
      _ = try await disk.disk("trouble n1")
      try await disk.files("append a 1 d", "mkdir @d", "truncate a 10")
    }

    /// One node's slow disk is nobody else's, and does not hold up its own reads.
    @Test func slowSyncsHoldUpNobodyElse() async throws {
      guard let disk = try await DiskSession.ready(2) else { return }
      for node in ["n1", "n2"] { try await disk.files("open a @a", "append a 10 a", "fsync a", node: node) }
      _ = try await disk.disk("trouble n1 sync-ms=700")
      let probed = try await disk.disk("probe n1")
      #expect((Int(probed.split(separator: " ").first ?? "") ?? 0) >= 700, "\(probed)")
      #expect(probed.hasSuffix("well"))
      #expect(try await milliseconds { try await disk.files("write a 0 10 b", "fsync a", node: "n2") } < 700)
      disk.session.send("node n1 file fsync a")
      let time = await milliseconds { #expect(await disk.session.nextLine() == "ok ok") }
      #expect(time >= 700)
      _ = try await disk.disk("trouble n1")
      #expect(try await disk.disk("probe n1").hasSuffix("well"))
      _ = try await disk.disk("trouble n2 write-ms=300")
      let slowWrite = try await milliseconds { try await disk.files("write a 0 10 b", node: "n2") }
      #expect(slowWrite >= 300)
    }

    /// Whoever waits for a slow disk can still be killed, in time.
    @Test func powerFailureEndsSlowSyncs() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      try await disk.files("open a @a", "append a 10 a")
      _ = try await disk.disk("trouble n1 sync-ms=3000")
      #expect(try await disk.losePower() == "a:10:0:10>0")
    }

    @Test func damageIsSeenByTheNode() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      try await disk.files("mkdir @d", "open a @d/a", "append a 5000 a", "fsync a")
      let before = try await disk.disk("digest n1 d/a")
      _ = try await disk.disk("flip n1 d/a 4999 1")
      #expect(try await disk.disk("digest n1 d/a") != before)
      #expect(try await disk.session.ask("state n1") == "signaled(signal: 9)")
      try await disk.start()
      #expect(try await disk.content("d/a") == "a*4999 c*1")
      _ = try await disk.disk("cut n1 d/a 4000")
      try await disk.start()
      #expect(try await disk.content("d/a") == "a*4000")
      #expect(try await disk.disk("files n1") == "d/a:4000")
    }

    @Test func filesGoBackToWhatWasSaved() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      try await disk.files("open a @a", "append a 10 a", "open b @b", "append b 10 b", "mkdir @d")
      _ = try await disk.disk("save n1")
      try await disk.files(
        "append a 10 x", "fsync a", "unlink @b", "open c @d/c", "append c 5 c", "fsync c", "rename @d @e")
      _ = try await disk.disk("restore n1")
      #expect(try await disk.disk("files n1") == "a:10 b:10")
      try await disk.start()
      #expect(try await disk.content("a") == "a*10")
      #expect(try await disk.content("b") == "b*10")
      #expect(try await disk.file("exists \(disk.path("d"))") == "yes")
      #expect(try await disk.file("exists \(disk.path("e"))") == "no")
      #expect(await disk.session.reply("disk restore n1").hasPrefix("error finding the copy"))
    }

    /// The proof of a power failure is what another program wrote: with no layer, or an idle one, it stays.
    @Test func witnessTellsALossFromNone() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      _ = try await disk.disk("witness n1")
      // A second one, and a probe's fsync, on the same mount.
      _ = try await disk.disk("witness n1")
      #expect(try await disk.disk("probe n1").hasSuffix("well"))
      #expect(try await disk.disk("read-witness n1") == "4096 16384")
      _ = try await disk.session.ask("kill n1")
      #expect(try await disk.disk("read-witness n1") == "4096 16384")
      _ = try await disk.disk("lose n1")
      #expect(try await disk.disk("read-witness n1") == "4096 0")
      _ = try await disk.disk("witness n1")
      _ = try await disk.disk("lose n1 prefix 512 5")
      let kept = try await disk.disk("read-witness n1").split(separator: " ").compactMap { Int($0) }
      #expect(kept.count == 2 && kept[0] == 4096 && (512..<16384).contains(kept[1]))
      #expect(try await disk.disk("files n1") == "", "nobody sees it")
    }

    @Test(arguments: Account.allCases) func endLeavesNothingButTheFiles(_ account: Account) async throws {
      guard let disk = try await DiskSession.ready(as: account) else { return }
      let host = HostState.now()
      try await disk.files("open a @a", "append a 10 a")
      _ = try await disk.disk("witness n1")
      _ = try await disk.session.ask("teardown")
      let directory = disk.session.directory.path
      #expect(try await disk.session.ask("list \(directory)/nodes/n1/data") == "a")
      #expect(try await disk.session.ask("list \(directory)/nodes/n1") == "data output.log")
      #expect(HostState.now() == host)
    }

    /// Kill -9 of the controller while a node waits for its disk.
    @Test func killedControllerLeavesNoServer() async throws {
      guard let disk = try await DiskSession.ready(2) else { return }
      _ = try await disk.disk("trouble n1 sync-ms=5000")
      try await disk.files("open a @a", "append a 10 a")
      disk.session.send("node n1 file fsync a")
      let mine = Set(HostProcess.all(marked: disk.session.directory.path).map(\.pid))
      #expect(mine.count == 2, "a server a node")
      kill(try #require(disk.session.controller), SIGKILL)
      let start = ContinuousClock.now
      while !(disk.session.processes.isEmpty && HostProcess.all(marked: disk.session.directory.path).isEmpty),
        ContinuousClock.now - start < .seconds(20)
      {
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(disk.session.processes.isEmpty)
      #expect(HostProcess.all(marked: disk.session.directory.path).isEmpty)
    }
  }
}
