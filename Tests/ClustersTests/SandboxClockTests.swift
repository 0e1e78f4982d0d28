import Glibc
import Testing

extension SandboxTests {
  /// What programs on the nodes read from their clocks, told by themselves.
  @Suite struct ClockFaults {
    private static let second: Int64 = 1_000_000_000
    /// Two processes cannot read their clocks at one moment, but both have the same monotonic one: what is left is the
    /// time from a program's one reading to its next.
    private static let tolerance: Int64 = second / 50

    @Test(arguments: Account.allCases)
    func everyClockOfDayJumpsAndTheMonotonicStays(_ account: Account) async throws {
      guard await Availability.allows(account) else { return }
      let session = try await ProbeSession.ready(as: account)
      try await session.startCluster(2)
      let host = Difference.here()
      let before = try await reading(session, "n1 clocks")
      #expect(abs(before.difference - host) < Self.tolerance)
      let step = try await steps(session, "n1 \(90 * Self.second) 0 bump")
      #expect(step.count == 1 && step[0].before == 0 && abs(step[0].after - 90 * Self.second) < Self.tolerance)
      let after = try await reading(session, "n1 clocks")
      #expect(abs(after.difference - host - 90 * Self.second) < Self.tolerance)
      #expect(
        abs(after.coarse - after.realtime) < Self.tolerance && abs(after.timeOfDay - after.realtime) < Self.tolerance)
      #expect(abs(after.seconds + Self.second / 2 - after.realtime) < Self.second)
      #expect(after.monotonic > before.monotonic && after.monotonic < Difference.monotonic())
      #expect(abs(try await reading(session, "n2 clocks").difference - host) < Self.tolerance)
      #expect(abs(Difference.here() - host) < Self.tolerance)
      let back = try await steps(session, "n1 0 0 bump")
      #expect(back.count == 1 && abs(back[0].after - back[0].before + 90 * Self.second) < Self.tolerance)
      #expect(abs(try await reading(session, "n1 clocks").difference - host) < Self.tolerance)
      #expect(try await steps(session, "n1 0 0 bump").isEmpty)
    }

