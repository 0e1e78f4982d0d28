import Foundation
import Testing

/// `faultline check` on transactions and on workloads with an invariant, and `faultline generate` of such.
@Suite struct CheckModelsTests {
  private func folder(_ files: [String: String] = [:]) throws -> Folder {
    let folder = try Folder()
    for (name, text) in files {
      try text.write(toFile: folder.path + "/" + name, atomically: true, encoding: .utf8)
    }
    return folder
  }

  /// Write skew: each transaction misses the append of the other.
  private static let skew = """
    {:process 0 :type :invoke :f :txn :value [[:r 1 nil] [:append 2 1]]}
    {:process 1 :type :invoke :f :txn :value [[:r 2 nil] [:append 1 1]]}
    {:process 0 :type :ok :f :txn :value [[:r 1 []] [:append 2 1]]}
    {:process 1 :type :ok :f :txn :value [[:r 2 []] [:append 1 1]]}

    """
  private static let clean = skew.replacing("[:r 2 []]", with: "[:r 2 [1]]")

  @Test func `write skew breaks what is serializable, and not snapshot isolation`() async throws {
    let folder = try folder(["h.edn": Self.skew])
    for (claim, exit) in [("serializable", Int32(1)), ("snapshot-isolation", 0), ("strict-serializable", 1)] {
      let ended = try await Command.run(["check", "--claim", claim, "h.edn"], in: folder.path)
      #expect(ended.exit == exit, "\(claim): \(ended.output)\(ended.errors)")
      #expect(ended.errors.contains("taken as list-append"), "\(ended.errors)")
      #expect(ended.output.contains("\(claim) list-append; 2 operations"), "\(ended.output)")
      #expect(ended.output.contains("T1 rw→ T2: "), "\(ended.output)")
      #expect(ended.output.contains("strongest levels that hold: strong-snapshot-isolation"), "\(ended.output)")
    }
  }

