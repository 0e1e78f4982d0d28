import ArgumentParser
import MessageQueue
import MessageQueueSimulationKit
import SimulationCommand

/// Runs the message queue's core through many seeds of a simulated cluster.
@main
struct MessageQueueSimulationCommand: SimulationCommand {
  typealias System = MessageQueueSimulation
  static let configuration = Self.described("message-queue-simulation", "the message queue's core")

  @OptionGroup var shared: SimulationArguments<MessageQueueOptions>
}

extension MessageQueueBug: ExpressibleByArgument {}
extension MessageQueueOptions.Canary: ExpressibleByArgument {}
