import Histories
import Testing
import Workloads

@testable import Plans
@testable import Systems

/// What the bundled plan of message-queue makes of the operations of its workloads, and of the answers of its servers.
@Suite struct MessageQueuePlanTests {
  private func plan(_ workload: String) throws -> Plan {
    try PlanBuilder(defaultSeed: 1, currentDirectory: "/")
      .plan(system: "message-queue", PlanOverrides(workload: workload))
  }

  @Test(arguments: ["partitioned-log", "total-queue", "work-queue"])
  func everyWorkloadIsDescribed(_ workload: String) throws {
    let plan = try plan(workload)
    #expect(plan.workload.name == workload)
    let entry = try #require(Workloads.Catalogue.named(workload))
    for operation in entry.operations {
      #expect(plan.operations[operation.name]?.readOnly == operation.readOnly, "\(operation.name)")
    }
    #expect(plan.claims.map(\.claim).starts(with: entry.defaultClaims))
  }

  /// An operation, its request, and an answer with what it means.
  struct Exchange: Sendable {
    var workload: String
    var function: String
    var value: Value
    var path: String
    var body: String?
    var answer: String
    var completed: Value
  }

  private static let message: Value = ["value": 17, "producer": 3, "sequence": 4]
  private static let sent = #"{"producer":3,"sequence":4,"value":17}"#

  @Test(arguments: [
    Exchange(
      workload: "partitioned-log", function: "send", value: [13, message], path: "/topics/t1/5", body: sent,
      answer: #"{"offset":8}"#, completed: [13, [8, 17]]),
    Exchange(
      workload: "partitioned-log", function: "resend", value: [13, message], path: "/topics/t1/5", body: sent,
      answer: #"{"offset":8}"#, completed: [13, [8, 17]]),
    Exchange(
      workload: "partitioned-log", function: "poll", value: [8, 7], path: "/topics/t1/0/7/1000", body: nil,
      answer: #"{"records":[[7,16],[8,17]],"end":9}"#, completed: [8, [[7, 16], [8, 17]]]),
    Exchange(
      workload: "partitioned-log", function: "local-poll", value: [3, 0], path: "/local/topics/t0/3", body: nil,
      answer: #"{"records":[],"end":0}"#, completed: [3, []]),
    Exchange(
      workload: "work-queue", function: "enqueue", value: [2, message], path: "/queues/q2", body: sent,
      answer: #"{"id":9}"#, completed: [2, message]),
    Exchange(
      workload: "work-queue", function: "receive", value: [2, ["receiver": "c1", "visibilityMs": 2000]],
      path: "/queues/q2/receive", body: #"{"receiver":"c1","visibilityMs":2000}"#,
      answer: #"{"id":"7-2","value":17,"attempt":2}"#, completed: [2, ["id": "7-2", "value": 17, "attempt": 2]]),
    Exchange(
      workload: "work-queue", function: "receive", value: [2, ["receiver": "c1"]], path: "/queues/q2/receive",
      body: #"{"receiver":"c1"}"#, answer: #"{"id":null}"#, completed: [2, nil]),
    Exchange(
      workload: "work-queue", function: "ack", value: [2, "7-2"], path: "/queues/q2/ack", body: #"{"id":"7-2"}"#,
      answer: "{}", completed: [2, "7-2"]),
    Exchange(
      workload: "work-queue", function: "drain", value: [2, nil], path: "/queues/q2/drain", body: nil,
      answer: #"{"values":[17,18]}"#, completed: [2, [17, 18]]),
    Exchange(
      workload: "total-queue", function: "enqueue", value: [2, 17], path: "/topics/q2/1", body: #"{"value":17}"#,
      answer: #"{"offset":8}"#, completed: [2, 17]),
    Exchange(
      workload: "total-queue", function: "dequeue", value: [2, "c1.2"], path: "/groups/g2/poll",
      body: #"{"member":"c1.2","topic":"q2","max":1}"#, answer: #"{"generation":4,"records":[[1,8,17]]}"#,
      completed: [2, 17]),
    Exchange(
      workload: "total-queue", function: "dequeue", value: [2, "c1.2"], path: "/groups/g2/poll",
      body: #"{"member":"c1.2","topic":"q2","max":1}"#, answer: #"{"generation":4,"records":[]}"#, completed: [2, nil]),
    Exchange(
      workload: "total-queue", function: "drain", value: [2, nil], path: "/groups/g2/drain", body: #"{"topic":"q2"}"#,
      answer: #"{"records":[[1,8,17],[0,3,18]]}"#, completed: [2, [17, 18]]),
  ])
  func requestsAndAnswers(_ exchange: Exchange) throws {
    let plan = try plan(exchange.workload)
    let operation = try #require(plan.operations[exchange.function])
    let invocation = PendingOperation(
      id: 1, function: exchange.function, value: exchange.value, keyed: exchange.workload != "partitioned-log")
    let scope = TemplateScope(invocation: invocation)
    #expect(try operation.request.path.text(scope) == exchange.path)
    var body: [UInt8] = []
    if case .json(let document) = operation.request.body { try document.append(to: &body, scope) }
    #expect(String(decoding: body, as: UTF8.self) == exchange.body ?? "")
    func completion(_ status: Int, _ body: String) -> OperationOutcome {
      let response = HTTPResponse(status: status, headers: HTTPHeaders([]), body: Array(body.utf8))
      return OutcomeClassifier(operation).completion(of: invocation, .response(response))
    }
    #expect(completion(200, exchange.answer) == OperationOutcome(type: .ok, value: exchange.completed))
    let refused = completion(503, #"{"error":"no-leader"}"#)
    #expect(refused.type == .fail || exchange.function == "local-poll")
    #expect(completion(504, #"{"error":"unknown"}"#).type == (operation.readOnly ? .fail : .info))
  }
}
