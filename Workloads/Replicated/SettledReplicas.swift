import Checkers
import Generators
import Histories

/// What a history says of the states in which replicas can be when all is settled.
///
/// It only decides how long the end of a run waits: what it takes for complete is judged by the checker all the same.
protocol SettledState: Sendable {
  associatedtype State: Hashable

  init(_ operations: Operations)

  /// What has to be the same on all replicas, of an answer without its key.
  func state(_ answer: Value) -> State

  /// Whether the state can be the last one: it has all that was acknowledged, and nothing that is gone.
  func isComplete(_ state: State, of object: Value) -> Bool
}

extension SettlingReads {
  /// Reads of every replica of every object: late are all while they differ, and those that are not complete.
  ///
  /// - Parameters:
  ///   - functions: how an object is read.
  ///   - readers: how many reads of each object go through whoever answers.
  ///   - settle: nanoseconds in which replicas must have caught up.
  static func ofReplicas<Settled: SettledState>(
    _ settled: Settled.Type, of history: History, _ functions: Functions, nodes: [String], readers: Int, settle: Int64
  ) -> SettlingReads {
    SettlingReads(
      of: history.keysUsedLast(max: objectsMax), functions, nodes: nodes, readers: readers, settle: settle,
      after: history
    ) { history in
      // A history that cannot be paired is refused by the checker: there is nothing to wait for.
      guard let settled = (try? Operations(history)).map({ Settled($0) }) else { return { _, _, _ in false } }
      return { answer, all, object in
        let state = settled.state(answer.value)
        return all.contains { settled.state($0.value) != state } || !settled.isComplete(state, of: object)
      }
    }
  }
}

extension ClaimCheck {
  /// A check of every claim of a model of replicated objects whose replicas agree some time after the load.
  ///
  /// Replicas that agree on a right state at once need not be waited for. Any others are judged by the reads that began
  /// when the time to settle was over, to which updates of unknown outcome have taken effect or never do.
  ///
  /// - Parameters:
  ///   - name: the model, as `faultline check` calls it.
  ///   - settle: nanoseconds.
  /// - Throws: where there is no such model.
  static func settled(_ name: String, within settle: Int64) throws(WorkloadError) -> [ClaimCheck] {
    var assumptions = Assumptions()
    assumptions.quiescence = settle
    let (early, late) = (try invariants(ofModel: name), try invariants(ofModel: name, assuming: assumptions))
    return zip(early, late).map { early, late in
      ClaimCheck(claim: early.claim, checker: early.checker) { history, budget in
        let first = early.run(history, budget)
        if first.verdict == .valid { return first }
        let last = late.run(history, budget)
        return last.verdict == .unknown && first.verdict == .unknown ? first : last
      }
    }
  }
}

extension Workload {
  /// The parameters that workloads of replicated objects have in common.
  ///
  /// - Parameter mix: the shares of their operations, by default.
  static func replicatedParameters(opsPerKey: Int, _ functions: [String], mix: [String: Value]) -> [Parameter] {
    [
      Parameter("keys", .int(1...10_000), default: 4, "objects in use at any time"),
      Parameter(
        "opsPerKey", .int(0...1_000_000), default: .int(Int64(opsPerKey)),
        "operations until a new object takes an object's place; 0: never"),
      Parameter("mix", .weights(functions), default: .map(mix), "shares of the operations"),
      Parameter(
        "distribution", .choice(["uniform", "zipf"]), default: "uniform", "which of the objects in use is taken"),
      Parameter("skew", .double(0...10), default: .double(0.99), "exponent of distribution=zipf"),
      Parameter(
        "settle", .double(0...3_600), default: .double(5),
        "seconds after the last update and the last fault in which every replica must have caught up"),
    ]
  }
}

extension WorkloadSettings {
  /// The parameter `settle`, in nanoseconds.
  func settle() throws(WorkloadError) -> Int64 { Int64(try double("settle") * 1_000_000_000) }

  /// A load of updates and reads of replicated objects, with the final reads and the claims of their model.
  func replicated<Updates: ReplicatedUpdates>(
    _ updates: Updates, _ settled: (some SettledState).Type, model: String, stream: String
  ) throws(WorkloadError) -> WorkloadInstance {
    let generator = ReplicatedGenerator(
      keys: try rotatingKeys(), updates: updates, nodes: nodes,
      weights: try weights("mix", of: ReplicatedGenerator<Updates>.functions), stream: streams.stream(stream))
    let (nodes, settle) = (nodes, try settle())
    return WorkloadInstance(
      generator: generator.onClients(),
      finalGenerator: { history in
        SettlingReads.ofReplicas(
          settled, of: history, .init(readReplica: "local-read"), nodes: nodes, readers: 0, settle: settle
        ).onClients()
      },
      checks: try ClaimCheck.settled(model, within: settle))
  }
}
