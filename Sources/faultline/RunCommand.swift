import ArgumentParser
import Clusters
import Foundation
import Plans
import Reports
import RunStore
import Runs

/// `faultline run SYSTEM|PLAN.yaml`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a system, break it on purpose, and judge what it did.",
    discussion: """
      Without a plan file, the bundled plan of SYSTEM is used (see `faultline list systems`); options override what \
      either says. The cluster lives in namespaces of its own: nothing of it remains, whatever happens, and no root is \
      needed where the kernel allows user namespaces.

      The run directory (history, schedule, results, counterexamples, node logs, report) is \
      STORE/PLAN/TIME-SEED/, and STORE/latest points at the newest. Verdicts go to standard output, progress to \
      standard error. The last line is the command that repeats the run.

      Examples:
        faultline run raft-kv --faults partition,kill --time 20s
        faultline run raft-kv --faults 'partition:targets=halves+isolate-one,every=4s,hold=2s' --seed 7
        faultline run raft-kv --set bug=stale-read --fail-fast
        faultline run my-service.yaml --time 1m --concurrency 4n
      """)

  @Argument(help: "A bundled system, or a plan file (anything that ends in .yaml or .yml, or has a slash).")
  var target: String

  @Option(
    help: ArgumentHelp(
      "What the clients do (`faultline list workloads`); the plan's claims that it cannot check are left out.",
      valueName: "name"))
  var workload: String?

  @Option(
    help: ArgumentHelp(
      "Faults, separated by commas, each with its parameters: 'partition:targets=halves,every=4s,hold=2s'; or none.",
      valueName: "faults"))
  var faults: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Never let faults that last at the same time take away a majority: they get smaller targets, or are left out."
  )
  var keepQuorum: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Leave out some of the faults and change how often the others come, as the seed decides: for many runs.")
  var swarm: Bool?

  @Flag(help: "Leave out, with a word on it, the faults that this machine does not allow (`faultline doctor`).")
  var skipUnavailable = false

  @Option(help: ArgumentHelp("Length of the load phase: 500ms, 20s, 5m, 1h.", valueName: "duration"))
  var time: String?

  @Option(help: ArgumentHelp("Number of nodes.", valueName: "n"))
  var nodes: String?

  @Option(help: ArgumentHelp("Client threads: 10, or 2n for two a node.", valueName: "threads"))
  var concurrency: String?

  @Option(help: ArgumentHelp("Operations a second of all clients together: 500, or 500/s; or max.", valueName: "rate"))
  var rate: String?

  @Option(help: ArgumentHelp("The seed of every random choice; without it one is drawn and printed.", valueName: "n"))
  var seed: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("A parameter of the system, such as bug=stale-read; may be repeated.", valueName: "key=value"))
  var settings: [String] = []

  @Option(
    name: .customLong("claim"),
    help: ArgumentHelp(
      "Check this claim instead of the plan's (`faultline list claims`): CLAIM, or WORKLOAD/CLAIM; may be repeated.",
      valueName: "claim"))
  var claims: [String] = []

  @Flag(
    inversion: .prefixedNo,
    help: "Check claims while the run goes on, where their checkers can, and tell of a violation within seconds.")
  var online: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "End the load at the first violation of a claim that is expected to hold: no recovery, no final reads.")
  var failFast: Bool?

  @Option(
    defaultAsFlag: Freezer.defaultDuration, parsing: .next,
    help: ArgumentHelp(
      "--fail-fast, and pause all nodes then, faults left in force, until Enter or for this long; without a terminal "
        + "on standard input only for this long. Write --freeze=10m, or --freeze behind SYSTEM.",
      valueName: "duration"))
  var freeze: String?

  @Option(help: ArgumentHelp("The folder that keeps runs.", valueName: "folder"))
  var store = "store"

  @Option(
    help: ArgumentHelp("What goes to standard output: text, or json (the content of results.json).", valueName: "form"))
  var output: OutputForm = .text

  enum OutputForm: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
  }

  func run() throws {
    let plan = try planOrExit()
    try Self.enterSandbox()
    let session = RunSession(
      plan: plan, store: store, reproduce: reproduce(seed: plan.seed), output: output,
      skipsUnavailable: skipUnavailable)
    Self.end(session.run())
  }

  /// Ends the process without the libraries' exit handlers: a probe that was cancelled may still be inside of libcurl, and
  /// OpenSSL's handler would free what it is using.
  static func end(_ exitCode: Int32) -> Never {
    fflush(nil)
    _exit(exitCode)
  }

  /// Every problem of the plan and of the options at once, on standard error, exit 64.
  private func planOrExit() throws -> Plan {
    let overrides = PlanOverrides(
      workload: workload, faults: faults, keepQuorum: keepQuorum, swarm: swarm, time: time, nodes: nodes,
      concurrency: concurrency,
      rate: rate, seed: seed, set: settings, claims: claims, online: online, failFast: failFast, freeze: freeze)
    do {
      // The one draw that no seed decides; whatever it gives is printed, so the run can be repeated.
      let builder = PlanBuilder(
        defaultSeed: UInt64.random(in: 1...999_999), currentDirectory: FileManager.default.currentDirectoryPath)
      return try builder.plan(target, overrides)
    } catch {
      StandardError.print("\(error)")
      throw ArgumentParser.ExitCode(Runs.ExitCode.usage)
    }
  }

  /// Goes on in the inner process only; the outer one leaves here with the inner one's exit code.
  static func enterSandbox() throws {
    do {
      switch try Sandbox.enter() {
      case .inside: return
      case .ended(let exitCode, let message):
        if let message { StandardError.print("faultline: \(message)") }
        throw ArgumentParser.ExitCode(exitCode)
      }
    } catch let refusal as SandboxRefusal {
      StandardError.print("faultline: \(refusal)")
      throw ArgumentParser.ExitCode(Runs.ExitCode.environment)
    }
  }

  /// The same command with the seed filled in.
  private func reproduce(seed: UInt64) -> String {
    var words = ["faultline", "run", target]
    func add(_ name: String, _ value: String?) {
      if let value { words += [name, value] }
    }
    add("--workload", workload)
    add("--faults", faults)
    if let keepQuorum { words.append(keepQuorum ? "--keep-quorum" : "--no-keep-quorum") }
    if skipUnavailable { words.append("--skip-unavailable") }
    if let swarm { words.append(swarm ? "--swarm" : "--no-swarm") }
    add("--time", time)
    add("--nodes", nodes)
    add("--concurrency", concurrency)
    add("--rate", rate)
    for setting in settings { add("--set", setting) }
    for claim in claims { add("--claim", claim) }
    if let online { words.append(online ? "--online" : "--no-online") }
    if let failFast { words.append(failFast ? "--fail-fast" : "--no-fail-fast") }
    if let freeze { words.append("--freeze=\(freeze)") }
    if store != "store" { add("--store", store) }
    add("--seed", "\(seed)")
    return words.map(ShellQuoting.quote).joined(separator: " ")
  }
}
