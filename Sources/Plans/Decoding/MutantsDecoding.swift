import Histories
import Nemesis
import Systems
import Workloads

extension PlanDecoder {
  /// `mutants: {parameter: bug, workloads: {txn-dirty: list-append}, faults: {no-fsync: [kill]}}`.
  func mutants(_ plan: Fields, _ parameters: [Parameter]) -> MutantsDescription? {
    guard let node = plan.node("mutants") else { return nil }
    let fields = Fields(node, "mutants", sink)
    let parameterNode = fields.required("parameter", "the parameter of the system that names the bug")
    let entries = fields.node("workloads").map { sink.entries($0, "a mapping from bugs to workloads") } ?? []
    let faultEntries = fields.node("faults").map { sink.entries($0, "a mapping from bugs to lists of faults") } ?? []
    fields.finish()
    guard let parameterNode, let name = sink.text(parameterNode, "a parameter's name") else { return nil }
    guard let bugs = choices(of: name, parameters, at: parameterNode.mark) else { return nil }
    for entry in entries + faultEntries where !bugs.contains(entry.key) {
      sink.report(UnknownName.message("bug", entry.key, known: bugs), at: entry.keyMark)
    }
    var workloads: [String: String] = [:]
    for entry in entries {
      let known = catalogue.workloads.map(\.name)
      workloads[entry.key] = sink.choice(entry.value, "workload", among: known)
    }
    var faults: [String: [String]] = [:]
    for entry in faultEntries {
      let known = catalogue.faults.map(\.name)
      faults[entry.key] = sink.listOrOne(entry.value, "a list of faults").compactMap {
        sink.choice($0, "fault", among: known)
      }
    }
    return MutantsDescription(parameter: name, workloads: workloads, faults: faults)
  }

  private func choices(of name: String, _ parameters: [Parameter], at mark: YAMLMark) -> [String]? {
    guard let parameter = parameters.first(where: { $0.name == name }) else {
      sink.report(UnknownName.message("parameter", name, known: parameters.map(\.name)), at: mark)
      return nil
    }
    guard case .choice(let choices) = parameter.kind else {
      sink.report(
        "the parameter '\(name)' must have choices: the names of the bugs, and its default for none", at: mark)
      return nil
    }
    return choices
  }
}
