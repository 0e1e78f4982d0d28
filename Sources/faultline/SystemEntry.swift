import Histories
import Nemesis
import Plans
import Systems
import Workloads

/// All that can be asked of one system: `faultline list raft-kv`.
struct SystemEntry {
  /// A workload that the system's plan has operations for, with the claims that a run of it checks.
  struct Served {
    var workload: Workload
    var claims: [ClaimExpectation]
  }

  var plan: Plan
  var served: [Served]

  /// - Parameter target: a bundled system, or a plan file.
  /// - Throws: `PlanProblems`.
  init(_ target: String, _ builder: PlanBuilder) throws(PlanProblems) {
    plan = try builder.plan(target)
    // What the plan lacks for a workload is what decoding it with that workload finds.
    served = Catalogue.all.compactMap { workload in
      guard let plan = try? builder.plan(target, PlanOverrides(workload: workload.name)) else { return nil }
      return Served(workload: workload, claims: plan.claims)
    }
  }

  /// The named bugs, each with the workload that shows it.
  private var bugs: [(name: String, workload: String)] {
    guard let parameter = plan.system.parameters.first(where: { $0.name == plan.mutants?.parameter }),
      case .choice(let names) = parameter.kind
    else { return [] }
    return names.filter { .string($0) != parameter.defaultValue }.map {
      ($0, plan.mutants?.workloads[$0] ?? plan.workload.name)
    }
  }

  private var bugParameter: String? { plan.mutants?.parameter }

  var text: String {
    let parameters = plan.system.parameters.filter { $0.name != bugParameter }
    let sections: [(String, [String])] = [
      ("parameters (--set name=value)", parameters.map(CatalogueEntry.describe)),
      ("workloads (--workload name): claims that are checked", served.map(describe)),
      ("faults (--faults name)", plan.faults.map { "\($0.name)  \($0.targets.joined(separator: ", "))" }),
      ("bugs (--set \(bugParameter ?? "bug")=name): the workload that shows each", bugs.map(describe)),
    ]
    let head = "\(plan.name)  \(plan.system.nodeCount) nodes, workload \(plan.workload.name)"
    return
      ([head]
      + sections.flatMap { title, lines in lines.isEmpty ? [] : ["  \(title):"] + lines.map { "    " + $0 } })
      .joined(separator: "\n")
  }

  private func describe(_ bug: String, _ workload: String) -> String {
    let faults = plan.mutants?.faults[bug].map { ", with --faults \($0.joined(separator: ","))" } ?? ""
    return "\(bug)  \(workload)\(faults)"
  }

  private func describe(_ served: Served) -> String {
    let own = served.workload.name == plan.workload.name ? " (the plan's own)" : ""
    let claims = served.claims.map { $0.expect == .valid ? $0.claim : "\($0.claim) (expected to be broken)" }
    return "\(served.workload.name)\(own)  \(claims.joined(separator: ", "))"
  }

  /// The same for programs.
  var value: Value {
    [
      "name": .string(plan.name), "nodes": .int(Int64(plan.system.nodeCount)),
      "workload": .string(plan.workload.name),
      "parameters": .list(plan.system.parameters.map(CatalogueEntry.value)),
      "workloads": .list(
        served.map { served in
          [
            "name": .string(served.workload.name),
            "claims": .list(
              served.claims.map { ["claim": .string($0.claim), "expect": .string($0.expect.rawValue)] }),
            "checkable": .list(served.workload.claims.map(Value.string)),
          ]
        }),
      "faults": .list(
        plan.faults.map { ["name": .string($0.name), "targets": .list($0.targets.map(Value.string))] }),
      "bugs": .list(bugs.map { ["name": .string($0.name), "workload": .string($0.workload)] }),
    ]
  }
}
