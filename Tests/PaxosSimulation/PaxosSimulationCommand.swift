import ArgumentParser
import PaxosLog
import PaxosSimulationKit
import SimulationCommand
import SimulationKit

/// Runs the Paxos core through many seeds of a simulated cluster.
@main
struct PaxosSimulationCommand: SimulationCommand {
  typealias System = PaxosSimulation
  static let configuration = Self.described("paxos-simulation", "the Paxos core")

  @OptionGroup var shared: SimulationArguments<PaxosOptions>

  @Option(help: "How often a new leader crashes within milliseconds, in percent.")
  var newLeaderCrashPercent = 0

  @Flag(help: "Check only what can be seen from outside: answers, states of nodes, recovery.")
  var blackBox = false

  func adjust(_ options: inout PaxosOptions) {
    options.cluster.newLeaderCrashPercent = newLeaderCrashPercent
    options.isBlackBox = blackBox
  }
}

extension PaxosBug: ExpressibleByArgument {}
extension PaxosOptions.Canary: ExpressibleByArgument {}
