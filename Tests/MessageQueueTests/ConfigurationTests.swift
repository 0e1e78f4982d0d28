import Testing

@testable import MessageQueue

@Suite struct ConfigurationTests {
  @Test func theDefaultsAreFine() {
    #expect(Configuration(id: 1, members: [1, 2, 3, 4, 5]).problems() == [])
  }

  @Test func everyProblemIsNamed() {
    var configuration = Configuration(id: 9, members: [1, 2, 2])
    configuration.replicas = 4
    configuration.minInsync = 5
    configuration.partitions = 0
    configuration.electionTimeoutMax = 1
    configuration.fetchWait = 0
    configuration.retryInterval = 0
    configuration.visibility = 0
    configuration.groupSession = 0
    #expect(configuration.problems().count == 10)
  }

  @Test func replicasAreSpreadOverTheCluster() {
    let configuration = Configuration(id: 1, members: [1, 2, 3, 4, 5])
    var preferred: Set<NodeID> = []
    for index in 0..<5 as Range<UInt32> {
      let replicas = configuration.replicas(of: PartitionID(.topic, [1], index))
      #expect(Set(replicas).count == 3)
      preferred.insert(replicas[0])
    }
    #expect(preferred.count == 5)
  }
}
