import ArgumentParser
import Foundation
import Histories
import Nemesis
import Runs
import Systems
import Workloads

/// `faultline list systems|workloads|faults|models|claims`.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List systems, workloads, faults, models or claims, with what each may be told.")

  enum Kind: String, ExpressibleByArgument, CaseIterable {
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

  @Argument(help: "What to list.")
  var kind: Kind

  @Option(help: ArgumentHelp("text, or json for programs.", valueName: "form"))
  var output: Form = .text

  func run() throws {
    let entries = entries()
    switch output {
    case .text: print(entries.map(\.text).joined(separator: "\n"))
    case .json: print(Value.list(entries.map(\.value)).json)
    }
  }

  private func entries() -> [CatalogueEntry] {
    switch kind {
    case .systems: CatalogueEntry.systems
    case .workloads: CatalogueEntry.workloads
    case .faults: CatalogueEntry.faults
    case .models: CatalogueEntry.models
    case .claims: CatalogueEntry.claims
    }
  }
}
