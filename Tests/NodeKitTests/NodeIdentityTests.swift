import Testing

@testable import NodeKit

/// Whose data a directory is.
@Suite struct NodeIdentityTests {
  private let owner = NodeIdentity(system: "paxos-log", id: 2)

  @Test func aDirectoryWithoutAnOwnerIsClaimedOnce() throws {
    let directory = try TemporaryDirectory()
    let file = SnapshotFile(directory: directory.path, name: "identity")
    try owner.check(file, of: directory.path)
    #expect(try !file.exists(), "to look is not to claim")
    try owner.claim(file)
    #expect(try directory.read("identity") == Array("paxos-log node 2\n".utf8))
    try owner.check(file, of: directory.path)
    try owner.claim(file)
    #expect(try directory.read("identity") == Array("paxos-log node 2\n".utf8))
  }

  @Test(arguments: [("paxos-log", 1), ("paxos-log", 22), ("dynamo-ring", 2)])
  func anotherServersDataIsRefused(system: String, id: UInt32) throws {
    let directory = try TemporaryDirectory()
    let file = SnapshotFile(directory: directory.path, name: "identity")
    try owner.claim(file)
    let error = #expect(throws: ForeignData.self) {
      try NodeIdentity(system: system, id: id).check(file, of: directory.path)
    }
    let expected = "\(directory.path) belongs to paxos-log node 2, this is \(system) node \(id): "
    #expect(error?.description.hasPrefix(expected) == true)
  }

  @Test(arguments: ["", "\n", "paxos-log node 2", "paxos-log\u{7} node 2\n", "\0\0\0\0", "something\n"])
  func aDamagedIdentityIsRefusedAndLeftAsItIs(contents: String) throws {
    let directory = try TemporaryDirectory()
    try directory.write(Array(contents.utf8), to: "identity")
    let file = SnapshotFile(directory: directory.path, name: "identity")
    #expect(throws: IdentityDamaged.self) { try owner.check(file, of: directory.path) }
    #expect(try directory.read("identity") == Array(contents.utf8))
  }
}
