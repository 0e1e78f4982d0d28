import Checkers
import Histories
import Nemesis
import Plans
import Systems
import Workloads

/// One line of `faultline list`, with its details.
struct CatalogueEntry {
  var name: String
  var summary: String
  /// Detail lines: `targets: halves, isolate-one`.
  var details: [(label: String, text: String)]
  /// The same for programs.
  var value: Value

  /// Where entries are many and each has much to it: no more than this of each in a list of all.
  var line: String?

  var text: String {
    ([name + "  " + summary] + details.map { "  \($0.label): \($0.text)" }).joined(separator: "\n")
  }

  static var systems: [CatalogueEntry] {
    Presets.names.map { name in
      let plan = try? PlanBuilder(defaultSeed: 1, currentDirectory: "/").plan(system: name)
      let parameters = plan?.system.parameters ?? []
      return entry(
        name, "bundled; \(plan?.system.nodeCount ?? 0) nodes, workload \(plan?.workload.name ?? "")",
        parameters: parameters, more: [:])
    }
  }

  static var workloads: [CatalogueEntry] {
    Workloads.Catalogue.all.map { workload in
      entry(
        workload.name, workload.summary, parameters: workload.parameters,
        more: ["operations": workload.operations.map(\.name), "claims": workload.claims])
    }
  }

  static var faults: [CatalogueEntry] {
    FaultCatalogue.all.map { fault in
      let targets = fault.targets.map { target in
        (
          label: "target \(target.name)" + (fault.defaultTargets.contains(target.name) ? " (default)" : ""),
          text: target.summary
        )
      }
      let parameters = fault.parameters.map { parameter in
        (label: "parameter \(parameter.name)", text: "\(parameter.summary) (\(Units.words(parameter)))")
      }
      let value: [String: Value] = [
        "name": .string(fault.name), "summary": .string(fault.summary), "nodesMin": .int(Int64(fault.nodesMin)),
        "targets": .list(fault.targets.map { ["name": .string($0.name), "summary": .string($0.summary)] }),
        "defaultTargets": .list(fault.defaultTargets.map(Value.string)),
        "parameters": .list(fault.parameters.map(Self.value)),
        "requires": .list(fault.requires.map { .string($0.rawValue) }),
      ]
      return CatalogueEntry(
        name: fault.name, summary: fault.summary, details: targets + parameters, value: .map(value),
        line: "\(fault.name)  \(fault.summary)")
    }
  }

  /// A fault's parameter for programs: numbers are in the unit, limits are the least and the greatest.
  private static func value(_ parameter: FaultParameter) -> Value {
    var value: [String: Value] = [
      "name": .string(parameter.name), "summary": .string(parameter.summary), "default": parameter.initial.value,
      "unit": .string(parameter.kind.unit),
    ]
    if case .text(let choices) = parameter.kind {
      value["choices"] = choices.isEmpty ? nil : .list(choices.map(Value.string))
    } else {
      value["limits"] = [.double(parameter.limits.lowerBound), .double(parameter.limits.upperBound)]
    }
    return .map(value)
  }

  /// The models of `faultline check`.
  static var models: [CatalogueEntry] {
    HistoryModel.all.map { model in
      var details = model.operations.map { (label: $0.function, text: $0.text) }
      var value: [String: Value] = [
        "name": .string(model.name), "summary": .string(model.summary),
        "operations": .list(
          model.operations.map { ["name": .string($0.function), "value": .string($0.text)] }),
        "claims": .list(model.claims.map(Value.string)),
      ]
      switch model {
      case .object(let model): describe(model, &details, &value)
      case .invariant(let model):
        if let starts = model.starts {
          details.append((label: "initial", text: "\(starts); else what the history tells"))
        }
        if !model.assumes.isEmpty {
          let options = model.assumes.map { "--\($0.rawValue)" }
          details.append((label: "options", text: options.joined(separator: ", ")))
          value["options"] = .list(options.map(Value.string))
        }
      case .transactions: break
      }
      details.append((label: "claims", text: model.claims.joined(separator: ", ")))
      return CatalogueEntry(name: model.name, summary: model.summary, details: details, value: .map(value))
    }
  }

  /// What can be said of objects alone: their keys, and the state that they start from.
  private static func describe(
    _ model: CatalogueModel, _ details: inout [(label: String, text: String)], _ value: inout [String: Value]
  ) {
    details.append((label: "keys", text: model.keys.text))
    if let initial = model.initial {
      details.append((label: "initial", text: model.needsInitial ? "to be given with --initial" : initial.json))
    }
    value["keys"] = .string(model.keys.text)
    value["initial"] = model.needsInitial ? nil : model.initial
    value["needsInitial"] = .bool(model.needsInitial)
  }

  static var claims: [CatalogueEntry] {
    let ofWorkloads = Set(Workloads.Catalogue.all.flatMap(\.claims)).sorted().map { claim in
      let workloads = Workloads.Catalogue.all.filter { $0.claims.contains(claim) }.map(\.name)
      return entry(claim, "checked on histories", parameters: [], more: ["workloads": workloads])
    }
    let ofRuns = PlanCatalogue.commonClaims.map { entry($0, "checked on every run", parameters: [], more: [:]) }
    return ofWorkloads + ofRuns
  }

  private static func entry(
    _ name: String, _ summary: String, parameters: [Parameter], more: [String: [String]]
  ) -> CatalogueEntry {
    let lists = more.sorted { $0.key < $1.key }
    let details =
      lists.map { (label: $0.key, text: $0.value.joined(separator: ", ")) }
      + parameters.map { (label: $0.name, text: range($0)) }
    var value: [String: Value] = ["name": .string(name), "summary": .string(summary)]
    for (label, names) in lists { value[label] = .list(names.map(Value.string)) }
    value["parameters"] = .list(parameters.map(Self.value))
    return CatalogueEntry(name: name, summary: summary, details: details, value: .map(value))
  }

  /// A parameter in a line.
  static func describe(_ parameter: Parameter) -> String { "\(parameter.name): \(range(parameter))" }

  private static func range(_ parameter: Parameter) -> String {
    "\(parameter.summary) (\(parameter.kind.words); default \(parameter.defaultValue))"
  }

  /// A parameter for programs.
  static func value(_ parameter: Parameter) -> Value {
    [
      "name": .string(parameter.name), "kind": .string(parameter.kind.words), "default": parameter.defaultValue,
      "summary": .string(parameter.summary),
    ]
  }
}

extension FaultParameter.Kind {
  /// What numbers are counted in; `text` where they are none.
  fileprivate var unit: String {
    switch self {
    case .seconds: "seconds"
    case .percent: "percent"
    case .count: "pieces"
    case .bytes: "bytes"
    case .bitsPerSecond: "bits/s"
    case .text: "text"
    }
  }
}

extension Parameter.Kind {
  /// What may be given, in words.
  var words: String {
    switch self {
    case .int(let range): "\(range.lowerBound)…\(range.upperBound)"
    case .double(let range): "\(range.lowerBound)…\(range.upperBound)"
    case .bool: "true or false"
    case .string: "text"
    case .choice(let names): names.joined(separator: " | ")
    case .choices(let names): "list of " + names.joined(separator: ", ")
    case .weights(let names): "weights of " + names.joined(separator: ", ")
    }
  }
}
