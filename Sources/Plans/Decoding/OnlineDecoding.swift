extension PlanDecoder {
  /// The keys online and failFast, and the options that replace them.
  func online(_ plan: Fields) -> OnlineSettings {
    let planned = (isOn: plan.node("online").flatMap(sink.bool), failFast: plan.node("failFast").flatMap(sink.bool))
    let freeze = overrides.freeze.flatMap { text in
      sink.option("--freeze") { () throws(UnitProblem) in try Units.duration(text, max: PlanLimits.freezeSecondsMax) }
    }
    if overrides.freeze != nil, overrides.failFast == false {
      sink.report("frozen is what a violation has ended: leave out --no-fail-fast", at: .option("--freeze"))
    }
    let settings = OnlineSettings(
      isOn: overrides.online ?? planned.isOn ?? true,
      failFast: overrides.freeze != nil || overrides.failFast ?? planned.failFast ?? false, freezeSeconds: freeze)
    if settings.failFast, !settings.isOn { reportBlindness(plan) }
    return settings
  }

  /// Nothing can end at a violation that nobody looks for; said of what asks for it.
  private func reportBlindness(_ plan: Fields) {
    let message =
      "a run that ends at its first violation needs online checking: leave out "
      + (overrides.online == false ? "--no-online" : "online: false")
    if overrides.freeze != nil || overrides.failFast == true {
      sink.report(message, at: .option(overrides.freeze != nil ? "--freeze" : "--fail-fast"))
    } else {
      sink.report(message, at: plan.keyMark("failFast"))
    }
  }
}
