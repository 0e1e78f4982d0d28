import Generators
import Histories
import Synchronization
import Systems
import Testing

@testable import Runs

/// The loop that makes the history, against a client that answers from a script.
@Suite struct ClientLoopTests {
  @Test func `an invocation is on disk before its operation starts`() throws {
    let folder = try ScratchFolder()
    let script = Script()
    // Values above the writer's buffer, so that it writes at once.
    let value = Value.string(String(repeating: "x", count: 1 << 17))
    var unrecorded: [Int] = []
    script.onStart = { started in
      let lines = (try? folder.bytes("history.jsonl").split(separator: UInt8(ascii: "\n"))) ?? []
      let head = #"{"index":\#(started.index),"#
      if lines.last?.starts(with: Array(head.utf8)) != true { unrecorded.append(started.index) }
    }
    let history = try runLoop(forever("write", value).limited(3), script, folder: folder)
    #expect(script.started.count == 3 && history.count == 6)
    #expect(unrecorded.isEmpty)
  }

  @Test func `an invocation is stamped before its operation starts, a completion when it was read`() throws {
    var read: [Int64] = []
    let script = Script({ script in
      read = [RunClock.monotonic(), RunClock.monotonic() + 5]
      try script.finish(0, at: read[0])
      try script.finish(1, at: read[1])
      while RunClock.monotonic() < read[1] + 100_000 {}  // the loop's own clock goes on meanwhile
    })
    let history = try runLoop(forever("read").limited(2), script)
    for started in script.started {
      #expect(history.time(at: started.index) <= started.at - script.clock.origin)
    }
    #expect(history.events.filter { $0.type == .ok }.map(\.time) == read.map { $0 - script.clock.origin })
  }

  @Test func `events have dense indices and times that never go back`() throws {
    let script = Script({ script in
      let now = RunClock.monotonic()
      try script.finish(1, at: now)
      try script.finish(0, at: now - 1)  // read before the other, told after it
    })
    let history = try runLoop(forever("read").limited(50), script)
    #expect(history.count == 100)
    #expect(history.events.map(\.index) == Array(0..<100))
    #expect(zip(history.events, history.events.dropFirst()).allSatisfy { $0.time <= $1.time })
    let invocations = history.events.filter { $0.type == .invoke }
    #expect(script.started.map(\.index) == invocations.map(\.index))
  }

  @Test func `operations reach the port as they were invoked`() throws {
    let script = Script()
    let plan: [GeneratedOperation] = [
      GeneratedOperation("write", .keyed("x", 4)), GeneratedOperation("read", .keyed("y", nil), node: "n3"),
    ]
    let history = try runLoop(operations(plan), script, keyed: true)
    #expect(script.started.map(\.slot) == [0, 1])
    #expect(script.started.map(\.node) == [0, 2])
    #expect(script.started.map(\.operation.function) == ["write", "read"])
    #expect(script.started.map(\.operation.key) == ["x", "y"])
    #expect(script.started.map(\.operation.payload) == [4, nil])
    #expect(history.events.prefix(2).map(\.node) == ["n1", "n3"])
    #expect(history.keyed)
  }

