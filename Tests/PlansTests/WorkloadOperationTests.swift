import Histories
import Systems
import Testing
import Workloads

@testable import Plans

/// `bank/read`: an operation for one workload alone.
@Suite struct WorkloadOperationTests {
  private static func read(_ name: String, _ path: String, readOnly: Bool = true) -> String {
    "  \(name): {readOnly: \(readOnly), request: {method: GET, path: \(path)}, "
      + "outcomes: [{when: {status: 200}, is: ok, value: 1}]}"
  }

  private static func write(_ name: String, _ path: String) -> String {
    "  \(name): {request: {method: POST, path: \(path)}, outcomes: [{when: {status: 200}, is: ok}]}"
  }

  /// The plan with more operations behind the register's three.
  private static func lines(_ more: String...) -> [String: String] {
    ["cas": ([PlanFixture.lines["cas"] ?? ""] + more).joined(separator: "\n")]
  }

  private static let bank = lines(
    read("bank/read", "/balances"), write("transfer", "/transfers"), write("bank/txn", "/accounts"))

  private func path(_ plan: Plan, _ operation: String) -> String? {
    plan.operations[operation]?.request.path.description
  }

  @Test func theOneForTheWorkloadWins() throws {
    let register = try PlanFixture.plan(Self.bank)
    #expect(path(register, "read") == "/{{ op.key }}")
    #expect(register.operations.keys.sorted() == ["cas", "read", "transfer", "write"])
    let bank = try PlanFixture.plan(Self.bank, PlanOverrides(workload: "bank"))
    #expect(path(bank, "read") == "/balances" && path(bank, "transfer") == "/transfers")
    #expect(path(bank, "txn") == "/accounts" && path(bank, "write") == "/{{ op.key }}")
    #expect(bank.claims.map(\.claim) == ["total-conserved", "recovers", "no-panic"])
    let resolved = bank.resolved.map?["operations"]?.map?["read"]?.map?["request"]?.map?["path"]
    #expect(resolved == "/balances")
  }

  @Test func theOneForAnotherWorkloadIsNone() {
    let lines = Self.lines(Self.write("long-fork/txn", "/txn"))
    #expect(PlanFixture.problems(lines, PlanOverrides(workload: "long-fork")).isEmpty)
    let problems = PlanFixture.problems(lines, PlanOverrides(workload: "list-append"))
    #expect(problems == ["p.yaml:10:1: operations lacks 'txn', which workload list-append invokes"])
  }

  @Test(arguments: [
    ("bnak/read", "unknown workload 'bnak'; did you mean 'bank'?"),
    ("bank/raed", "unknown operation of workload bank 'raed'; did you mean 'read'?"),
    ("bank/cas", "unknown operation of workload bank 'cas'; known: txn, transfer, read"),
    ("bank/", "an operation is NAME, or WORKLOAD/NAME for one workload alone: not 'bank/'"),
    ("/read", "an operation is NAME, or WORKLOAD/NAME for one workload alone: not '/read'"),
    ("bank/read/all", "an operation is NAME, or WORKLOAD/NAME for one workload alone: not 'bank/read/all'"),
  ])
  func namesThatSayNothing(_ name: String, _ message: String) {
    #expect(PlanFixture.problems(Self.lines(Self.read(name, "/x"))) == ["p.yaml:14:3: \(message)"])
  }

  /// Also where the plan's own workload is another: it would only be found out when it is too late.
  @Test(arguments: [nil, "bank"] as [String?])
  func whatIsForOneWorkloadIsCheckedAlways(_ workload: String?) {
    let lines = Self.lines(
      Self.read("bank/transfer", "/x", readOnly: true), Self.write("txn", "/y"),
      "  bank/read: {outcomes: [{when: {status: 200}, is: ok, value: 1}]}")
    #expect(
      PlanFixture.problems(lines, PlanOverrides(workload: workload)) == [
        "p.yaml:14:29: 'transfer' of workload bank changes something: it cannot be readOnly",
        "p.yaml:16:14: operations.bank/read lacks 'request': as {method: GET, path: /…}",
      ])
  }

  @Test func whatAWorkloadCanDoWithoutHasNoShare() throws {
    let plan = try PlanFixture.plan(["cas": ""])
    #expect(plan.workload.parameters["mix"] == ["read": .double(2), "write": .double(1), "cas": .double(0)])
    #expect(Workload.register.operations.filter { plan.workload.uses($0) }.map(\.name) == ["read", "write"])
    #expect(Workload.register.operations.allSatisfy { (try? PlanFixture.plan())?.workload.uses($0) == true })
    let asked = ["cas": "", "workload": "workload: {name: register, mix: {read: 1, cas: 1}}"]
    #expect(PlanFixture.problems(asked) == ["p.yaml:10:1: operations lacks 'cas', which workload register invokes"])
    #expect(
      PlanFixture.problems(["cas": "", "workload": "workload: {name: register, mix: {read: 1, write: 1}}"]) == [])
  }

  @Test(
    arguments: [
      (nil, ["read-your-writes=invalid", "recovers=valid", "no-panic=valid"]),
      ("bank", ["total-conserved-with-debt=valid", "no-panic=valid"]),
      ("write-skew", ["strict-serializable=valid", "recovers=valid", "no-panic=valid"]),
    ] as [(String?, [String])])
  func claimsForOneWorkloadStandInForTheOthers(_ workload: String?, _ expected: [String]) throws {
    var lines = Self.bank
    lines["claims"] =
      "claims: [linearizable, {claim: register/read-your-writes, expect: invalid}, "
      + "bank/total-conserved-with-debt, {claim: bank/recovers, enabled: false}]"
    lines["cas"] = (lines["cas"] ?? "") + "\n" + Self.write("write-skew/txn", "/txn")
    let plan = try PlanFixture.plan(lines, PlanOverrides(workload: workload))
    #expect(plan.claims.map { "\($0.claim)=\($0.expect.rawValue)" } == expected)
  }
}
