import Foundation
import Histories
import RunStore
import Testing

/// Docs/results.md describes every field of `faultline check --output json`, and no field that is not there.
@Suite struct CheckDocumentTests {
  private static let schemas = (
    document: "faultline check --output json", counterexample: "counterexamples/&lt;n&gt;.json", isolation: "isolation"
  )
  /// Fields whose values are the history's own: what is inside them is nobody's schema.
  private static let values: Set<String> = [
    "key", "initialStates", "input", "output", "initial", "state", "processNames",
  ]

  private static func event(_ process: Int, _ type: String, _ f: String, _ value: String, node: String = "n1") -> String
  {
    "{\"process\":\(process),\"type\":\"\(type)\",\"f\":\"\(f)\",\"value\":\(value),\"node\":\"\(node)\"}\n"
  }

  /// A key that is broken, with an operation that never returned; a line that lenient reading leaves out.
  private static let keyed =
    event(2, "invoke", "write", "[1,9]") + event(0, "invoke", "write", "[1,1]") + event(0, "ok", "write", "[1,1]")
    + event(1, "invoke", "read", "[1,null]") + event(1, "ok", "read", "[1,9]")
    + event(1, "invoke", "read", "[1,null]") + event(1, "ok", "read", "[1,1]")
    + event(1, "invoke", "read", "[1,null]") + event(1, "ok", "read", "[1,9]") + "{\"process\":1,"
  /// A read of what was overwritten: no matter what was before.
  private static let stale =
    event(0, "invoke", "write", "1") + event(0, "ok", "write", "1") + event(0, "invoke", "write", "2")
    + event(0, "ok", "write", "2") + event(1, "invoke", "read", "null") + event(1, "ok", "read", "1")
  /// A read of what nobody wrote, whatever was before.
  private static let thinAir = event(0, "invoke", "read", "null") + event(0, "ok", "read", "7")

  /// The answer is stamped before the question.
  private static let falls = """
    {"process":0,"type":"invoke","f":"read","value":null,"time":5}
    {"process":0,"type":"ok","f":"read","value":null,"time":3}

    """

