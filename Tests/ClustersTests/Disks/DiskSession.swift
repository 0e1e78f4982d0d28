import Glibc
import Testing

/// A sandbox whose nodes have breakable disks, as a test speaks to it.
struct DiskSession {
  let session: ProbeSession

  /// Nil after printing why the test does not run.
  static func ready(_ count: Int = 1, as account: Account = .current, _ test: String = #function) async throws
    -> DiskSession?
  {
    guard await Availability.allows(account, test) else { return nil }
    let session = try await ProbeSession.ready(as: account)
    let setUp = session.setUp(count, program: "node \(session.marker)")
    _ = try await session.ask("setup-disks" + setUp.dropFirst("setup".count))
    let answer = try await session.ask("disk files n1")
    if answer.hasPrefix("no disks") {
      print("SKIPPED: \(test) as \(account.rawValue): \(answer)")
      return nil
    }
    let disk = DiskSession(session: session)
    for number in 1...count { try await disk.start("n\(number)") }
    return disk
  }

  func start(_ node: String = "n1") async throws {
    _ = try await session.ask("start \(node)")
    #expect(try await session.ask("node \(node) hostname") == node)
  }

  func path(_ name: String, _ node: String = "n1") -> String {
    "\(session.directory.path)/nodes/\(node)/data/\(name)"
  }

  /// A command about files, carried out by the node's own process.
  func file(_ command: String, _ node: String = "n1") async throws -> String {
    try await session.ask("node \(node) file \(command)")
  }

  /// All of them must say `ok`. Names after `@` are paths in the data directory.
  func files(_ commands: String..., node: String = "n1") async throws {
    for command in commands {
      let words = command.split(separator: " ").map {
        $0.hasPrefix("@") ? path(String($0.dropFirst()), node) : String($0)
      }
      #expect(try await file(words.joined(separator: " "), node) == "ok", "\(command)")
    }
  }

  func disk(_ command: String) async throws -> String { try await session.ask("disk \(command)") }

  /// Kills the node, takes back what it had not synced, and starts it again. Returns the losses.
  func losePower(_ torn: String = "") async throws -> String {
    _ = try await session.ask("kill n1")
    let losses = try await disk("lose n1 \(torn)")
    try await start()
    return losses
  }

  /// The whole content as the node reads it: `a*3 b*2`.
  func content(_ name: String) async throws -> String {
    #expect(try await file("open reader \(path(name))") == "ok")
    let bytes = try await file("read reader 0 1000000")
    _ = try await file("close reader")
    return bytes
  }
}
