import Foundation
import RunStore
import Testing

/// Systems that need files, commands and other users before they can be broken.
@Suite struct PreparationRunTests {
  /// A plan around the example's server, which starts only where the setup was what the plan says.
  private func plan(_ system: String) throws -> String {
    let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let example = repository.appending(path: "Examples/toy-kv")
    var text = try String(contentsOf: example.appending(path: "toy-kv.yaml"), encoding: .utf8)
    let from = try #require(text.range(of: "  processes:"))
    let to = try #require(text.range(of: "  ready:"))
    text.replaceSubrange(from.lowerBound..<to.lowerBound, with: system)
    return text.replacingOccurrences(of: "TOY", with: example.appending(path: "toy_kv.py").path)
  }

  private func run(_ system: String) async throws -> (ended: Command.Ended, folder: Folder) {
    let folder = try Folder()
    try plan(system).write(toFile: folder.path + "/plan.yaml", atomically: true, encoding: .utf8)
    let ended = try await Command.run(["run", "plan.yaml", "--faults", "kill", "--time", "4s"], in: folder.path)
    return (ended, folder)
  }

  @Test func `files and steps come before the processes and after they are ready`() async throws {
    let (ended, folder) = try await run(
      """
        files:
          - {path: conf/where, content: "{{ node.address }}:{{ node.ports.http }}"}
        setup:
          - {run: [sh, -c, "echo {{ node.name }} >> order; mv conf/where here"], on: each}
          - {run: [sh, -c, "echo first >> order"], on: first, env: {A: b}}
          - {run: [sh, -c, "hostname >> order"], on: others, when: ready}
        processes:
          - command: [sh, -c, "exec python3 TOY --listen $(cat here)"]

      """)
    #expect(ended.exit == 0, "\(ended.output)\n\(ended.errors)")
    func order(_ node: String) throws -> [Substring] {
      try String(contentsOfFile: folder.latest + "/nodes/\(node)/data/order", encoding: .utf8).split(separator: "\n")
    }
    #expect(try order("n1") == ["n1", "first"])
    #expect(try order("n2") == ["n2", "n2"])
  }

  @Test func `a step that fails ends the run with what it said`() async throws {
    let (ended, _) = try await run(
      """
        setup:
          - {run: [sh, -c, "echo there is no license; exit 3"], on: first}
        processes: [{command: [/bin/true]}]

      """)
    #expect(ended.exit == 75)
    #expect(
      ended.errors.contains("node n1 was not set up: `/usr/bin/sh -c echo there is no license; exit 3` exited with 3"))
    #expect(ended.errors.contains("  there is no license"))
  }

  @Test func `a step that takes too long is killed`() async throws {
    let (ended, _) = try await run(
      """
        setup: [{run: [sleep, "600"], on: each, timeout: 200ms}]
        processes: [{command: [/bin/true]}]

      """)
    #expect(ended.exit == 75)
    #expect(ended.errors.contains("took longer than 0.2 s"), "\(ended.errors)")
  }

  @Test func `processes run as the user that the plan names`() async throws {
    let (ended, folder) = try await run(
      """
        setup: [{run: [sh, -c, "id -u > {{ node.dataDir }}/setup"], user: nobody}]
        processes:
          - command: [sh, -c, "id -u > who; exec python3 TOY --listen {{ node.address }}:{{ node.ports.http }}"]
            user: nobody

      """)
    guard getuid() == 0 else {
      #expect(ended.exit == 75 && ended.errors.contains("run as root, or leave `user` out"))
      return
    }
    #expect(ended.exit == 0, "\(ended.output)\n\(ended.errors)")
    let run = folder.latest
    for file in ["setup", "who"] {
      let user = try String(contentsOfFile: run + "/nodes/n1/data/\(file)", encoding: .utf8)
      #expect(user == "65534\n", "\(file)")
    }
  }
}
