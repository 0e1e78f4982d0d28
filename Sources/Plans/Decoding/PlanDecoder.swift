import Histories
import Generators
import Nemesis
import Systems
import Workloads

/// From a plan's text, and what the command line changes in it, to a plan, or to all that is wrong with it. Pure.
///
/// One file of this folder decodes one block. Options of the command line are decoded beside the block that they
/// replace, so that defaults which depend on others (faults on the duration, threads on the nodes) follow them.
public struct PlanDecoder {
  let source: PlanSource
  let catalogue: PlanCatalogue
  let overrides: PlanOverrides
  let sink: ProblemSink

  /// - Parameter defaultSeed: for a plan that names none.
  /// - Throws: `PlanProblems` with everything that is wrong.
  public static func decode(
    _ source: PlanSource, catalogue: PlanCatalogue = .standard, overrides: PlanOverrides = PlanOverrides(),
    defaultSeed: UInt64
  ) throws(PlanProblems) -> Plan {
    let sink = ProblemSink(source)
    let root = try YAMLComposer.compose(source.text, file: source.file)
    let decoder = PlanDecoder(source: source, catalogue: catalogue, overrides: overrides, sink: sink)
    let plan = decoder.plan(Fields(root, "the plan", sink), defaultSeed)
    if let problems = sink.problems { throw problems }
    guard let plan else { throw PlanProblems([Diagnostic(.wholeFile(source.file), "the plan is incomplete")]) }
    return plan
  }

  /// The plan, worth something only where no problem was reported; nil where a part is missing, which was reported.
  private func plan(_ fields: Fields, _ defaultSeed: UInt64) -> Plan? {
    version(fields)
    let name = name(fields)
    let shape = SystemShape(fields, overrides, sink)
    let client = client(fields.required("client", "where requests go, as {baseURL: …}"), shape.context)
    let system = system(shape, client)
    let parameters = systemParameters(system.parameters)
    let operations = operations(fields, shape.context)
    let load = load(fields, nodes: system.nodeCount, defaultSeed)
    let online = online(fields)
    let mutants = mutants(fields, system.parameters)
    let workload = workload(fields, operations)
    let faults = faults(fields, system, durationSeconds: load.durationSeconds)
    let keepsQuorum = fields.node("keepQuorum").flatMap(sink.bool) ?? false
    let isSwarm = fields.node("swarm").flatMap(sink.bool) ?? false
    let claims = claims(fields, workload?.entry, hasPanicPatterns: !system.panic.isEmpty)
    let minimums = minimums(fields)
    fields.notSupportedYet("include", "thresholds")
    fields.finish()
    guard let name, let client, let workload else { return nil }
    return Plan(
      name: name, source: source, system: system, parameters: parameters, client: client,
      operations: operations.of(workload: workload.entry.name).mapValues(\.description), workload: workload.choice,
      faults: overrides.swarm ?? isSwarm ? swarm(faults, seed: load.seed) : faults,
      keepsQuorum: overrides.keepQuorum ?? keepsQuorum,
      claims: claims,
      durationSeconds: load.durationSeconds,
      concurrency: load.concurrency,
      rate: load.rate, seed: load.seed,
      minimums: minimums, recoverySeconds: load.recoverySeconds, online: online,
      mutants: mutants, notices: sink.notices, overrides: overrides)
  }

  /// The part of the faults that this seed's run has, with a word on which.
  private func swarm(_ faults: [FaultSettings], seed: UInt64) -> [FaultSettings] {
    let chosen = Swarm.choose(faults, RandomStreams(seed: seed))
    if faults.isEmpty { return [] }
    let words = chosen.map { "\($0.name) every \(Units.plain($0.every))s" }
    sink.notice("swarm: \(chosen.count) of \(faults.count) faults: \(words.joined(separator: ", "))")
    return chosen
  }

  private func version(_ fields: Fields) {
    guard let node = fields.required("version", "write version: 1") else { return }
    guard node.scalar?.value != 1 else { return }
    sink.report("version must be 1, not \(node.summary)", at: node.mark)
  }

  private func name(_ fields: Fields) -> String? {
    guard let node = fields.required("name", "a short name for folders and reports"),
      let name = sink.text(node, "a name")
    else { return nil }
    let isPlain = name.utf8.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) || (0x30...0x39).contains($0)
        || "-_.".utf8.contains($0)
    }
    guard isPlain, !name.hasPrefix("."), name.utf8.count <= PlanLimits.nameLengthMax else {
      sink.report(
        "a plan's name has up to \(PlanLimits.nameLengthMax) letters, digits, '-', '_' and '.', "
          + "no '.' at the front: not '\(name)'", at: node.mark)
      return nil
    }
    return name
  }

  private func minimums(_ fields: Fields) -> Minimums {
    var minimums = Minimums()
    guard let node = fields.node("minimums") else { return minimums }
    let block = Fields(node, "minimums", sink)
    for (key, path) in Self.minimumKeys {
      guard let value = block.node(key) else { continue }
      if let number = sink.integer(value, in: 0...1_000_000_000, of: "as a minimum") {
        minimums[keyPath: path] = number
      }
    }
    block.finish()
    return minimums
  }

  static var minimumKeys: [(String, WritableKeyPath<Minimums, Int>)] {
    [
      ("okPerFunction", \.okPerFunction), ("evidencePerFault", \.evidencePerFault),
      ("invocationsPerFault", \.invocationsPerFault), ("okAfterHeal", \.okAfterHeal),
      ("understoodPercent", \.understoodPercent),
    ]
  }
}
