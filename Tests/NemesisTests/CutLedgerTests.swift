import Clusters
import Nemesis
import Testing

@Suite struct CutLedgerTests {
  let network = FakeNetwork()
  let ledger: CutLedger
  let left: any NetworkControl
  let right: any NetworkControl

  init() {
    ledger = CutLedger(network)
    left = ledger.view(of: "left")
    right = ledger.view(of: "right")
  }

  @Test func unionIsCutAndEachHealsItsOwn() async throws {
    _ = try await left.cut(links("a>b b>a"))
    _ = try await right.cut(links("b>a c>d"))
    #expect(network.cutNow == links("a>b b>a c>d"))
    #expect(Set(try await left.cut([]).keys) == links("a>b b>a"))
    #expect(network.cutNow == links("b>a c>d"))
    #expect(Set(try await right.cut([]).keys) == links("b>a c>d"))
    #expect(network.cutNow.isEmpty)
  }

  /// Packets dropped before the second owner came, or after the first one left, are not its evidence.
  @Test func eachIsToldOfTheDropsOfItsOwnTime() async throws {
    let link = Link(from: "a", to: "b")
    _ = try await left.cut([link])
    network.traffic(3)
    _ = try await right.cut([link])
    network.traffic(4)
    #expect(try await right.drops() == [link: Drops(packets: 4, bytes: 240)])
    #expect(try await left.cut([]) == [link: Drops(packets: 7, bytes: 420)])
    network.traffic(5)
    #expect(try await right.cut([]) == [link: Drops(packets: 9, bytes: 540)])
    #expect(network.cutNow.isEmpty)
  }

  @Test func changingTheOwnSetHealsOnlyWhatWasLetGo() async throws {
    _ = try await left.cut(links("a>b b>c"))
    network.traffic(2)
    #expect(try await left.cut(links("b>c c>d")) == [Link(from: "a", to: "b"): Drops(packets: 2, bytes: 120)])
    network.traffic(1)
    let last = try await left.cut([])
    #expect(last[Link(from: "b", to: "c")]?.packets == 3)
    #expect(last[Link(from: "c", to: "d")]?.packets == 1)
  }

  @Test func failedCutLeavesTheLedgerAsItWas() async throws {
    _ = try await left.cut(links("a>b"))
    network.configure { $0.failures = 1 }
    await #expect(throws: Planned.self) { try await left.cut([]) }
    _ = try await right.cut(links("c>d"))
    #expect(network.cutNow == links("a>b c>d"))
    #expect(Set(try await left.cut([]).keys) == links("a>b"))
  }

  @Test func asksTheClusterEvenWhenNothingChanges() async throws {
    _ = try await left.cut([])
    #expect(network.calls == [[]])
  }

  @Test func manyOwnersAtOnceEndWithTheUnionOfAll() async throws {
    try await withThrowingTaskGroup { group in
      for index in 0..<50 {
        group.addTask {
          let view = ledger.view(of: "owner \(index)")
          _ = try await view.cut([Link(from: "a", to: "\(index)")])
          if index.isMultiple(of: 2) { _ = try await view.cut([]) }
        }
      }
      try await group.waitForAll()
    }
    #expect(network.cuttingMax == 1)
    #expect(network.cutNow == Set((0..<25).map { Link(from: "a", to: "\(2 * $0 + 1)") }))
  }

  /// The fake throws in a cancelled task, as a cluster may: the ledger must not hand the cancellation down.
  @Test func cancelledCallerStillHeals() async throws {
    _ = try await left.cut(links("a>b"))
    let view = left
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await view.cut([])
    }
    #expect(Set(try await task.value.keys) == links("a>b"))
    #expect(network.cutNow.isEmpty)
  }
}
