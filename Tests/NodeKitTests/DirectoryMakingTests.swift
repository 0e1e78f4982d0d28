import Glibc
import Testing

@testable import NodeKit

/// Directories that a server is told to keep its data in, and that are not there yet.
@Suite struct DirectoryMakingTests {
  @Test func missingDirectoriesAreMade() throws {
    let directory = try TemporaryDirectory()
    _ = try POSIXFile(path: directory.path + "/a/b/c/wal")
    #expect(try POSIXFile.exists(directory.path + "/a/b/c/wal"))
    unlink(directory.path + "/a/b/c/wal")
    for path in ["/a/b/c", "/a/b", "/a"] { rmdir(directory.path + path) }
  }

  @Test func aPlaceWhereNothingCanBeMadeIsAnError() throws {
    let error = #expect(throws: FileError.self) { _ = try POSIXFile(path: "/proc/no-such-thing/n1/wal") }
    #expect(error?.description.hasPrefix("mkdir /proc/no-such-thing: ") == true)
  }

  @Test func aDirectoryBehindALinkToNothingIsAnError() throws {
    let directory = try TemporaryDirectory()
    let link = directory.path + "/link"
    try #require(symlink(directory.path + "/nothing", link) == 0)
    defer { unlink(link) }
    let error = #expect(throws: FileError.self) { _ = try POSIXFile(path: link + "/n1/wal") }
    #expect(error?.description == "mkdir \(link)/n1: No such file or directory")
  }
}
