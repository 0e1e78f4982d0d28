import Glibc
import Testing

extension SandboxTests {
  /// What survives a power failure, seen by a program that reads its files again.
  @Suite struct DiskLoss {
    @Test(arguments: Account.allCases)
    func syncedBytesStayAndTheOthersGo(_ account: Account) async throws {
      guard let disk = try await DiskSession.ready(as: account) else { return }
      try await disk.files(
        "open a @a", "write a 0 5000 s", "fsync a", "write a 100 10000 u", "open b @b", "append b 700 u",
        "open c @c", "append c 700 s", "fdatasync c")
      #expect(try await disk.disk("files n1") == "a:10100 b:700 c:700")
      #expect(try await disk.losePower() == "a:10000:0:10100>5000 b:700:0:700>0")
      #expect(try await disk.content("a") == "s*5000")
      #expect(try await disk.content("b") == "")
      #expect(try await disk.content("c") == "s*700")
      // Nothing is lost twice.
      #expect(try await disk.losePower() == "")
    }

    /// Why the fault is needed: a process's death alone loses nothing that it wrote.
    @Test func killAloneLosesNothing() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      try await disk.files("open a @a", "append a 5000 u")
      _ = try await disk.session.ask("kill n1")
      try await disk.start()
      #expect(try await disk.content("a") == "u*5000")
      // It is still not durable: a power failure later takes it.
      #expect(try await disk.losePower() == "a:5000:0:5000>0")
    }

    @Test func namesStayAndContentGoes() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      try await disk.files(
        "open old @old", "append old 10 o", "fsync old", "open new @new", "append new 20 n", "rename @new @old",
        "mkdir @d", "open deep @d/deep", "append deep 5 d", "fsync deep", "link @d/deep @twin", "append deep 5 u",
        "open gone @gone", "append gone 9 g", "fsync gone", "unlink @gone")
      _ = try await disk.losePower()
      #expect(try await disk.content("old") == "", "renamed without an fsync: there, and empty")
      #expect(try await disk.content("twin") == "d*5")
      #expect(try await disk.content("d/deep") == "d*5")
      #expect(try await disk.file("exists \(disk.path("gone"))") == "no")
      #expect(try await disk.file("exists \(disk.path("new"))") == "no")
    }

    @Test func twoHandlesAppendsAndSyncedOpens() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      try await disk.files(
        "open a @a append", "open b @a append", "append a 10 a", "append b 10 b", "append a 10 c", "fsync b",
        "append a 10 u", "open s @s sync", "append s 100 s", "open d @d direct", "write d 0 4096 d",
        "open e @e direct", "write e 0 4096 e", "fsync e")
      #expect(try await disk.file("size b") == "40")
      _ = try await disk.losePower()
      #expect(try await disk.content("a") == "a*10 b*10 c*10")
      #expect(try await disk.content("s") == "s*100")
      #expect(try await disk.content("d") == "", "O_DIRECT is no fsync")
      #expect(try await disk.content("e") == "e*4096")
    }

    @Test func sharedMapsAreSyncedByMsync() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      try await disk.files(
        "open a @a", "truncate a 12288", "fsync a", "map a 12288", "poke a 0 4096 m", "msync a", "poke a 4096 4096 u")
      #expect(try await disk.file("read a 4096 4096") == "u*4096", "the map and the file are one")
      _ = try await disk.losePower()
      #expect(try await disk.content("a") == "m*4096 0*8192")
    }

    @Test func truncationsAndHolesAreTakenBack() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      try await disk.files(
        "open a @a", "append a 10000 s", "fsync a", "truncate a 3", "truncate a 9000", "append a 1 u", "open b @b",
        "append b 9000 s", "fsync b", "allocate b 4096 4096 3", "open c @c", "allocate c 0 8192 0", "append c 5 c",
        "fsync c", "open t @a truncate")
      #expect(try await disk.file("size c") == "8192")
      #expect(try await disk.file("read b 4090 10") == "s*6 0*4")
      #expect(try await disk.losePower() == "a:10000:0:0>10000 b:4096:0:9000>9000")
      #expect(try await disk.content("a") == "s*10000")
      #expect(try await disk.content("b") == "s*9000")
      #expect(try await disk.content("c") == "c*5 0*8187")
    }

    @Test func unlinkedFilesWorkWhileTheyAreOpen() async throws {
      guard let disk = try await DiskSession.ready() else { return }
      try await disk.files("open a @a", "append a 10 a", "unlink @a", "append a 10 b", "fsync a")
      #expect(try await disk.file("read a 0 100") == "a*10 b*10")
      #expect(try await disk.file("size a") == "20")
      // The name is free for another file, whose content is its own.
      try await disk.files("open new @a exclusive", "append new 3 n", "fsync new")
      #expect(try await disk.file("size a") == "20")
      #expect(try await disk.losePower() == "")
      #expect(try await disk.content("a") == "n*3")
    }

    @Test(arguments: [512, 4096]) func tornWriteLeavesSomeSectors(_ sector: Int) async throws {
      guard let disk = try await DiskSession.ready() else { return }
      var patterns: Set<String> = []
      for seed in 1...4 {
        let name = "f\(seed)"
        try await disk.files(
          "open a @\(name)", "append a 100 s", "fsync a", "write a 0 40 x", "append a \(sector * 8) u", "close a")
        _ = try await disk.losePower("sectors \(sector) \(seed)")
        let content = try await disk.content(name)
        patterns.insert(content)
        // What was written before the last write is lost, too, and never seen.
        #expect(content.hasPrefix("s*100") && content.contains("u") && !content.contains("x"), "\(content)")
        let kept = content.split(separator: " ").filter { $0.hasPrefix("u*") }.compactMap { Int($0.dropFirst(2)) }
        #expect((1..<sector * 8).contains(kept.reduce(0, +)), "\(content)")
        // Borders between kept and lost lie on sectors; the write itself began at byte 100.
        var offset = 0
        for run in content.split(separator: " ") {
          let count = Int(run.dropFirst(2)) ?? 0
          if run.hasPrefix("u*") {
            #expect(offset == 100 || offset % sector == 0, "\(content)")
            #expect((offset + count) % sector == 0 || offset + count == 100 + sector * 8, "\(content)")
          }
          offset += count
        }
      }
      #expect(patterns.count > 1)
    }
  }
}
