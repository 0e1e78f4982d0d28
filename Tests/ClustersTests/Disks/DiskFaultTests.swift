import Testing

extension SandboxTests {
  /// Each fault of the catalogue on a real disk: what it does to a file, and its own evidence.
  @Suite struct DiskFaults {
    @Test(
      arguments: [
        ("disk-lose-unsynced", "", "s*5000"), ("disk-torn-write", "shape=prefix sector=512", nil),
        ("disk-bitflip", "files=a count=3", nil), ("disk-truncate", "files=a cut=1000", "s*4000"),
        ("disk-restore", "", "s*5000"), ("disk-errors", "percent=50 operations=all", "s*5000 u*3000"),
        ("disk-errors", "percent=20 operations=reads", "s*5000 u*3000"), ("disk-full", "", "s*5000 u*3000"),
        ("disk-slow", "delay=0.2 operations=syncs", "s*5000 u*3000"),
        ("disk-slow", "delay=0.2 operations=writes", "s*5000 u*3000"),
      ] as [(String, String, String?)])
    func takesEffectAndProvesIt(_ fault: String, _ parameters: String, _ content: String?) async throws {
      guard let disk = try await DiskSession.ready() else { return }
      try await disk.files("open a @a", "append a 5000 s", "fsync a")
      // Of these two the power decides, and what cuts or goes back does so before they are written.
      let writesFirst = !["disk-restore", "disk-truncate"].contains(fault)
      if writesFirst { try await disk.files("append a 3000 u") }
      #expect(try await disk.session.ask("inject \(fault) one 1 n1 \(parameters)") == "n1")
      if fault == "disk-restore" { try await disk.files("append a 3000 u", "fsync a") }
      let evidence = try await disk.session.ask("heal \(fault)")
      #expect(evidence.hasPrefix("took: "), "\(evidence)")
      #expect(try await disk.session.ask("node n1 hostname") == "n1")
      let found = try await disk.content("a")
      if let content { #expect(found == content) } else { #expect(found != "s*5000 u*3000") }
    }

    /// A directory that is no layer any more, because somebody unmounted it behind our back: no evidence.
    @Test func nothingIsProvedWithoutTheLayer() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      _ = try await disk.disk("take-away n1")
      for fault in ["disk-full", "disk-slow delay=0.2 operations=syncs", "disk-errors percent=90 operations=all"] {
        let words = fault.split(separator: " ", maxSplits: 1).map(String.init)
        _ = try await disk.session.ask("inject \(words[0]) one 1 n1 \(words.dropFirst().joined())")
        let evidence = try await disk.session.ask("heal \(words[0])")
        #expect(evidence.hasPrefix("nothing: "), "\(evidence)")
      }
    }
  }
}
