import Foundation
import Testing

/// `faultline generate` and `faultline check` as a user starts them.
@Suite struct CheckCommandTests {
  private static let valid = """
    {"process":0,"type":"invoke","f":"write","value":1}
    {"process":0,"type":"ok","f":"write","value":1}
    {"process":1,"type":"invoke","f":"read","value":null}
    {"process":1,"type":"ok","f":"read","value":1}

    """
  private static let invalid = valid.replacingOccurrences(of: "\"read\",\"value\":1", with: "\"read\",\"value\":2")

  private func folder(_ files: [String: String]) throws -> Folder {
    let folder = try Folder()
    for (name, text) in files {
      try text.write(toFile: folder.path + "/" + name, atomically: true, encoding: .utf8)
    }
    return folder
  }

  @Test(arguments: [
    ("h.jsonl", valid),
    ("h.json", "[" + valid.split(separator: "\n").joined(separator: ",\n") + "]"),
    (
      "h.edn",
      """
      [{:process 0, :type :invoke, :f :write, :value 1} {:process 0, :type :ok, :f :write, :value 1}
       {:process 1, :type :invoke, :f :read, :value nil} {:process 1, :type :ok, :f :read, :value 1}]
      """
    ),
    (
      "h.log",
      "INFO  jepsen.util - 0\t:invoke\t:write\t1\nINFO  jepsen.util - 0\t:ok\t:write\t1\n"
        + "INFO  jepsen.util - 1\t:invoke\t:read\tnil\nINFO  jepsen.util - 1\t:ok\t:read\t1\n"
    ),
  ])
  func `every format is understood, from a file and from standard input`(name: String, text: String) async throws {
    let folder = try folder([name: text, "bad-" + name: text.replacingOccurrences(of: "write", with: "wirte")])
    let ended = try await Command.run(["check", name], in: folder.path)
    #expect(ended.exit == 0, "\(ended.errors)")
    #expect(ended.output.hasPrefix("\(name)\tvalid\n"), "\(ended.output)")
    #expect(ended.errors.contains("taken as register"), "\(ended.errors)")
    let script = "'\(Command.faultline)' check --model cas-register - < \(name)"
    let piped = try await Command.start(executable: "/bin/sh", ["-c", script], in: folder.path).end()
    #expect(piped.exit == 0, "\(piped.errors)")
    #expect(piped.output.hasPrefix("-\tvalid\n"), "\(piped.output)")
    let bad = try await Command.run(["check", "--model", "register", "bad-" + name], in: folder.path)
    #expect(bad.exit == 64)
    let column = text.hasPrefix("[") ? 2 : 1
    #expect(bad.errors.contains("bad-\(name):1:\(column): unknown function 'wirte'"), "\(bad.errors)")
  }

  @Test func `a violation is explained, and wins over what cannot be read`() async throws {
    let folder = try folder(["good": Self.valid, "bad": Self.invalid, "torn": "{\"process\":0,"])
    let ended = try await Command.run(["check", "good", "torn", "bad", "--counterexamples", "out"], in: folder.path)
    #expect(ended.exit == 1, "\(ended.errors)")
    #expect(ended.output.contains("good\tvalid\n") && ended.output.contains("bad\tinvalid\n"))
    #expect(ended.output.contains("r → 2"), "\(ended.output)")
    #expect(ended.errors.contains("torn:1:"), "\(ended.errors)")
    #expect(FileManager.default.fileExists(atPath: folder.path + "/out/3-bad-1.json"))
    #expect(try await Command.run(["check", "good", "torn"], in: folder.path).exit == 64)
    #expect(try await Command.run(["check", "bad", "--initial", "2"], in: folder.path).exit == 1)
  }

  @Test func `the first state can be said`() async throws {
    let read = """
      {"process":0,"type":"invoke","f":"read","value":null}
      {"process":0,"type":"ok","f":"read","value":7}

      """
    let folder = try folder(["h": read])
    let arguments = ["check", "--model", "register", "h"]
    #expect(try await Command.run(arguments, in: folder.path).exit == 1)
    #expect(try await Command.run(arguments + ["--initial", "7"], in: folder.path).exit == 0)
  }

