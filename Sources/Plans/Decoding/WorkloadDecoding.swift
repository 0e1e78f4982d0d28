import Histories
import Systems
import Workloads

struct DecodedWorkload {
  var entry: Workload
  var choice: WorkloadChoice
  /// What the plan says of its parameters.
  var given: [String: Value]

  /// Takes an operation's share of the load away.
  ///
  /// - Returns: false where the workload needs the operation, or the plan asks for it.
  mutating func doWithout(_ operation: WorkloadOperation) -> Bool {
    guard operation.isOptional, var mix = choice.parameters["mix"]?.map else { return false }
    if let share = given["mix"]?.map?[operation.name], share != 0, share != .double(0) { return false }
    mix[operation.name] = .double(0)
    choice.parameters["mix"] = .map(mix)
    return true
  }
}

extension PlanDecoder {
  /// The block `workload:`, or `--workload`, with the operations that it needs.
  func workload(_ plan: Fields, _ operations: DecodedOperations) -> DecodedWorkload? {
    let described = planned(plan)
    var chosen = described
    if let name = overrides.workload, name != described?.entry.name {
      chosen = overriding(name)
    }
    guard var chosen else { return nil }
    check(operations, &chosen, plan.keyMark("operations"))
    return chosen
  }

  /// `workload: register`, or `workload: {name: register, keys: 8}`.
  private func planned(_ plan: Fields) -> DecodedWorkload? {
    guard
      let node = overrides.workload == nil
        ? plan.required("workload", "what clients do, as {name: register}") : plan.node("workload")
    else { return nil }
    if node.scalar != nil {
      return sink.text(node, "a workload's name").flatMap { entry($0, at: sink.place(node.mark)) }.map {
        resolved($0, [])
      }
    }
    let fields = Fields(node, "workload", sink)
    guard let nameNode = fields.required("name", "a workload's name"),
      let name = sink.text(nameNode, "a workload's name"), let entry = entry(name, at: sink.place(nameNode.mark))
    else { return nil }
    return resolved(entry, fields.rest())
  }

  private func overriding(_ name: String) -> DecodedWorkload? {
    entry(name, at: .option("--workload")).map { resolved($0, []) }
  }

  private func entry(_ name: String, at place: Diagnostic.Place) -> Workload? {
    if let entry = catalogue.workloads.first(where: { $0.name == name }) { return entry }
    sink.report(UnknownName.message("workload", name, known: catalogue.workloads.map(\.name)), at: place)
    return nil
  }

  private func resolved(_ entry: Workload, _ parameters: [YAMLEntry]) -> DecodedWorkload {
    let given = Dictionary(parameters.map { ($0.key, $0.value.value) }, uniquingKeysWith: { first, _ in first })
    let (values, problems) = Parameter.resolve(given: given, schema: entry.parameters)
    for problem in problems {
      guard let wrong = parameters.first(where: { $0.key == problem.parameter }) else { continue }
      if reportUnknownNames(in: wrong, entry) { continue }
      let isKnown = entry.parameters.contains { $0.name == problem.parameter }
      sink.report("workload \(entry.name): \(problem)", at: isKnown ? wrong.value.mark : wrong.keyMark)
    }
    return DecodedWorkload(
      entry: entry, choice: WorkloadChoice(name: entry.name, parameters: values), given: given)
  }

  /// Each name in a mapping of weights that the parameter does not have, where it stands.
  ///
  /// - Returns: whether there is one.
  private func reportUnknownNames(in given: YAMLEntry, _ workload: Workload) -> Bool {
    guard case .weights(let names)? = workload.parameters.first(where: { $0.name == given.key })?.kind,
      case .map(let entries) = given.value.content
    else { return false }
    let unknown = entries.filter { !names.contains($0.key) }
    for entry in unknown {
      let kind = "name in \(given.key) of workload \(workload.name)"
      sink.report(UnknownName.message(kind, entry.key, known: names), at: entry.keyMark)
    }
    return !unknown.isEmpty
  }

  /// Every operation of the workload is described, and as what it is, unless the workload can do without.
  private func check(_ operations: DecodedOperations, _ chosen: inout DecodedWorkload, _ mark: YAMLMark) {
    let workload = chosen.entry
    let described = operations.of(workload: workload.name)
    for operation in workload.operations {
      if let described = described[operation.name] {
        checkReadOnly(described, operation, workload)
      } else if !operations.isEmpty, !chosen.doWithout(operation) {
        sink.report("operations lacks '\(operation.name)', which workload \(workload.name) invokes", at: mark)
      }
    }
  }

  /// The system's parameters: their defaults with `--set` on top.
  func systemParameters(_ schema: [Parameter]) -> [String: Value] {
    var given: [String: Value] = [:]
    let names = schema.map(\.name)
    for setting in overrides.set {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty else {
        sink.report("expected key=value, not '\(setting)'", at: .option("--set"))
        continue
      }
      guard let parameter = schema.first(where: { $0.name == parts[0] }) else {
        sink.report(UnknownName.message("parameter of the system", parts[0], known: names), at: .option("--set"))
        continue
      }
      guard given[parts[0]] == nil else {
        sink.report("'\(parts[0])' is set twice", at: .option("--set"))
        continue
      }
      do {
        given[parts[0]] = try parameter.value(parsing: parts[1])
      } catch {
        sink.report("\(error)", at: .option("--set"))
      }
    }
    return Parameter.resolve(given: given, schema: schema).values
  }
}
