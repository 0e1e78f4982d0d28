import ArgumentParser

/// The version of this build, as `--version`, results and reports give it.
let faultlineVersion = "0.1.0"

/// The command line. Every command is a file of its own.
@main
struct Faultline: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "faultline",
    abstract: "Finds out whether a distributed system keeps its promises.",
    discussion: """
      Starts the system's real processes, drives concurrent clients against it, breaks its network and processes while \
      they run, records every operation, and decides from that history which claims held.

      Try it:  faultline run raft-kv --faults partition,kill --time 20s
      On a history you have:  faultline check history.edn

      Exit codes: 0 every claim is as expected, 1 violation, 2 unknown, 64 usage or bad plan, 70 crash of Faultline, \
      75 the environment failed (try again), 130 interrupted.
      """,
    version: faultlineVersion,
    subcommands: [
      RunCommand.self, CheckCommand.self, GenerateCommand.self, MutantsCommand.self, ReplayCommand.self,
      ShrinkCommand.self, ReportCommand.self, ListCommand.self, DoctorCommand.self, DiskServerCommand.self,
    ])
}