  @Test func `info ends the process, and the next one is new and asks the next node`() throws {
    let script = Script({ try $0.finish(1, .info, error: "timeout") })
    let history = try runLoop(forever("write").limited(3), script)
    #expect(
      history.words == [
        "0 invoke write", "1 invoke write", "1 info write", "3 invoke write", "0 ok write", "3 ok write",
      ])
    #expect(history[2].error == "timeout")
    #expect(script.started.map(\.slot) == [0, 1, 1])
    #expect(script.started.map(\.node) == [0, 1, 2])
    #expect(history.events.map(\.node) == ["n1", "n2", "n2", "n3", "n1", "n3"])
  }

  @Test func `sticky processes stay with their node, whatever their number`() throws {
    let script = Script({ try $0.finish(1, .info) })
    let history = try runLoop(forever("write").limited(3), script, placement: .sticky)
    #expect(history[3].process == ProcessID(3))
    #expect(script.started.map(\.node) == [0, 1, 1])
  }

  @Test(arguments: [EventType.fail, .ok])
  func `fail and ok keep the process and its node`(type: EventType) throws {
    let script = Script({ try $0.finish(1, type, value: 9, error: "refused") })
    let history = try runLoop(forever("write").limited(3), script)
    #expect(history[2].type == type && history[2].value == 9 && history[2].error == "refused")
    #expect(history.words[3] == "1 invoke write")
    #expect(script.started.map(\.node) == [0, 1, 1])
  }

  @Test func `events of the nemesis get their place between those of the clients`() throws {
    let folder = try ScratchFolder()
    let line = { (name: String) in
      Event(index: 77, time: 3, process: .nemesis, type: .info, function: name, value: ["id": 0])
    }
    let script = Script(
      { $0.control.post(.record(line("start-kill"))) },
      {
        try $0.finish(0)
        $0.control.post(.record(line("stop-kill")))
      })
    let history = try runLoop(forever("read").limited(3), script, folder: folder)
    #expect(
      history.words == [
        "0 invoke read", "1 invoke read", "nemesis info start-kill", "0 ok read", "nemesis info stop-kill",
        "0 invoke read", "0 ok read", "1 ok read",
      ])
    #expect(history.events.map(\.index) == Array(0..<8))
    #expect(history[2].time == 3 && history[2].value == ["id": 0])
    // An id is unique in the run and finds the operation in the history, nemesis or not.
    #expect(script.started.map(\.index) == [0, 1, 5])
    let lines = String(decoding: try folder.bytes("history.jsonl"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 8)
    for (index, line) in lines.enumerated() { #expect(line.hasPrefix(#"{"index":\#(index),"#)) }
  }

  @Test(arguments: [false, true])
  func `the history on disk is the history in memory`(keyed: Bool) throws {
    let folder = try ScratchFolder()
    let script = Script({
      try $0.finish(0, .ok, value: .keyed("k", ["a", 1, nil]))
      try $0.finish(1, .fail, error: "line\nfeed \"quoted\"")
      $0.control.post(.record(Event(index: 0, time: 1, process: .nemesis, type: .info, function: "n", value: nil)))
    })
    let history = try runLoop(
      forever("read", .keyed("k", nil)).limited(20), script, keyed: keyed, folder: folder)
    let bytes = try folder.bytes("history.jsonl")
    #expect(bytes.last == UInt8(ascii: "\n"))
    let read = try JSONLines.history(from: bytes, keyed: keyed)
    #expect(history.count == 41)
    #expect(Array(read.events) == Array(history.events))
  }
}

/// How the loop ends, and how it goes from phase to phase.
@Suite struct ClientLoopPhaseTests {
  @Test func `stop waits for what is in flight, and invokes nothing more`() throws {
    let script = Script(
      { $0.control.post(.stop) }, { _ in }, { try $0.finish(1) }, { _ in }, { try $0.finish(0, .info, error: "late") })
    let history = try runLoop(forever("write"), script)
    #expect(history.words == ["0 invoke write", "1 invoke write", "1 ok write", "0 info write"])
    #expect(script.deadlines.count == 5)
    #expect(script.control.counts == LoopCounts(ok: 1, info: 1))
  }

  @Test func `stop with nothing in flight ends at once`() throws {
    let script = Script()
    script.control.post(.stop)
    let history = try runLoop(forever("write"), script)
    #expect(history.count == 0 && script.deadlines.isEmpty && script.started.isEmpty)
  }

  @Test func `nothing starts again after stop`() throws {
    let script = Script({ script in
      script.control.post(.stop)
      script.control.post(.replace { _ in forever("read") })
      try script.finish(0)
    })
    let history = try runLoop(forever("write"), script, clients: 1)
    #expect(history.words == ["0 invoke write", "0 ok write"])
  }

