import Clusters
import Testing

@testable import Runs

@Suite struct UserCheckTests {
  private func check(_ modes: [String: UInt32], mapped: UInt32 = 65_536) -> UserCheck {
    UserCheck(mapped: [(0, mapped)]) { path in modes[path].map { (user: 7, group: 8, mode: $0) } }
  }

  @Test(arguments: [
    (1, 1, 0o711, true), (1, 1, 0o710, false), (1, 8, 0o710, true), (1, 8, 0o701, false), (7, 1, 0o700, true),
    (7, 8, 0o077, false),
  ])
  func `who may enter a folder is its owner, its group or anybody`(
    _ user: Int, _ group: Int, _ mode: Int, _ isAllowed: Bool
  ) {
    let check = check(["/a": 0o755, "/a/b": UInt32(mode)])
    let problem = check.problem(ProcessUser(id: UInt32(user), group: UInt32(group)), reaching: "/a/b/c")
    #expect((problem == nil) == isAllowed)
    if let problem { #expect(problem.contains("may not enter /a/b,")) }
  }

  @Test func `root enters everything`() {
    #expect(check(["/a": 0]).problem(ProcessUser(id: 0, group: 0), reaching: "/a") == nil)
  }

  @Test func `an ordinary user's sandbox has one user`() throws {
    let problem = try #require(check([:], mapped: 1).problem(ProcessUser(id: 1, group: 1), reaching: "/a"))
    #expect(problem.contains("run as root"))
  }
}
