import RunStore

/// The plan as its author gave it, and every choice that was drawn for the faults.
struct PlanSection {
  let run: RecordedRun

  init(_ run: RecordedRun) { self.run = run }

  func draw(into html: inout HTMLBuilder) {
    if let plan = run.plan {
      html.element("pre", ["class": "plan", "tabindex": "0"]) { html in
        html.element("code") { $0.lines(plan, bytesMax: RecordedRun.textBytesMax) }
      }
    } else {
      html.markup("<p class=\"muted\">plan.yaml is not in the run directory.</p>")
    }
    drawPhases(into: &html)
    guard let schedule = run.schedule else { return }
    html.markup("<details><summary>Schedule of the faults (schedule.json)</summary>")
    html.element("pre", ["tabindex": "0"]) { html in
      html.element("code") { $0.lines(schedule, bytesMax: RecordedRun.textBytesMax) }
    }
    html.markup("</details>")
  }

  private func drawPhases(into html: inout HTMLBuilder) {
    guard let phases = run.results?.phases, !phases.isEmpty else { return }
    let order = ["setup", "load", "recovery", "final", "checking"]
    let known = order.filter { phases[$0] != nil } + phases.keys.filter { !order.contains($0) }.sorted()
    html.element("dl", ["class": "facts small"]) { html in
      for phase in known {
        html.element("div") { html in
          html.element("dt") { $0.text(phase) }
          html.element("dd") { $0.text(Numbers.seconds(phases[phase] ?? 0)) }
        }
      }
    }
  }
}
