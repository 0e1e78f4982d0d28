import Foundation
import Histories
import RunStore
import Testing

/// Monotonic clocks that begin anew, as programs read them.
@Suite struct RebootRunTests {
  @Test func `a program that starts after a reboot finds a machine that was just booted`() async throws {
    let folder = try Folder()
    let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Examples/toy-kv")
    let command =
      "python3 -c 'import time; print(time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME))' >> clocks; "
      + "exec python3 \(example.path)/toy_kv.py --listen {{ node.address }}:{{ node.ports.http }}"
    let plan = try String(contentsOf: example.appending(path: "toy-kv.yaml"), encoding: .utf8)
      .replacingOccurrences(
        of: #"[/usr/bin/env, python3, toy_kv.py, --listen, "{{ node.address }}:{{ node.ports.http }}"]"#,
        with: "[sh, -c, \"\(command)\"]"
      ).replacingOccurrences(of: "workdir: .  ", with: "")
    try plan.write(toFile: folder.path + "/plan.yaml", atomically: true, encoding: .utf8)
    let ended = try await Command.run(
      ["run", "plan.yaml", "--faults", "reboot:targets=all,uptime=3s,every=2s,hold=500ms", "--time", "6s"],
      in: folder.path)
    #expect(ended.exit == 0, "\(ended.output)\n\(ended.errors)")
    let readings = try folder.text("nodes/n1/data/clocks").split(separator: "\n").map { line in
      line.split(separator: " ").compactMap { Double($0) }
    }
    #expect(readings.count >= 2, "\(readings)")
    for reading in readings.dropFirst() {
      // Some seconds are for a busy machine to start Python in.
      for clock in reading { #expect((3..<33).contains(clock), "\(readings)") }
    }
    let proofs = try folder.results().faults.compactMap(\.evidence)
    #expect(!proofs.isEmpty && proofs.allSatisfy { $0.took && $0.summary.contains("and is 3.") }, "\(proofs)")
  }
}
