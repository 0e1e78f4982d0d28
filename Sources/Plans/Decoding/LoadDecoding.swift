/// How much load, for how long.
struct Load {
  var durationSeconds: Double
  var concurrency: Int
  var rate: Double?
  var seed: UInt64
  var recoverySeconds: Double
}

extension PlanDecoder {
  static let defaultDurationSeconds = 60.0
  static let defaultConcurrency = "2n"
  static let defaultRecoverySeconds = 10.0

  /// The keys duration, concurrency, rate, seed and recovery, and the options that replace them.
  func load(_ plan: Fields, nodes: Int, _ defaultSeed: UInt64) -> Load {
    let duration = setting(plan, "duration", "--time", overrides.time) { text throws(UnitProblem) in
      try Units.duration(text, max: PlanLimits.durationSecondsMax)
    }
    let concurrency = setting(plan, "concurrency", "--concurrency", overrides.concurrency) {
      text throws(UnitProblem) in try Units.concurrency(text, nodes: nodes)
    }
    let rate = setting(plan, "rate", "--rate", overrides.rate) { text throws(UnitProblem) in try Units.rate(text) }
    let seed = setting(plan, "seed", "--seed", overrides.seed) { text throws(UnitProblem) in try Units.seed(text) }
    let recovery = plan.node("recovery").flatMap { sink.duration($0) }
    return Load(
      durationSeconds: duration ?? Self.defaultDurationSeconds,
      concurrency: concurrency ?? min(2 * nodes, PlanLimits.concurrencyMax), rate: rate,
      seed: seed ?? defaultSeed, recoverySeconds: recovery ?? Self.defaultRecoverySeconds)
  }

  /// A setting that both the plan and an option may give: each is checked, the option wins.
  private func setting<Quantity>(
    _ plan: Fields, _ key: String, _ option: String, _ given: String?,
    _ parse: (String) throws(UnitProblem) -> Quantity
  ) -> Quantity? {
    var planned: Quantity?
    if let node = plan.node(key), let text = sink.text(node, "a value for \(key)") {
      do { planned = try parse(text) } catch { sink.report(error.message, at: node.mark) }
    }
    guard let given else { return planned }
    return sink.option(option) { () throws(UnitProblem) in try parse(given) } ?? planned
  }
}
