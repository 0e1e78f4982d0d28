import Glibc
import Testing

extension SandboxTests {
  /// A real system, in a language whose programs need no C library, on the layer: Debian's `etcd-server`.
  @Suite struct EtcdDisk {
    private static let program = "/usr/bin/etcd"
    private static let writes = 200

    private func ready(_ options: String) async throws -> ProbeSession? {
      guard access(Self.program, X_OK) == 0 else {
        print("SKIPPED: etcd on the layer: \(Self.program) is not installed")
        return nil
      }
      guard await Availability.allows(.current) else { return nil }
      let session = try await ProbeSession.ready()
      let directory = session.directory.path
      let urls = "http://198.18.0.11:2379"
      _ = try await session.ask(
        "setup-disks \(directory) 1 auto \(Self.program) --data-dir \(directory)/nodes/n1/data/etcd --enable-v2 "
          + "--listen-client-urls \(urls) --advertise-client-urls \(urls) --listen-peer-urls http://127.0.0.1:2380 \(options)"
      )
      return session
    }

    /// Starts it; false when it has not answered in time, or has ended.
    private func start(_ session: ProbeSession, withinSeconds seconds: Int = 20) async throws -> Bool {
      _ = try await session.ask("start n1")
      let deadline = ContinuousClock.now + .seconds(seconds)
      while ContinuousClock.now < deadline {
        if try await session.ask("http GET n1 2379 /health").contains("true") { return true }
        guard try await session.ask("state n1").hasPrefix("running") else { return false }
        try await Task.sleep(for: .milliseconds(50))
      }
      return false
    }

    private func write(_ session: ProbeSession) async throws {
      for number in 0..<Self.writes {
        let answer = try await session.ask("http PUT n1 2379 /v2/keys/k\(number) value=v\(number)")
        #expect(answer.hasPrefix("201") || answer.hasPrefix("200"), "\(answer)")
      }
    }

    private func kept(_ session: ProbeSession) async throws -> Int {
      let all = try await session.ask("http GET n1 2379 /v2/keys/?recursive=true")
      return (0..<Self.writes).count { all.contains("\"value\":\"v\($0)\"") }
    }

    @Test func keepsEveryAcknowledgedWrite() async throws {
      guard let session = try await ready("") else { return }
      #expect(try await start(session))
      try await write(session)
      for _ in 0..<2 {
        _ = try await session.ask("kill n1")
        _ = try await session.ask("disk lose n1")
        #expect(try await start(session))
        #expect(try await kept(session) == Self.writes)
      }
    }

    /// The fault bites: told not to sync, it loses what it had acknowledged, or does not start again.
    @Test func losesThemWithoutFsync() async throws {
      guard let session = try await ready("--unsafe-no-fsync") else { return }
      #expect(try await start(session))
      try await write(session)
      _ = try await session.ask("kill n1")
      #expect(try await session.ask("disk lose n1") != "")
      let isUp = try await start(session, withinSeconds: 5)
      if isUp { #expect(try await kept(session) < Self.writes) }
    }

    /// A kill alone shows nothing of it.
    @Test func killAloneShowsNoMissingFsync() async throws {
      guard let session = try await ready("--unsafe-no-fsync") else { return }
      #expect(try await start(session))
      try await write(session)
      _ = try await session.ask("kill n1")
      #expect(try await start(session))
      #expect(try await kept(session) == Self.writes)
    }
  }
}
