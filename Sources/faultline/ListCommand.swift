import ArgumentParser
import Foundation
import Histories
import Nemesis
import Plans
import Runs
import Systems
import Workloads

/// `faultline list systems|workloads|faults|models|claims`, or of one entry all that there is to know.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List systems, workloads, faults, models or claims, with what each may be told; or show one of them.",
    discussion: """
      Of a system, or a plan file, all is shown that can be asked of it: parameters, the workloads that its plan has \
      operations for with their claims, faults, and named bugs with the workload that shows each.

      Examples:
        faultline list workloads
        faultline list dynamo-ring
        faultline list systems Examples/toy-kv/toy-kv.yaml
        faultline list workloads register --output json
      """)

  enum Kind: String, CaseIterable {
    case systems
    case workloads
    case faults
    case models
    case claims
  }

  enum Form: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
  }

  @Argument(help: "What to list: systems, workloads, faults, models or claims; or a system, or a plan file.")
  var what: String

  @Argument(help: "The one of them that is to be shown.")
  var name: String?

  @Option(help: ArgumentHelp("text, or json for programs.", valueName: "form"))
  var output: Form = .text

  func run() throws {
    switch (Kind(rawValue: what), name) {
    case (.systems?, let name?): try showSystem(name)
    case (let kind?, let name?): show([try entry(kind, name)])
    case (let kind?, nil): show(Self.entries(kind), of: kind)
    case (nil, let name?): throw ValidationError("\(unknownKind): '\(name)' says nothing behind it")
    case (nil, nil):
      guard Presets.named(what) != nil || Self.isFile(what) else { throw ValidationError(unknownKind) }
      try showSystem(what)
    }
  }

  /// Plans are files by the same rule as for `faultline run`.
  private static func isFile(_ target: String) -> Bool {
    target.contains("/") || target.hasSuffix(".yaml") || target.hasSuffix(".yml")
  }

  private var unknownKind: String {
    UnknownName.message("list", what, known: Kind.allCases.map(\.rawValue) + Presets.names)
  }

  /// - Parameter kind: of which these are all; nil where one was asked for.
  private func show(_ entries: [CatalogueEntry], of kind: Kind? = nil) {
    switch output {
    case .text:
      let isShort = kind != nil && entries.contains { $0.line != nil }
      print(entries.map { kind == nil ? $0.text : $0.line ?? $0.text }.joined(separator: "\n"))
      if let kind, isShort { print("`faultline list \(kind.rawValue) NAME` shows one with targets and parameters.") }
    case .json: print(Value.list(entries.map(\.value)).json)
    }
  }

  private func showSystem(_ target: String) throws {
    let builder = PlanBuilder(defaultSeed: 1, currentDirectory: FileManager.default.currentDirectoryPath)
    do throws(PlanProblems) {
      let system = try SystemEntry(target, builder)
      print(output == .text ? system.text : system.value.json)
    } catch {
      StandardError.print("\(error)")
      throw ArgumentParser.ExitCode(Runs.ExitCode.usage)
    }
  }

  private func entry(_ kind: Kind, _ name: String) throws -> CatalogueEntry {
    let entries = Self.entries(kind)
    if let entry = entries.first(where: { $0.name == name }) { return entry }
    throw ValidationError(UnknownName.message("entry of \(kind.rawValue)", name, known: entries.map(\.name)))
  }

  private static func entries(_ kind: Kind) -> [CatalogueEntry] {
    switch kind {
    case .systems: CatalogueEntry.systems
    case .workloads: CatalogueEntry.workloads
    case .faults: CatalogueEntry.faults
    case .models: CatalogueEntry.models
    case .claims: CatalogueEntry.claims
    }
  }
}