  /// A read of a failed append; a list that two reads saw differently, with an append that nobody saw.
  private static let transactions =
    event(0, "invoke", "txn", #"[["append",1,1],["r",2,null]]"#)
    + event(1, "invoke", "txn", #"[["append",2,1],["r",1,null]]"#)
    + event(0, "ok", "txn", #"[["append",1,1],["r",2,[]]]"#) + event(1, "ok", "txn", #"[["append",2,1],["r",1,[]]]"#)
    + event(2, "invoke", "txn", #"[["append",3,1]]"#) + event(2, "fail", "txn", #"[["append",3,1]]"#)
    + event(3, "invoke", "txn", #"[["r",3,null]]"#) + event(3, "ok", "txn", #"[["r",3,[1]]]"#)
    + event(4, "invoke", "txn", #"[["append",4,1]]"#) + event(5, "invoke", "txn", #"[["append",4,2]]"#)
    + event(6, "invoke", "txn", #"[["r",4,null]]"#) + event(6, "ok", "txn", #"[["r",4,[1]]]"#)
  /// Nothing is known of sessions and real time, so that some levels are undecided.
  private static let anonymous = #"{"type":"ok","value":[["append",1,1]]}"# + "\n"

  /// A read that misses what was added long before; a later one has it.
  private static let late =
    event(0, "invoke", "add", "1") + event(0, "ok", "add", "1") + event(1, "invoke", "read", "null")
    + event(1, "ok", "read", "[]") + event(1, "invoke", "read", "null") + event(1, "ok", "read", "[1]")

  private static let named = """
    {"process":"alice","type":"invoke","f":"write","value":1}
    {"process":"alice","type":"ok","f":"write","value":1}

    """

  @Test func `the document and its description have the same fields`() async throws {
    let folder = try Folder()
    let files = [
      ("keyed", Self.keyed), ("stale", Self.stale), ("thin-air", Self.thinAir), ("falls", Self.falls),
      ("transactions", Self.transactions), ("anonymous", Self.anonymous), ("late", Self.late), ("named", Self.named),
      ("bad", "no history\n"),
    ]
    for (name, text) in files {
      try text.write(toFile: folder.path + "/" + name, atomically: true, encoding: .utf8)
    }
    let made = try await Command.run(
      [
        "generate", "--ops", "400", "--clients", "20", "--crashed", "20", "--seed", "2", "--violation", "--output",
        "hard",
      ],
      in: folder.path)
    #expect(made.exit == 0, "\(made.errors)")
    try folder.storeRun(
      "run", history: Folder.register(reading: "1"), claims: [("linearizable", "valid"), ("no-panic", "valid")],
      seen: [], minimums: [Minimum(name: "evidence{fault=kill}", wanted: 1, got: 0, hint: "why")])
    var seen = Fields()
    for (options, exit) in [
      (["--lenient", "--model", "register", "keyed", "stale", "thin-air", "falls", "named", "bad"], Int32(1)),
      (["--model", "cas-register", "--time-budget", "1ms", "hard"], 2),
      (["--claim", "sequential", "--model", "register", "thin-air"], 1), (["transactions", "anonymous"], 1),
      (["--model", "set-full", "late"], 0), (["run"], 1),
    ] {
      let ended = try await Command.run(["check", "--output", "json"] + options, in: folder.path)
      #expect(ended.exit == exit, "\(ended.output)\(ended.errors)")
      seen.collect(try JSONDecoder().decode(Value.self, from: Data(ended.output.utf8)), at: "")
    }
    let documented = Set(try Self.documented(Self.schemas.document).map(Self.ofFile))
    let drawn = try Self.documented(Self.schemas.counterexample)
    let levels = try Self.documented(Self.schemas.isolation)
    let inside = Set(drawn.map { "files[].counterexamples[]." + $0 } + levels.map { "files[].isolation." + $0 })
    let found = Set(seen.paths.map(Self.ofFile))
    #expect(found.subtracting(documented.union(inside)).sorted() == [], "not in Docs/results.md")
    #expect(documented.union(inside).subtracting(found).sorted() == [], "in Docs/results.md, but in no output")
  }

  /// What a run's claims have in common with a file of one claim is described there, once.
  private static func ofFile(_ path: String) -> String {
    let shared = ["reason", "findings[]", "counterexamples[]", "isolation", "notices", "statistics[]"]
    let inside = path.dropFirst(path.hasPrefix("files[].claims[].") ? "files[].claims[].".count : path.count)
    return shared.contains { inside == $0 || inside.hasPrefix($0 + ".") } ? "files[]." + inside : path
  }

  /// The fields named in the first column of the table under this heading.
  private static func documented(_ heading: String) throws -> Set<String> {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "Docs/results.md"), encoding: .utf8)
    let section = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix(heading) })
    let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let fields = rows.flatMap { $0.split(separator: "|")[0].split(separator: ",") }
    return Set(fields.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) })
  }

  /// Paths such as `files[].findings[].anomaly` of all that a document holds.
  private struct Fields {
    var paths: Set<String> = []

    mutating func collect(_ value: Value, at path: String) {
      if let map = value.map {
        for (name, value) in map { collect(name, value, under: path) }
      }
      for element in value.list ?? [] { collect(element, at: path) }
    }

    private mutating func collect(_ name: String, _ value: Value, under path: String) {
      // A list of objects is written with brackets; one of numbers, texts or values is a field like any other.
      let holdsObjects = !CheckDocumentTests.values.contains(name) && (value.list?.contains { $0.map != nil } ?? false)
      let field = (path.isEmpty ? "" : path + ".") + name + (holdsObjects ? "[]" : "")
      // An empty list does not tell what it would hold.
      if value.list?.isEmpty != true { paths.insert(field) }
      if !CheckDocumentTests.values.contains(name) { collect(value, at: field) }
    }
  }
}
