import Generators
import Nemesis
import Runs
import Synchronization
import Testing

/// The search for a smaller failing run, on failures that are functions instead of clusters.
@Suite struct ShrinkSearchTests {
  private static let second: Int64 = 1_000_000_000
  private static let faults = ["kill", "partition", "pause"]

  private static func start(_ count: Int, seconds: Int64 = 60) -> ShrinkCase {
    let actions = (0..<count).map { number in
      FaultAction(
        id: number, fault: faults[number % faults.count], target: "one", at: Int64(number) * second, hold: second,
        order: ["n1", "n2", "n3"])
    }
    return ShrinkCase(actions: actions, load: seconds * second, threads: 10)
  }

  /// Whatever the few actions that matter are, they alone are left, with the clients and the time that they need.
  @Test func `what a failure needs is all that is left`() async throws {
    var stream = RandomStreams(seed: 1).stream("shrink")
    for _ in 0..<300 {
      let start = Self.start(stream.below(40))
      let needed = Set(start.actions.filter { _ in stream.below(8) == 0 }.map(\.id))
      let threads = 1 + stream.below(4)
      let load = Int64(2 + stream.below(10)) * Self.second
      var search = ShrinkSearch(start) { candidate in
        needed.isSubset(of: candidate.actions.map(\.id)) && candidate.threads >= threads && candidate.load >= load
      }
      try await search.run()
      #expect(Set(search.best.actions.map(\.id)) == needed)
      #expect(search.best.threads >= threads && search.best.threads < max(2, 2 * threads))
      let end = search.best.actions.map { $0.at + $0.hold }.max() ?? 0
      // Three quarters of what is left would be too short, or leave out what is needed.
      let next = search.best.load / 4 * 3
      #expect(next < max(load, ShrinkSearch.loadMin) || next - FaultSchedule.tailNanoseconds < end)
      #expect(search.best.actions.allSatisfy { $0.hold < 2 * ShrinkSearch.holdMin })
      #expect(search.tried < 400)
    }
  }

  /// Failures that need one of several things end with one of them: none of what is left can be spared.
  @Test func `of several causes one is left`() async throws {
    var search = ShrinkSearch(Self.start(12)) { candidate in
      let ids = Set(candidate.actions.map(\.id))
      return ids.isSuperset(of: [2, 5]) || ids.isSuperset(of: [7]) || ids.isSuperset(of: [1, 9, 11])
    }
    try await search.run()
    let left = Set(search.best.actions.map(\.id))
    #expect([[2, 5], [7], [1, 9, 11]].contains(left))
  }

  @Test func `no case is tried twice`() async throws {
    let tried = Mutex<[ShrinkCase]>([])
    var search = ShrinkSearch(Self.start(20)) { candidate in
      tried.withLock { $0.append(candidate) }
      return candidate.actions.count >= 3 && candidate.threads >= 3
    }
    try await search.run()
    let cases = tried.withLock { $0 }
    #expect(Set(cases).count == cases.count && cases.count == search.tried)
    #expect(search.best.actions.count == 3)
  }

  @Test func `an end in the middle keeps what was reached`() async throws {
    struct IsOver: Error {}
    let count = Mutex(0)
    var search = ShrinkSearch(Self.start(20)) { candidate in
      let number = count.withLock { count in
        count += 1
        return count
      }
      if number > 4 { throw IsOver() }
      return candidate.load >= 20 * Self.second
    }
    await #expect(throws: IsOver.self) { try await search.run() }
    #expect(search.best.load < 60 * Self.second && search.best.load >= 20 * Self.second)
  }
}
