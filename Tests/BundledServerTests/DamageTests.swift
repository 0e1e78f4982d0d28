import Foundation
import ServerTestKit
import Testing

/// What every bundled server keeps when it is killed, and what it says when its data is damaged.
@Suite(.timeLimit(.minutes(5))) struct DamageTests {
  @Test(arguments: BundledSystem.all) func acknowledgedWritesSurviveKillNine(system: BundledSystem) async throws {
    let lone = try await LoneServer.killed(system, writes: 0..<20)
    try await lone.cluster.startAll()
    try await lone.expectValues(0..<20)
  }

  /// What a crash cannot have done: one byte of a record is wrong, and records follow.
  @Test(arguments: BundledSystem.all)
  func aDamagedMiddleOfTheLogIsRefusedAndLeftAsItIs(system: BundledSystem) async throws {
    let lone = try await LoneServer.killed(system, writes: 0..<8)
    let wal = URL(fileURLWithPath: lone.server.walPath)
    var bytes = try Data(contentsOf: wal)
    bytes[bytes.count / 2] ^= 0x40
    try bytes.write(to: wal)
    let (exit, log) = try await lone.failure()
    #expect(exit == 1)
    #expect(log.contains("cannot start: \(lone.server.walPath) is corrupt at byte"))
    #expect(log.contains("a damaged record is followed by a valid one"))
    #expect(log.contains("Starting would lose acknowledged data. Restore the file as it was when the "))
    #expect(log.contains("join as a new one") == (system.program == "raft-kv"), "others must not forget what they said")
    #expect(try Data(contentsOf: wal) == bytes)
  }

  @Test(arguments: BundledSystem.all) func aFileThatIsNoLogIsRefused(system: BundledSystem) async throws {
    let lone = try await LoneServer.killed(system, writes: 0..<1)
    try Data("something else entirely".utf8).write(to: URL(fileURLWithPath: lone.server.walPath))
    let (exit, log) = try await lone.failure()
    #expect(exit == 1)
    #expect(log.contains("it is not a write-ahead log"))
  }

  /// What a crash does: the last record is incomplete. Nothing acknowledged was in it.
  @Test(arguments: BundledSystem.all) func aTornTailIsCutOffAndTheServerGoesOn(system: BundledSystem) async throws {
    let lone = try await LoneServer.killed(system, writes: 0..<5)
    let wal = URL(fileURLWithPath: lone.server.walPath)
    let whole = try Data(contentsOf: wal)
    let torn = Data("NKR1".utf8) + Data([200, 0, 0, 0, 1, 2, 3, 4]) + Data(repeating: 7, count: 50)
    try (whole + torn).write(to: wal)
    try await lone.cluster.startAll()
    #expect(try lone.server.log().contains("cut a torn record off the write-ahead log"))
    try await lone.expectValues(0..<5)
    try await lone.write(5..<6)
    await lone.server.crash()
    try await lone.cluster.startAll()
    #expect(try !lone.server.log().contains("torn record"))
    try await lone.expectValues(0..<6)
  }

  @Test(arguments: BundledSystem.all) func aDamagedSnapshotIsARefusalToStart(system: BundledSystem) async throws {
    let lone = try LoneServer(system, flags: system.snapshotFlags)
    try await lone.cluster.startAll()
    try await lone.write(0..<system.snapshotWrites)
    let path = lone.server.data + "/snapshot"
    _ = try await eventually("there is a snapshot") { FileManager.default.fileExists(atPath: path) ? true : nil }
    await lone.server.crash()
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count / 2] ^= 4
    try bytes.write(to: URL(fileURLWithPath: path))
    let (exit, log) = try await lone.failure()
    #expect(exit == 1)
    #expect(log.contains("snapshot is damaged"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes, "a refusal must not touch the evidence")
  }

  /// nil: the log is gone; else so much of it is left.
  @Test(arguments: BundledSystem.all, [nil, 0, 7])
  func aLostLogBesideASnapshotIsARefusalToStart(system: BundledSystem, bytes: Int?) async throws {
    let lone = try LoneServer(system, flags: system.snapshotFlags)
    try await lone.cluster.startAll()
    try await lone.write(0..<system.snapshotWrites)
    let path = lone.server.data + "/snapshot"
    _ = try await eventually("there is a snapshot") { FileManager.default.fileExists(atPath: path) ? true : nil }
    await lone.server.crash()
    let wal = URL(fileURLWithPath: lone.server.walPath)
    let left = try bytes.map { try Data(contentsOf: wal).prefix($0) }
    try FileManager.default.removeItem(at: wal)
    try left?.write(to: wal)
    let (exit, log) = try await lone.failure()
    #expect(exit == 1)
    #expect(log.contains("cannot start: \(lone.server.walPath) \(bytes.map { "has \($0) bytes" } ?? "is missing")"))
    #expect(FileManager.default.fileExists(atPath: wal.path) == (bytes != nil), "a refusal must not touch the evidence")
  }

  @Test(arguments: BundledSystem.all) func aServerRestartsFromItsSnapshot(system: BundledSystem) async throws {
    let lone = try LoneServer(system, flags: system.snapshotFlags)
    try await lone.cluster.startAll()
    try await lone.write(0..<system.snapshotWrites)
    let path = lone.server.data + "/snapshot"
    _ = try await eventually("there is a snapshot") { FileManager.default.fileExists(atPath: path) ? true : nil }
    for round in 0..<2 {
      await lone.server.crash()
      try await lone.cluster.startAll()
      try await lone.expectValues(0..<system.snapshotWrites + round)
      try await lone.write(system.snapshotWrites + round..<system.snapshotWrites + round + 1)
    }
  }
}
