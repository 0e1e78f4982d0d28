import ArgumentParser
import Clusters
import Foundation
import Histories
import Runs

/// `faultline doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Find out which faults this machine allows, by trying each on two nodes that sleep.",
    discussion: """
      What is missing is told with the reason and the command that would install or allow it. Nothing is left behind, and nothing \
      outside of the namespaces that the command makes for itself is touched.

      Exit code 0: everything is there; 75: something is missing (--output json tells what).
      """)

  @Option(help: ArgumentHelp("text, or json for programs.", valueName: "form"))
  var output: RunCommand.OutputForm = .text

  func run() throws {
    do {
      if case .ended(let exitCode, let message) = try Sandbox.enter() {
        if let message { StandardError.print("faultline: \(message)") }
        throw ArgumentParser.ExitCode(exitCode)
      }
    } catch let refusal as SandboxRefusal {
      show([
        Ability(
          name: "sandbox", purpose: "everything that is run", finding: refusal.description, isThere: false)
      ])
      throw ArgumentParser.ExitCode(Runs.ExitCode.environment)
    }
    guard let abilities = examined() else {
      StandardError.print("faultline: interrupted: nothing is known")
      fflush(nil)
      _exit(Runs.ExitCode.interrupted)
    }
    show(abilities)
    fflush(nil)
    _exit(abilities.allSatisfy(\.isThere) ? Runs.ExitCode.met : Runs.ExitCode.environment)
  }

  /// Nil where it was interrupted: what was not tried to its end says nothing.
  private func examined() -> [Ability]? {
    let folder = FileManager.default.temporaryDirectory.path + "/faultline-doctor-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let result = Interruptible.run(told: "ending the examination") {
      let abilities = try await Examination(folder: folder, disks: true).run()
      try Task.checkCancellation()
      return abilities
    }
    let entered = Ability(
      name: "sandbox", purpose: "everything that is run", finding: "namespaces were made", isThere: true)
    switch result {
    case .failure(is CancellationError): return nil
    case .success(let abilities): return [entered] + abilities
    case .failure(let error):
      return [entered, Ability(name: "cluster", purpose: "nodes", finding: "\(error)", isThere: false)]
    }
  }

  private func show(_ abilities: [Ability]) {
    switch output {
    case .json:
      let rows = abilities.map { ability -> Value in
        [
          "name": .string(ability.name), "available": .bool(ability.isThere), "purpose": .string(ability.purpose),
          "finding": .string(ability.finding),
        ]
      }
      print(Value.map(["schema": 1, "abilities": .list(rows)]).json)
    case .text:
      let width = abilities.map(\.name.count).max() ?? 0
      for ability in abilities {
        let name = ability.name + String(repeating: " ", count: width - ability.name.count)
        print("\(ability.isThere ? "yes" : "NO ")  \(name)  \(ability.finding)")
        if !ability.isThere { print("     \(String(repeating: " ", count: width))  needed for: \(ability.purpose)") }
      }
    }
  }
}
