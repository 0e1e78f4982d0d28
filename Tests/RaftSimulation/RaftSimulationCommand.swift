import ArgumentParser
import RaftKV
import RaftSimulationKit
import SimulationCommand

/// Runs the Raft core through many seeds of a simulated cluster.
@main
struct RaftSimulationCommand: SimulationCommand {
  typealias System = RaftSimulation
  static let configuration = Self.described("raft-simulation", "the Raft core")

  @OptionGroup var shared: SimulationArguments<RaftOptions>

  @Option(
    help: "Servers that may be added to the members, 0 to 9; 2, or 0 with some flags, if not given. 0: no changes.")
  var spares: Int?

  @Flag(name: .customLong("figure-8"), help: "Crash most new leaders and send entries one by one.")
  var figure8 = false

  @Flag(help: "Changes of the membership follow each other fast, and some new leaders crash.")
  var changes = false

  @Flag(help: "Short logs, many snapshots, and a network that repeats and reorders much.")
  var snapshots = false

  @Flag(help: "Leaders are often cut off from the others, and many clients read.")
  var staleLeaders = false

  @Flag(help: "More clients, and nearly all of their operations are transactions.")
  var transactions = false

  @Flag(help: "More clients, and half of them ask for their writes again and again.")
  var sessions = false

  @Option(help: "What transactions are held to.")
  var promise = TransactionPromise.strictSerializability

  func validate() throws {
    guard (0...9).contains(spares ?? 2) else { throw ValidationError("--spares must be from 0 to 9") }
  }

  func adjust(_ options: inout RaftOptions) {
    if figure8 { options.favourFigure8() }
    if changes { options.favourChanges() }
    if snapshots { options.favourSnapshots() }
    if staleLeaders { options.favourStaleLeaders() }
    if transactions { options.favourTransactions() }
    if sessions { options.favourSessions() }
    options.transactionPromise = promise
    if let spares { options.spares = spares }
  }
}

extension RaftBug: ExpressibleByArgument {}
extension RaftOptions.Canary: ExpressibleByArgument {}

extension TransactionPromise: ExpressibleByArgument {
  /// The words of the promise, lowercased, with hyphens between.
  public var defaultValueDescription: String { rawValue.lowercased().replacing(" ", with: "-") }
  public static var allValueStrings: [String] { allCases.map(\.defaultValueDescription) }

  public init?(argument: String) {
    guard let promise = Self.allCases.first(where: { $0.defaultValueDescription == argument }) else { return nil }
    self = promise
  }
}
