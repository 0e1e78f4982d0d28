import Checkers
import Generators
import Histories
import Testing

@testable import Workloads

@Suite struct CatalogueTests {
  @Test func `names are sorted, distinct and found`() {
    let names = Catalogue.all.map(\.name)
    #expect(names == Set(names).sorted())
    for name in names { #expect(Catalogue.named(name)?.name == name) }
    #expect(Catalogue.named("no-such") == nil)
  }

  @Test func `every workload's defaults are allowed, and its claims are checked`() throws {
    for workload in Catalogue.all {
      let (parameters, problems) = Parameter.resolve(given: [:], schema: workload.parameters)
      #expect(problems.isEmpty)
      let settings = WorkloadSettings(
        parameters: parameters, threads: 3, streams: RandomStreams(seed: 1), nodes: ["n1"])
      let instance = try workload.build(settings)
      #expect(Set(instance.checks.map(\.claim)) == Set(workload.claims))
      #expect(Set(workload.defaultClaims).isSubset(of: workload.claims) && !workload.defaultClaims.isEmpty)
      let functions = Set(workload.operations.map(\.name))
      let (history, _) = run(instance, against: AnySystem(), operations: 500, threads: 3, keyed: workload.keyed)
      #expect(HistoryModel.functions(of: history) == functions, "\(workload.name)")
    }
  }

  @Test func `a stored history is judged as its run was`() throws {
    for workload in Catalogue.all {
      let models = HistoryModel.models(ofWorkload: workload.name)
      #expect(Set(models.map { $0.claims[0] }).isSubset(of: workload.defaultClaims), "\(workload.name)")
      #expect(workload.defaultClaims[0] == models.first?.claims[0], "\(workload.name)")
      for claim in workload.claims {
        let model = HistoryModel.model(ofWorkload: workload.name, claim: claim)
        #expect(model?.claims.contains(claim) == true, "\(claim) of \(workload.name)")
      }
    }
  }

  @Test func `settings that nobody resolved are refused by name`() {
    let settings = WorkloadSettings(
      parameters: ["keys": "five"], threads: 3, streams: RandomStreams(seed: 1), nodes: [])
    let error = #expect(throws: WorkloadError.self) { try Workload.register.build(settings) }
    #expect(error?.message.contains("'keys' must be an integer") == true)
  }
}

/// What every workload can be run against: registers, a database and queues beside them.
private struct AnySystem: SimulatedSystem {
  var registers = Registers(seed: 1)
  var database = Database(seed: 1)
  var workQueues = WorkQueues(seed: 1)
  var partitionedLogs = PartitionedLogs(seed: 1)

  mutating func answer(_ invocation: Invocation) -> (after: Int64, completion: Completion) {
    if ["send", "poll", "local-poll"].contains(invocation.event.function) { return partitionedLogs.answer(invocation) }
    if ["enqueue", "receive", "ack", "nack"].contains(invocation.event.function) {
      return workQueues.answer(invocation)
    }
    let isOfRegisters =
      switch invocation.event.function {
      case "write", "cas": true
      case "read": invocation.event.value.keyedPair?.value == .null
      default: false
      }
    return isOfRegisters ? registers.answer(invocation) : database.answer(invocation)
  }
}