  @Test func `JSON has all of it`() async throws {
    let folder = try folder(["good": Self.valid, "bad": Self.invalid, "torn": "x"])
    let ended = try await Command.run(["check", "--output", "json", "good", "bad", "torn"], in: folder.path)
    #expect(ended.exit == 1)
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any], "\(ended.output)")
    #expect(document["verdict"] as? String == "invalid")
    #expect(document["exit"] as? Int == 1)
    let files = try #require(document["files"] as? [[String: Any]])
    #expect(files.map { $0["verdict"] as? String } == ["valid", "invalid", nil])
    #expect(files[0]["operations"] as? Int == 2)
    #expect((files[1]["findings"] as? [Any])?.count == 1)
    #expect((files[1]["counterexamples"] as? [Any])?.count == 1)
    #expect((files[2]["error"] as? String)?.contains("torn") == true)
  }

  @Test func `a file that cannot be checked is no valid one`() async throws {
    let folder = try folder(["good": Self.valid, "torn": "x"])
    let ended = try await Command.run(["check", "--output", "json", "good", "torn"], in: folder.path)
    #expect(ended.exit == 64)
    #expect(ended.output.contains(#""verdict" : "error""#), "\(ended.output)")
  }

  @Test(arguments: [("--claim", ["linearizable", "sequential"]), ("--model", ["register", "cas-register"])])
  func `an option that is taken once is refused twice`(option: String, values: [String]) async throws {
    let folder = try folder(["h": Self.valid])
    let ended = try await Command.run(["check", "h"] + values.flatMap { [option, $0] }, in: folder.path)
    #expect(ended.exit == 64 && ended.errors.contains("\(option) was given 2 times"), "\(ended.errors)")
  }

  @Test(arguments: [
    ("--time-budget", "0s", "a number above 0 with its unit"), ("--memory-budget", "1", "512MB"),
  ])
  func `a budget that is none says what one is`(option: String, value: String, message: String) async throws {
    let folder = try folder(["h": Self.valid])
    let ended = try await Command.run(["check", "h", option, value], in: folder.path)
    #expect(ended.exit == 64 && ended.errors.contains(message), "\(ended.errors)")
  }

  /// The read that was torn off may have seen what an earlier one missed.
  @Test(arguments: [("no-lost-updates", 2), ("no-stale-reads", 1)])
  func `what a missing read may explain is unknown`(claim: String, exit: Int32) async throws {
    let text = """
      {"process":0,"type":"invoke","f":"add","value":1}
      {"process":0,"type":"ok","f":"add","value":1}
      {"process":1,"type":"invoke","f":"read","value":null}
      {"process":1,"type":"ok","f":"read","value":[]}
      {"process":1,"type":"invoke","f":"read","value":null}
      {"process":1,"type":"ok","f":"read","val
      """
    let folder = try folder(["h": text])
    let ended = try await Command.run(
      ["check", "--lenient", "--model", "set-full", "--claim", claim, "h"], in: folder.path)
    #expect(ended.exit == exit, "\(ended.output)\(ended.errors)")
  }

  @Test(arguments: [
    ("[1,null]", "1", "[1,null]", "[2,null]", ["--keyed", "auto"], 0),
    ("null", "1", "null", "null", ["--keyed", "auto"], 0),
    ("[1,null]", "1", "[1,null]", "[2,null]", ["--keyed", "no"], 64),
  ])
  func `keys are found from the shapes of reads`(
    first: String, value: String, second: String, third: String, options: [String], exit: Int32
  ) async throws {
    func read(_ process: Int, _ input: String, _ output: String) -> String {
      """
      {"process":\(process),"type":"invoke","f":"read","value":\(input)}
      {"process":\(process),"type":"ok","f":"read","value":\(output)}

      """
    }
    let text = read(0, first, first) + read(1, second, second) + read(2, third, third)
    let folder = try folder(["h": text])
    let ended = try await Command.run(["check", "--model", "register", "h"] + options, in: folder.path)
    #expect(ended.exit == exit, "\(ended.output)\(ended.errors)")
  }

  /// Each mixes operations with a key and operations without: no reading of the whole is right.
  @Test(arguments: [
    (
      "write [1,5]|write [2,6]", #"{"process":9,"type":"invoke","f":"read","value":null}"#,
      #"{"process":1,"type":"invoke","f":"read","value":[1,null]}"#, "register"
    ),
    (
      "write 5", #"{"process":8,"type":"info","f":"x","value":null}"#,
      #"{"process":1,"type":"invoke","f":"read","value":null,"key":1}"#, "register"
    ),
    (
      "enqueue 5", #"{"process":8,"type":"info","f":"x","value":null}"#,
      #"{"process":1,"type":"invoke","f":"dequeue","value":[1,null]}"#, "fifo-queue"
    ),
  ])
  func `keys in some operations only are refused`(
    writes: String, first: String, last: String, model: String
  ) async throws {
    var lines = first.contains("\"x\"") ? [] : [first]
    for write in writes.split(separator: "|") {
      let parts = write.split(separator: " ")
      for type in ["invoke", "ok"] {
        lines.append("{\"process\":0,\"type\":\"\(type)\",\"f\":\"\(parts[0])\",\"value\":\(parts[1])}")
      }
    }
    lines += [last, last.replacingOccurrences(of: "invoke", with: "ok")]
    let folder = try folder(["h": lines.joined(separator: "\n") + "\n"])
    let ended = try await Command.run(["check", "--model", model, "h"], in: folder.path)
    #expect(ended.exit == 64, "\(ended.output)")
    #expect(ended.errors.contains("h:\(lines.count - 1):1: "), "\(ended.errors)")
  }

  @Test func `a first state is read as histories are, and told what it can be`() async throws {
    let folder = try folder(["h": Self.valid])
    let append = "{\"process\":0,\"type\":\"invoke\",\"f\":\"append\",\"value\":1}\n"
    try append.write(toFile: folder.path + "/log", atomically: true, encoding: .utf8)
    let wide = try await Command.run(
      ["check", "h", "--model", "register", "--initial", "99999999999999999999"], in: folder.path)
    #expect(wide.exit == 64)
    #expect(wide.errors.contains("the integer does not fit 64 bits"), "\(wide.errors)")
    let negative = try await Command.run(["check", "--model", "log", "--initial=-1", "log"], in: folder.path)
    #expect(negative.exit == 64)
    #expect(negative.errors.contains("an integer from 0"), "\(negative.errors)")
    let unknown = try await Command.run(["check", "--model", "frob", "h"], in: folder.path)
    #expect(unknown.errors.contains("'frob'. There are: "), "\(unknown.errors)")
  }

  @Test(arguments: [[], ["--output", "json"]])
  func `output that cannot be written is a failure of the environment, a violation stays one`(options: [String])
    async throws
  {
    let folder = try folder(["good": Self.valid, "bad": Self.invalid])
    func exit(_ file: String, _ target: String) async throws -> Int32 {
      let script = "'\(Command.faultline)' check \(options.joined(separator: " ")) \(file) > \(target)"
      return try await Command.start(executable: "/bin/sh", ["-c", script], in: folder.path).end().exit
    }
    #expect(try await exit("good", "/dev/full") == 75)
    #expect(try await exit("bad", "/dev/full") == 1)
    #expect(try await exit("good", "/dev/null") == 0)
  }

  @Test func `counterexamples that cannot be written are one sentence in one entry`() async throws {
    let folder = try folder(["bad": Self.invalid, "file": ""])
    let ended = try await Command.run(
      ["check", "--output", "json", "--counterexamples", "file/out", "bad"], in: folder.path)
    #expect(ended.exit == 1)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any])
    let files = try #require(document["files"] as? [[String: Any]])
    #expect(files.count == 1)
    #expect(files[0]["verdict"] as? String == "invalid")
    #expect(files[0]["error"] as? String == "counterexamples of bad cannot be written to file/out: Not a directory")
  }

  @Test func `where nothing happened, nothing is valid`() async throws {
    let folder = try folder([
      "failed": """
      {"process":0,"type":"invoke","f":"read","value":null}
      {"process":0,"type":"fail","f":"read","value":null}

      """,
      "unanswered": "{\"process\":0,\"type\":\"invoke\",\"f\":\"read\",\"value\":null}\n",
      "nemesis": "{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"kill\",\"value\":null}\n",
    ])
    let refused = try await Command.run(["check", "--model", "register", "failed"], in: folder.path)
    #expect(refused.exit == 0)
    #expect(refused.errors.contains("no operation completed with ok"), "\(refused.errors)")
    for file in ["unanswered", "nemesis"] {
      let ended = try await Command.run(["check", "--model", "register", file], in: folder.path)
      #expect(ended.exit == 2, "\(ended.output)\(ended.errors)")
      #expect(ended.output.contains("nothing happened"), "\(ended.output)")
    }
  }

  /// The write that the read saw is not there any more: linearizability is broken by then, sequential consistency may not be.
  @Test func `a missing end decides nothing about sequential consistency`() async throws {
    let torn = """
      {"process":0,"type":"invoke","f":"read","value":null}
      {"process":0,"type":"ok","f":"read","value":1}
      {"process":1,"type":"invoke","f":"wri
      """
    let folder = try folder(["h": torn])
    for (claim, exit) in [("linearizable", Int32(1)), ("sequential", 2)] {
      let ended = try await Command.run(
        ["check", "--lenient", "--model", "register", "--claim", claim, "h"], in: folder.path)
      #expect(ended.exit == exit, "\(claim): \(ended.output)\(ended.errors)")
      #expect(ended.output.contains("1 torn-end (line 3, 37 bytes)"), "\(ended.output)")
    }
  }

  @Test func `times that fall are a warning`() async throws {
    let text = Self.valid.split(separator: "\n").enumerated().map { place, line in
      line.dropLast() + ",\"time\":\(10 - place)}\n"
    }
    let folder = try folder(["h": text.joined()])
    let ended = try await Command.run(["check", "--model", "register", "h"], in: folder.path)
    #expect(ended.exit == 0)
    #expect(ended.errors.contains("the time falls 3 times, first on line 2"), "\(ended.errors)")
  }

  @Test func `what could be keyed or not is asked`() async throws {
    let writes = """
      {"process":0,"type":"invoke","f":"write","value":[1,2]}
      {"process":0,"type":"ok","f":"write","value":[1,2]}

      """
    let folder = try folder(["h": writes])
    let ended = try await Command.run(["check", "--model", "register", "h"], in: folder.path)
    #expect(ended.exit == 64)
    #expect(ended.errors.contains("--keyed yes or --keyed no"), "\(ended.errors)")
    #expect(try await Command.run(["check", "--model", "register", "--keyed", "yes", "h"], in: folder.path).exit == 0)
  }

  @Test(arguments: [
    ("{\"process\":0,\"type\":\"ok\",\"f\":\"read\",\"value\":1}\n", "h:1"),
    (valid + "{\"process\":0,\"type\":\"ok\",\"f\":\"write\",\"value\":1}\n", "h:5"),
    (
      valid + "{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":1}\n"
        + "{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":2}\n", "h:6"
    ),
    (valid + "{\"process\":0,\"type\":\"inv", "h:5"),
    (valid + "{\"process\":0,\"type\":\"invoke\",\"f\":\"cas\",\"value\":5}\n", "h:5"),
    (valid + "{\"process\":0,\"type\":\"invoke\",\"f\":\"jump\",\"value\":5}\n", "h:5"),
    (valid + "{\"process\":99999999999999999999,\"type\":\"invoke\",\"f\":\"read\",\"value\":null}\n", "h:5"),
    ("", "h"),
  ])
  func `a bad history is refused at its line`(text: String, place: String) async throws {
    let folder = try folder(["h": text])
    let ended = try await Command.run(["check", "--model", "cas-register", "h"], in: folder.path)
    #expect(ended.exit == 64, "\(ended.output)\(ended.errors)")
    #expect(ended.errors.contains(place), "\(ended.errors)")
  }

  @Test func `bytes that are no text, and a huge sparse file, are refused`() async throws {
    let folder = try folder([:])
    let bytes: [UInt8] = Array("{\"process\":0,\"type\":\"invoke\",\"f\":\"".utf8) + [0xFF, 0xFE] + Array("\"}\n".utf8)
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/h"))
    #expect(FileManager.default.createFile(atPath: folder.path + "/sparse", contents: nil))
    #expect(truncate(folder.path + "/sparse", 10 << 30) == 0)
    for file in ["h", "sparse", "missing", "."] {
      let ended = try await Command.run(["check", "--model", "register", file], in: folder.path)
      #expect(ended.exit == 64, "\(file): \(ended.output)\(ended.errors)")
      #expect(ended.errors.contains(file), "\(ended.errors)")
    }
  }

  @Test(arguments: [
    (["check"], "file"), (["check", "--model", "cas-registre", "h"], "cas-register"),
    (["check", "--claim", "serial", "h"], "claim"), (["check", "--time-budget", "60", "h"], "time-budget"),
    (["check", "--memory-budget", "1 apple", "h"], "memory-budget"), (["check", "--threads", "0", "h"], "threads"),
    (["check", "--initial", "{", "h"], "--initial"), (["check", "--input", "xml", "h"], "jsonl"),
    (["generate", "--model", "tree"], "cas-register"), (["generate", "--ops", "0"], "operations"),
    (["generate", "--crashed", "101"], "percent"),
    (["generate", "--model", "mutex", "--clients", "1", "--violation"], "2"),
  ])
  func `bad usage exits with 64 and names what is wrong`(arguments: [String], hint: String) async throws {
    let folder = try folder(["h": Self.valid])
    let ended = try await Command.run(arguments, in: folder.path)
    #expect(ended.exit == 64, "\(ended.errors)")
    #expect(ended.errors.contains(hint), "\(ended.errors)")
  }

  @Test(arguments: ["cas-register", "register", "kv", "counter", "grow-set", "mutex", "fifo-queue"])
  func `generated histories are judged as they say`(model: String) async throws {
    let folder = try folder([:])
    for (violation, exit) in [([String](), Int32(0)), (["--violation"], 1)] {
      for format in ["jsonl", "edn"] {
        let made = try await Command.run(
          [
            "generate", "--model", model, "--ops", "500", "--clients", "4", "--values", "unique", "--crashed", "1",
            "--seed", "5", "--format", format, "--output", "h",
          ] + violation, in: folder.path)
        #expect(made.exit == 0, "\(made.errors)")
        #expect(made.errors.contains(violation.isEmpty ? "valid" : "invalid") && made.errors.contains("seed 5"))
        let checked = try await Command.run(["check", "--model", model, "h"], in: folder.path)
        #expect(checked.exit == exit, "\(model) \(format): \(checked.output)\(checked.errors)")
      }
    }
  }

  /// Equal seeds give equal histories and equal answers: what the README shows is what its command prints.
  @Test func `the session in the README is a real one`() async throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOfFile: root.path + "/README.md", encoding: .utf8)
    let start = try #require(text.range(of: "$ faultline generate ")).upperBound
    let shown = try #require(text[start...].components(separatedBy: "\n```").first).split(separator: "\n")
    let script = "faultline generate \(shown[0])".replacingOccurrences(
      of: "faultline ", with: "'\(Command.faultline)' ")
    let folder = try Folder()
    let ended = try await Command.start(executable: "/bin/sh", ["-c", script], in: folder.path).end()
    #expect(ended.exit == 1, "\(ended.errors)")
    let printed = (ended.errors + ended.output).split(separator: "\n")
    // The line that tells times may be broken elsewhere: it and what continues it are left out.
    func stable(_ lines: [Substring]) -> [Substring] {
      guard let times = lines.firstIndex(where: { $0.contains(" read in ") }) else { return lines }
      return Array(lines[..<times] + lines[times...].dropFirst().drop { $0.hasPrefix("    ") })
    }
    #expect(stable(Array(shown.dropFirst())).sorted() == stable(printed).sorted())
  }

  @Test func `public histories are decided as listed`() async throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let places = [root.path, FileManager.default.currentDirectoryPath].map { $0 + "/../shared/histories" }
    guard let histories = places.first(where: { FileManager.default.fileExists(atPath: $0 + "/verdicts.tsv") }) else {
      print("conformance: 0 histories, there is no ../shared/histories")
      return
    }
    let rows = try String(contentsOfFile: histories + "/verdicts.tsv", encoding: .utf8).split(separator: "\n")
      .dropFirst()
      .map { $0.split(separator: "\t").map(String.init) }
    var decided = 0
    for (options, group) in Dictionary(grouping: rows, by: { "\($0[1])\t\($0[2])" }).sorted(by: { $0.key < $1.key }) {
      let (model, initial) = (group[0][1], group[0][2])
      var arguments = ["check", "--model", model, "--output", "json"]
      if initial.hasPrefix("initial=") {
        let value = initial.dropFirst("initial=".count)
        arguments += ["--initial", value == "nil" ? "null" : String(value)]
      }
      let start = ContinuousClock.now
      // `histories` may be read-only: the command's own files lie elsewhere.
      let folder = try Folder()
      let ended = try await Command.run(arguments + group.map { histories + "/" + $0[0] }, in: folder.path)
      if ended.errors.contains("no model is named '\(model)'") {
        print("conformance: left out, no model is named \(model): \(group.map { $0[0] }.joined(separator: ", "))")
        continue
      }
      print("conformance: \(options): \(group.count) histories in one call, \(ContinuousClock.now - start)")
      let document = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any]
      let files = try #require(document?["files"] as? [[String: Any]], "\(ended.errors)")
      for (row, file) in zip(group, files) {
        #expect(file["verdict"] as? String == row[3], "\(row[0]): \(file["error"] ?? file["reason"] ?? "")")
        decided += 1
      }
    }
    print("conformance: \(decided) of \(rows.count) histories decided")
    #expect(decided > 50)
  }
}
