import ArgumentParser
import Histories

/// What the command line asks for.
struct FuzzOptions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history-fuzz",
    abstract: "Reads damaged histories for a given time: nothing may crash, hang, or be read in two ways.",
    discussion: """
      Every input follows from the seed and its number alone. Exits with 1 at the first finding.
      """)

  @Option(help: "The seed of every input.")
  var seed: UInt64 = 1

  @Option(help: "How long, in seconds.")
  var seconds = 60

  @Option(help: "One format alone: \(HistoryFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
  var format: HistoryFormat?

  @Option(help: "Read the input with this number alone, and print it.")
  var input: UInt64?

  func validate() throws {
    guard (1...604_800).contains(seconds) else {
      throw ValidationError("--seconds must be from 1 to 604800 (a week), not \(seconds)")
    }
  }
}

extension HistoryFormat: ExpressibleByArgument {}
