import ArgumentParser
import Clusters

/// What a run starts for each node whose disk it may break. Not for people.
struct DiskServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: DiskServer.commandName, shouldDisplay: false)

  @Argument(help: "The data directory, as it is beneath.")
  var beneath: String

  @Argument(help: "The data directory, as the node sees it.")
  var over: String

  func run() throws { DiskServer.runIfAsked() }
}
