import ArgumentParser
import DynamoRing
import DynamoSimulationKit
import SimulationCommand

/// Runs the Dynamo core through many seeds of a simulated cluster.
@main
struct DynamoSimulationCommand: SimulationCommand {
  typealias System = DynamoSimulation
  static let configuration = Self.described("dynamo-simulation", "the Dynamo core")

  @OptionGroup var shared: SimulationArguments<DynamoOptions>
}

extension DynamoBug: ExpressibleByArgument {}
extension DynamoOptions.Canary: ExpressibleByArgument {}