  @Test func `levels have other names`() async throws {
    let folder = try folder(["h.edn": Self.skew])
    let ended = try await Command.run(
      ["check", "--model", "list-append", "--claim", "linearizable", "h.edn"], in: folder.path)
    #expect(
      ended.exit == 1 && ended.output.contains("strict-serializable list-append"), "\(ended.output)\(ended.errors)")
  }

  @Test func `clients that the file calls by name keep their names`() async throws {
    let text = Self.skew.replacing(":process 0", with: ":process :alice").replacing(":process 1", with: ":process :bob")
    let folder = try folder(["h.edn": text])
    let ended = try await Command.run(["check", "h.edn"], in: folder.path)
    #expect(
      ended.output.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
        "processes by name: 0 is alice, 1 is bob"), "\(ended.output)")
    let json = try await Command.run(["check", "--output", "json", "h.edn"], in: folder.path)
    #expect(json.output.contains(#""processNames" : {"#) && json.output.contains(#""1" : "bob""#), "\(json.output)")
  }

  // MARK: Registers below linearizability

  /// The second read shows what the first had seen replaced, 3 ms later.
  private static let forgetful = """
    {:process 0 :type :invoke :f :write :value 1 :time 0}
    {:process 0 :type :ok :f :write :value 1 :time 1000000}
    {:process 0 :type :invoke :f :write :value 2 :time 2000000}
    {:process 0 :type :ok :f :write :value 2 :time 3000000}
    {:process 1 :type :invoke :f :read :value nil :time 4000000}
    {:process 1 :type :ok :f :read :value 2 :time 5000000}
    {:process 1 :type :invoke :f :read :value nil :time 6000000}
    {:process 1 :type :ok :f :read :value 1 :time 7000000}

    """

  @Test func `weaker claims of registers are decided each by itself`() async throws {
    let folder = try folder(["h.edn": Self.forgetful])
    let rows: [(arguments: [String], exit: Int32, text: String?)] = [
      (
        ["pram"], 1,
        "strongest levels that hold: read-your-writes, monotonic-reads, monotonic-writes, writes-follow-reads"
      ),
      (["RYW"], 0, "read-your-writes register"), (["causal-convergent"], 1, "causal register"),
      (["weak-causal"], 1, "WriteCORead"),
      (["bounded-staleness", "--bound", "t<4ms"], 0, "bounded-staleness register"),
      (["bounded-staleness", "--bound", "t<3ms"], 1, "stale-beyond-bound"),
      (
        ["bounded-staleness", "--bound", "k<1"], 1,
        "saw 1, but 2 was there by event 3, and the read began 0.003 s later"
      ),
      (["bounded-staleness"], 64, nil), (["linearizable", "--bound", "k<1"], 64, nil),
      (["bounded-staleness", "--bound", "x"], 64, nil), (["serializable"], 64, nil),
    ]
    for row in rows {
      let ended = try await Command.run(
        ["check", "--model", "register", "h.edn", "--claim"] + row.arguments, in: folder.path)
      #expect(ended.exit == row.exit, "\(row.arguments): \(ended.output)\(ended.errors)")
      guard let expected = row.text else { continue }
      let text = ended.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(text.contains(expected), "\(row.arguments): \(ended.output)\(ended.errors)")
    }
  }

  @Test func `what holds says so in a line`() async throws {
    let folder = try folder(["h.edn": Self.clean])
    let ended = try await Command.run(["check", "h.edn"], in: folder.path)
    #expect(ended.exit == 0, "\(ended.output)")
    #expect(ended.output.contains("strongest levels that hold: strict-serializable"), "\(ended.output)")
  }

  /// Without processes nothing is known of real time: some levels are decided, others are not.
  @Test func `files without processes are decided as far as they allow`() async throws {
    let text = #"{"type":"ok","value":[["append",1,1],["r",1,[1]]]}"# + "\n"
    let folder = try folder(["h": text])
    for (claim, exit, word) in [("serializable", Int32(0), "valid"), ("strict-serializable", 2, "unknown")] {
      let ended = try await Command.run(["check", "--claim", claim, "h"], in: folder.path)
      #expect(ended.exit == exit, "\(ended.output)\(ended.errors)")
      #expect(ended.output.hasPrefix("h\t\(word)\n"), "\(ended.output)")
    }
  }

  /// The missing end may hold the append that a read saw, but no cycle goes away.
  @Test func `a torn file proves a cycle and not a value from nowhere`() async throws {
    let torn = "{:process 7, :type :inv"
    let garbage = """
      {:process 0 :type :invoke :f :txn :value [[:r 1 nil] [:append 2 1]]}
      {:process 0 :type :ok :f :txn :value [[:r 1 [9]] [:append 2 1]]}

      """
    let folder = try folder(["cycle": Self.skew + torn, "garbage": garbage + torn, "whole": garbage])
    for (name, exit) in [("cycle", Int32(1)), ("garbage", 2), ("whole", 1)] {
      let ended = try await Command.run(["check", "--lenient", name], in: folder.path)
      #expect(ended.exit == exit, "\(name): \(ended.output)\(ended.errors)")
    }
  }

  @Test(arguments: [
    (["--claim", "serialisable"], "did you mean 'serializable'?"),
    (["--claim", "no-long-fork", "--model", "list-append"], "list-append is not checked for 'no-long-fork'"),
    (["--claim", "serializable", "--model", "register"], "register is not checked for 'serializable'"),
    (["--initial", "0", "--model", "list-append"], "the first state of list-append cannot be chosen"),
    (["--keyed", "yes", "--model", "list-append"], "leave --keyed out"),
    (["--initial", "[1,null]", "--model", "bank"], "bank starts from its total or its balances"),
    (["--initial", "1", "--model", "long-fork"], "the first state of long-fork cannot be chosen"),
    (["--model", "bank"], "h.edn:1"),
  ])
  func `what does not fit is said`(options: [String], message: String) async throws {
    let folder = try folder(["h.edn": Self.skew])
    let ended = try await Command.run(["check", "h.edn"] + options, in: folder.path)
    #expect(ended.exit == 64, "\(ended.output)")
    #expect(ended.errors.contains(message), "\(ended.errors)")
  }

  @Test func `a bank is told by its functions`() async throws {
    let text = """
      {"process":0,"type":"invoke","f":"read","value":null}
      {"process":0,"type":"ok","f":"read","value":{"0":10,"1":-10}}
      {"process":0,"type":"invoke","f":"transfer","value":{"from":0,"to":1,"amount":5}}
      {"process":0,"type":"ok","f":"transfer","value":{"from":0,"to":1,"amount":5}}

      """
    let folder = try folder(["h": text])
    let strict = try await Command.run(["check", "h"], in: folder.path)
    #expect(strict.exit == 1 && strict.output.contains("below zero"), "\(strict.output)\(strict.errors)")
    #expect(strict.errors.contains("taken as bank"), "\(strict.errors)")
    let debt = try await Command.run(["check", "--claim", "total-conserved-with-debt", "h"], in: folder.path)
    #expect(debt.exit == 0, "\(debt.output)\(debt.errors)")
    let total = try await Command.run(
      ["check", "--claim", "total-conserved-with-debt", "--initial", "1", "h"], in: folder.path)
    #expect(total.exit == 1, "\(total.output)\(total.errors)")
  }

  // MARK: Generated histories

  @Test(arguments: [
    ("strict-serializable", "G2-item", "snapshot-isolation"), ("strict-serializable", "G-single", "cursor-stability"),
    ("snapshot-isolation", "G-nonadjacent", "parallel-snapshot-isolation"),
    ("read-committed", "G0", "none"),
  ])
  func `planted cycles are found`(level: String, planted: String, holds: String) async throws {
    let folder = try folder()
    let made = try await Command.run(
      [
        "generate", "--model", "list-append", "--level", level, "--planted", planted, "--ops", "300", "--seed", "3",
        "--output", "h",
      ], in: folder.path)
    #expect(made.exit == 0 && made.errors.contains("but for one \(planted)"), "\(made.errors)")
    let ended = try await Command.run(["check", "h"], in: folder.path)
    #expect(ended.exit == 1 && ended.output.contains(planted), "\(ended.output)\(ended.errors)")
    if holds != "none" { #expect(ended.output.contains("✓ \(holds)"), "\(ended.output)") }
  }

  @Test func `a database keeps the level that it was made with`() async throws {
    let folder = try folder()
    for level in ["strict-serializable", "snapshot-isolation", "read-committed"] {
      let made = try await Command.run(
        ["generate", "--model", "list-append", "--level", level, "--ops", "2000", "--seed", "9", "--output", "h"],
        in: folder.path)
      #expect(made.exit == 0, "\(made.errors)")
      let ended = try await Command.run(["check", "--claim", level, "h"], in: folder.path)
      #expect(ended.exit == 0, "\(level): \(ended.output)")
    }
  }

  @Test(arguments: [
    ("bank", "wrong-total"), ("long-fork", "long-fork"), ("causal-reverse", "causal-reverse"),
    ("set-full", "lost-element"), ("adya-g2", "G2"),
  ])
  func `invariants hold, or are broken as planted`(model: String, planted: String) async throws {
    let folder = try folder()
    for (options, exit) in [([String](), Int32(0)), (["--planted", planted], 1)] {
      let made = try await Command.run(
        ["generate", "--model", model, "--ops", "300", "--seed", "4", "--output", "h"] + options, in: folder.path)
      #expect(made.exit == 0, "\(made.errors)")
      let ended = try await Command.run(["check", "--model", model, "--output", "json", "h"], in: folder.path)
      #expect(ended.exit == exit, "\(model): \(ended.output)\(ended.errors)")
      if exit == 1 { #expect(ended.output.contains("\"anomaly\" : \"\(planted)\""), "\(ended.output)") }
    }
  }

  @Test(arguments: [
    (["--model", "bank", "--planted", "wrong-totl"], "did you mean 'wrong-total'?"),
    (["--planted", "G0"], "--violation"), (["--model", "list-append", "--violation"], "--planted"),
    (["--level", "read-committed"], "--level is for list-append"), (["--model", "bank", "--keys", "3"], "--keys"),
    (["--model", "long-fork", "--values", "small"], "--values"),
  ])
  func `options that a model does not have are refused`(options: [String], message: String) async throws {
    let folder = try folder()
    let ended = try await Command.run(["generate", "--output", "h"] + options, in: folder.path)
    #expect(ended.exit == 64 && ended.errors.contains(message), "\(ended.errors)")
  }
}
