import Clusters
import Foundation
import Systems

/// What happens to the nodes before and after the processes of the system start for the first time: `system.files`
/// and `system.setup`.
struct SystemPreparation: Sendable {
  let cluster: Sandbox
  let files: [NodeFile]
  let beforeStart: [SetupRound]
  let whenReady: [SetupRound]
  let log: RunLog

  init(_ launcher: SystemLauncher, _ nodes: [Node], _ cluster: Sandbox, _ log: RunLog) throws {
    self.cluster = cluster
    self.log = log
    files = try launcher.files(nodes)
    beforeStart = try launcher.setup(.start, nodes)
    whenReady = try launcher.setup(.ready, nodes)
  }

  /// A step of the setup that did not end with 0.
  struct Failure: Error {
    var node: String
    var problem: String
  }

  func makeFiles() throws {
    for file in files { try cluster.write(file) }
    if !files.isEmpty { log.note("\(files.count) files made") }
  }

  /// One round after the other.
  func run(_ rounds: [SetupRound]) async throws {
    for round in rounds {
      if round.isSideBySide {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for command in round.commands { group.addTask { try await run(command, round.timeoutSeconds) } }
          try await group.waitForAll()
        }
      } else {
        for command in round.commands { try await run(command, round.timeoutSeconds) }
      }
    }
  }

  private func run(_ command: SetupCommand, _ timeoutSeconds: Double) async throws {
    let text = ([command.process.executable] + command.process.arguments).joined(separator: " ")
    log.note("\(command.node): setup \(text)")
    let end = try await cluster.run(command.process, on: command.node, withinSeconds: timeoutSeconds)
    guard let end else {
      throw Failure(node: command.node, problem: "was not set up: `\(text)` took longer than \(timeoutSeconds) s")
    }
    guard end.code == 0 else {
      let how = end.signal.map { "was ended by signal \($0)" } ?? "exited with \(end.code ?? -1)"
      throw Failure(node: command.node, problem: "was not set up: `\(text)` \(how)")
    }
  }
}

/// Whether the users that a system's processes run as can do their work here.
struct UserCheck: Sendable {
  /// User numbers that exist in this namespace: first and count, as `/proc/self/uid_map` has them.
  let mapped: [(first: UInt32, count: UInt32)]
  /// Owner, group and permission bits of a folder; nil where there is none.
  let folder: @Sendable (String) -> (user: UInt32, group: UInt32, mode: UInt32)?

  /// A sentence with what to do, or nil where nothing is wrong.
  func problem(_ user: ProcessUser, reaching directory: String) -> String? {
    guard mapped.contains(where: { $0.first <= user.id && user.id - $0.first < $0.count }) else {
      return "the plan wants processes of user \(user.id), and the sandbox of an ordinary user has no other users: "
        + "run as root, or leave `user` out"
    }
    guard user.id != 0 else { return nil }
    var path = ""
    for part in directory.split(separator: "/") {
      path += "/\(part)"
      guard let folder = folder(path) else { return nil }
      let shift: UInt32 = folder.user == user.id ? 6 : folder.group == user.group ? 3 : 0
      guard folder.mode >> shift & 1 == 1 else {
        return "user \(user.id), as whom the plan runs processes, may not enter \(path), where the run directory is: "
          + "`chmod o+x \(path)`, or choose another place with --store"
      }
    }
    return nil
  }
}

extension UserCheck {
  /// Of this process.
  static func here() -> UserCheck {
    let text = (try? String(contentsOfFile: "/proc/self/uid_map", encoding: .utf8)) ?? ""
    let mapped = text.split(separator: "\n").compactMap { line -> (first: UInt32, count: UInt32)? in
      let numbers = line.split(separator: " ").compactMap { UInt32($0) }
      return numbers.count == 3 ? (numbers[0], numbers[2]) : nil
    }
    return UserCheck(mapped: mapped) { path in
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      return (status.st_uid, status.st_gid, status.st_mode)
    }
  }
}
