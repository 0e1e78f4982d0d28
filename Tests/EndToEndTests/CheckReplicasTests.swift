import Foundation
import Histories
import Testing

/// `faultline check` on histories of replicated objects.
@Suite struct CheckReplicasTests {
  private func check(_ text: String, _ options: [String] = []) async throws -> Command.Ended {
    let folder = try Folder()
    try text.write(toFile: folder.path + "/h", atomically: true, encoding: .utf8)
    return try await Command.run(["check", "h"] + options, in: folder.path)
  }

  /// Two increments and two replicas, of which the second shows the value; JSON lines, a second apart.
  private static func counter(_ value: Int) -> String {
    let lines = [
      (0, "invoke", "increment", "5", "n1"), (0, "ok", "increment", "5", "n1"), (1, "invoke", "increment", "7", "n2"),
      (1, "info", "increment", "7", "n2"), (2, "invoke", "local-read", "null", "n1"),
      (2, "ok", "local-read", "12", "n1"), (2, "invoke", "local-read", "null", "n2"),
      (2, "ok", "local-read", "\(value)", "n2"),
    ]
    return lines.enumerated().map { second, line in
      #"{"process":\#(line.0),"type":"\#(line.1)","f":"\#(line.2)","value":\#(line.3),"node":"\#(line.4)","#
        + #""time":\#(second + 1)000000000}"# + "\n"
    }.joined()
  }

  @Test func `replicas that differ are found without being asked for`() async throws {
    let apart = try await check(Self.counter(5))
    #expect(apart.exit == 1 && apart.errors.contains("taken as crdt-g-counter"), "\(apart.output)\(apart.errors)")
    #expect(apart.output.contains("Replica n2 has 5, but n1 has 12"), "\(apart.output)")
    let equal = try await check(Self.counter(12))
    #expect(equal.exit == 0 && equal.output.contains("converges crdt-g-counter"), "\(equal.output)\(equal.errors)")
  }

  /// The last update ended after 3 s, the replicas were read after 4 and 6.
  @Test func `reads are final after the time that replicas may take`() async throws {
    for (time, exit) in [("1s", Int32(1)), ("2s", 2), ("1m", 2)] {
      let ended = try await check(Self.counter(5), ["--quiescence", time])
      #expect(ended.exit == exit, "\(time): \(ended.output)\(ended.errors)")
      #expect(ended.output.contains("quiescence-seconds"), "\(ended.output)")
    }
  }

  @Test func `what says nothing of the model is refused`() async throws {
    let ended = try await check(Self.counter(12), ["--visibility-timeout", "3s"])
    #expect(ended.exit == 64 && ended.errors.contains("--visibility-timeout"), "\(ended.errors)")
  }

  @Test func `two kinds of set are told apart by who asks`() async throws {
    let text =
      Self.counter(12).replacing("increment", with: "add").replacing("\"value\":12", with: "\"value\":[5,7]")
      + #"{"process":3,"type":"invoke","f":"remove","value":5,"time":9000000000}"# + "\n"
      + #"{"process":3,"type":"fail","f":"remove","value":5,"time":9000000001}"# + "\n"
    let open = try await check(text)
    #expect(open.exit == 64 && open.errors.contains("--model: crdt-2p-set, crdt-or-set"), "\(open.errors)")
    for model in ["crdt-2p-set", "crdt-or-set"] {
      #expect(try await check(text, ["--model", model]).exit == 0, "\(model)")
    }
  }
}