  @Test func `replace makes the next generator from the history so far`() throws {
    let seen = Mutex<[[String]]>([])
    let script = Script(
      { try $0.finish(1) },
      { script in
        script.control.post(
          .replace { history in
            seen.withLock { $0.append(history.words) }
            return once("final", .int(Int64(history.count)))
          })
      })
    let history = try runLoop(forever("write").limited(3), script)
    let before = ["0 invoke write", "1 invoke write", "1 ok write", "1 invoke write"]
    #expect(seen.withLock { $0 } == [before])
    // Both threads are busy with the old phase: the new one begins when the first of them is free.
    #expect(history.words == before + ["0 ok write", "1 ok write", "0 invoke final", "0 ok final"])
    #expect(history.events.first { $0.function == "final" }?.value == 4)
  }

  @Test func `replace drops what the old generator had left`() throws {
    let script = Script({ script in
      script.control.post(.replace { _ in once("final") })
      try script.finish(0)
    })
    let history = try runLoop(forever("write"), script, clients: 1)
    #expect(history.words == ["0 invoke write", "0 ok write", "0 invoke final", "0 ok final"])
  }

  @Test func `the port's error ends the loop, and what was recorded is on disk`() async throws {
    struct Broken: Error, Equatable {}
    let folder = try ScratchFolder()
    let script = Script({ try $0.finish(0) }, { _ in throw Broken() })
    script.control.end(Result { try runLoop(forever("write"), script, folder: folder) })
    await #expect(throws: Broken()) { _ = try await script.control.untilEnd() }
    await script.control.untilIdle()
    let words = ["0 invoke write", "1 invoke write", "0 ok write", "0 invoke write"]
    #expect(try JSONLines.history(from: folder.bytes("history.jsonl"), keyed: false).words == words)
  }

  @Test func `a wait is never longer than its limit, and ends when an operation is due`() throws {
    let due = Mutex<Int64>(0)
    let script = Script(
      { script in
        let time = script.clock.now + 20_000_000
        due.withLock { $0 = time }
        script.control.post(.replace { _ in once(GeneratedOperation("read", time: time)) })
      }, { $0.control.post(.stop) })
    _ = try runLoop(nothing(), script)
    let end = RunClock.monotonic()
    #expect(script.deadlines[0] <= end + ClientLoop<ScriptedPort>.waitNanosecondsMax)
    #expect(script.deadlines[0] > script.clock.origin)
    #expect(script.deadlines[1] == script.clock.absolute(due.withLock { $0 }))
  }

  @Test func `the counts follow every outcome`() throws {
    let counts = Mutex<[LoopCounts]>([])
    let note = { (script: Script) in counts.withLock { $0.append(script.control.counts) } }
    let script = Script(
      { script in
        note(script)
        try script.finish(0, .ok)
        try script.finish(1, .fail)
        try script.finish(2, .info, unclassified: true)
      }, note)
    _ = try runLoop(forever("write").limited(3), script, clients: 3)
    #expect(
      counts.withLock { $0 } == [
        LoopCounts(inFlight: 3), LoopCounts(ok: 1, fail: 1, info: 1, inFlight: 0, unclassified: 1),
      ])
  }
}

/// The loop on a thread of its own: somebody waits for it.
@Suite(.timeLimit(.minutes(1))) struct ClientLoopIdleTests {
  @Test func `a generator that waits for what never comes does not make anybody wait`() async throws {
    let control = startSilentLoop(pending(), folder: try ScratchFolder())
    await control.untilIdle()
    let asked = Mutex(0)
    control.post(
      .replace { _ in
        asked.withLock { $0 += 1 }
        return pending()
      })
    await control.untilIdle()
    #expect(asked.withLock { $0 } == 1, "idle again without having looked at the new generator")
    control.post(.stop)
    #expect(try await control.untilEnd().count == 0)
  }

  @Test func `an exhausted generator is idle, and the loop still takes events`() async throws {
    let control = startSilentLoop(nothing(), folder: try ScratchFolder())
    await control.untilIdle()
    control.post(
      .record(Event(index: 9, time: 1, process: .nemesis, type: .info, function: "restore-kill", value: nil)))
    control.post(.stop)
    let history = try await control.untilEnd()
    #expect(history.words == ["nemesis info restore-kill"])
    await control.untilIdle()
  }
}