    @Test func driftIsARateAndOwnersAddUp() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(1)
      _ = try await steps(session, "n1 0 500000 drift")
      let first = try await reading(session, "n1 clocks")
      while try await reading(session, "n1 clocks").monotonic < first.monotonic + Self.second / 3 {}
      _ = try await steps(session, "n1 \(-20 * Self.second) 0 bump")
      let second = try await reading(session, "n1 clocks")
      let gained = second.difference - first.difference + 20 * Self.second
      let expected = (second.monotonic - first.monotonic) / 2
      #expect(abs(gained - expected) < Self.tolerance, "\(gained) in place of \(expected)")
      // The drift's end takes back what it had gained, and nothing of the bump.
      _ = try await steps(session, "n1 0 0 drift")
      let third = try await reading(session, "n1 clocks").difference - Difference.here()
      #expect(abs(third + 20 * Self.second) < Self.tolerance)
    }

    @Test func restartedProgramHasItFromItsFirstReading() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(2)
      _ = try await steps(session, "n1 \(-3600 * Self.second) 0 bump")
      for _ in 1...3 {
        _ = try await session.ask("kill n1")
        #expect(try await session.ask("clock n1") == "")
        _ = try await session.ask("start n1")
        let birth = try await reading(session, "n1 birth")
        #expect(abs(birth.difference - Difference.here() + 3600 * Self.second) < Self.tolerance)
      }
      // While the node is down its clock can be set too.
      _ = try await session.ask("kill n1")
      #expect(try await steps(session, "n1 0 0 bump").isEmpty)
      #expect(try await steps(session, "n1 \(60 * Self.second) 0 bump").isEmpty)
      _ = try await session.ask("start n1")
      #expect(
        abs(try await reading(session, "n1 birth").difference - Difference.here() - 60 * Self.second) < Self.tolerance)
      #expect(try await session.ask("node n1 crash") == "no answer")
      #expect(try await session.ask("exits", until: { $0.hasSuffix("n1:0:3:false") }) != "")
    }

    @Test func threadsThatReadAllTheTimeSurviveThePatch() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(1)
      _ = try await session.ask("node n1 spin")
      for round in 1...20 {
        if round % 5 == 0 {
          _ = try await session.ask("kill n1")
          _ = try await steps(session, "n1 0 0 bump")
          _ = try await session.ask("start n1")
          _ = try await session.ask("node n1 spin")
        }
        let offset = Int64(round) * Self.second
        let step = try await steps(session, "n1 \(offset) 0 bump")
        #expect(step.count == 1 && abs(step[0].after - offset) < Self.tolerance)
        #expect(abs(try await reading(session, "n1 clocks").difference - Difference.here() - offset) < Self.tolerance)
      }
    }

    @Test func pausedNodeIsSetAndStaysPaused() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(1)
      _ = try await session.ask("pause n1")
      #expect(try await steps(session, "n1 \(5 * Self.second) 0 bump").count == 1)
      #expect(try await session.ask("state n1").hasPrefix("paused"))
      _ = try await session.ask("resume n1")
      #expect(
        abs(try await reading(session, "n1 clocks").difference - Difference.here() - 5 * Self.second) < Self.tolerance)
    }

    /// A shell that becomes Python, whose vDSO is a new one; and a child that it forks now and then.
    @Test(arguments: Account.allCases)
    func interpretersTheirForksAndWhatAShellBecomes(_ account: Account) async throws {
      guard await Availability.allows(account) else { return }
      try #require(access("/usr/bin/python3", X_OK) == 0)
      let session = try await ProbeSession.ready(as: account)
      let script = """
        import os, sys, time
        def tell(name):
            path = sys.argv[1] + "/" + os.uname().nodename + "." + name
            with open(path + ".new", "w") as file: file.write(f"{time.time_ns()} {time.monotonic_ns()}")
            os.rename(path + ".new", path)
        while True:
            tell("main")
            child = os.fork()
            if child == 0: tell("child"); os._exit(0)
            os.waitpid(child, 0)
            time.sleep(0.002)
        """
      try write(script, "\(session.directory.path)/clock.py")
      try write("exec /usr/bin/python3 $1/clock.py $1", "\(session.directory.path)/start.sh")
      let folder = session.directory.path
      _ = try await session.ask("setup \(folder) 2 auto /bin/sh \(folder)/start.sh \(folder)")
      for node in ["n1", "n2"] { _ = try await session.ask("start \(node)") }
      for file in ["n1.main", "n1.child", "n2.main"] { try await expect(session, file, ahead: 0) }
      #expect(try await !steps(session, "n1 \(30 * Self.second) 0 bump").isEmpty)
      for file in ["n1.main", "n1.child"] { try await expect(session, file, ahead: 30 * Self.second) }
      _ = try await steps(session, "n1 \(-30 * Self.second) 0 bump")
      for file in ["n1.main", "n1.child"] { try await expect(session, file, ahead: -30 * Self.second) }
      _ = try await session.ask("kill n1")
      _ = try await session.ask("start n1")
      for file in ["n1.main", "n1.child"] { try await expect(session, file, ahead: -30 * Self.second) }
      _ = try await steps(session, "n1 0 0 bump")
      for file in ["n1.main", "n1.child", "n2.main"] { try await expect(session, file, ahead: 0) }
    }

    /// The packages themselves, on real processes: what they say they did is what the programs saw.
    @Test(arguments: Account.allCases)
    func packagesProveWhatTheyDid(_ account: Account) async throws {
      guard await Availability.allows(account) else { return }
      let session = try await ProbeSession.ready(as: account)
      try await session.startCluster(2)
      #expect(try await session.ask("inject clock-bump one 5 n2,n1 offset=30 behind=1") == "n2 by -30.0 s")
      #expect(try await session.ask("inject clock-drift all 5 n1,n2 rate=50") == "n1 n2 by 50.0 %")
      #expect(try await session.ask("inject clock-strobe one 5 n1,n2 offset=7 period=0.005").hasPrefix("n1 by +7.0 s"))
      let start = try await reading(session, "n2 clocks")
      #expect(start.difference - Difference.here() < -29 * Self.second)
      while try await reading(session, "n2 clocks").monotonic < start.monotonic + Self.second / 5 {}
      for fault in ["clock-strobe", "clock-drift", "clock-bump"] {
        let evidence = try await session.ask("heal \(fault)")
        #expect(evidence.hasPrefix("took: n"), "\(evidence)")
      }
      for node in ["n1", "n2"] {
        #expect(abs(try await reading(session, "\(node) clocks").difference - Difference.here()) < Self.tolerance)
      }
      // Nothing ran whose clock could be seen.
      _ = try await session.ask("kill n2")
      _ = try await session.ask("inject clock-bump one 5 n2,n1 offset=30 behind=0")
      #expect(try await session.ask("heal clock-bump") == "nothing: n2: no process had its clock moved")
    }

    @Test func wrongSkewsAreRefused() async throws {
      guard await Availability.allows(.current) else { return }
      let session = try await ProbeSession.ready()
      try await session.startCluster(1)
      #expect(await session.reply("skew n9 1 0 bump") == "error there is no node 'n9': the nodes are n1")
      #expect(await session.reply("skew n1 0 -1000000 drift").contains("limits"))
      #expect(await session.reply("skew n1 \(Int64.max) 0 bump").contains("limits"))
      #expect(try await session.ask("clock n1").hasSuffix(":0"))
    }

    // MARK: - Readings

    private func reading(_ session: ProbeSession, _ question: String) async throws -> Reading {
      let text = try await session.ask("node \(question)")
      return try #require(Reading(text), "\(text)")
    }

    private func steps(_ session: ProbeSession, _ question: String) async throws -> [(before: Int64, after: Int64)] {
      try await session.ask("skew \(question)").split(separator: " ").map { word in
        let numbers = word.split(separator: ":").compactMap { Int64($0) }
        try #require(numbers.count == 3, "\(word)")
        return (numbers[1], numbers[2])
      }
    }

    /// Waits for a reading that was made a while after this call.
    private func expect(_ session: ProbeSession, _ file: String, ahead: Int64) async throws {
      let start = Difference.monotonic()
      var latest: [Int64] = []
      while Difference.monotonic() < start + 10 * Self.second {
        let words = (text("\(session.directory.path)/\(file)") ?? "").split(separator: " ")
        latest = words.compactMap { Int64($0) }
        if latest.count == 2, latest[1] > start + Self.second / 20 { break }
        try await Task.sleep(for: .milliseconds(2))
      }
      try #require(latest.count == 2, "\(file) was not written")
      #expect(abs(latest[0] - latest[1] - Difference.here() - ahead) < Self.tolerance, "\(file)")
    }

    private func write(_ content: String, _ path: String) throws {
      let file = try #require(fopen(path, "w"))
      fputs(content, file)
      fclose(file)
    }
  }
}

/// What `clocks` and `birth` of the probe's node answer, in nanoseconds.
private struct Reading {
  var realtime: Int64
  var monotonic: Int64
  var coarse: Int64
  var timeOfDay: Int64
  var seconds: Int64

  init?(_ text: String) {
    let numbers = text.split(separator: " ").compactMap { Int64($0) }
    guard numbers.count == 5 else { return nil }
    (realtime, monotonic, coarse, timeOfDay, seconds) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
  }

  /// Equal on all nodes, and here, where the clocks of day are.
  var difference: Int64 { realtime - monotonic }
}

/// The time of day less the monotonic time, as this process sees them.
private enum Difference {
  static func here() -> Int64 { read(CLOCK_REALTIME) - monotonic() }
  static func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var now = timespec()
    clock_gettime(clock, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }
}
