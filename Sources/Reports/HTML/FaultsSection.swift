import Histories
import RunStore

/// What was injected, and the proof that it took effect.
struct FaultsSection {
  /// Rows of the table, at most.
  static let rowsMax = 500

  let run: RecordedRun

  init(_ run: RecordedRun) { self.run = run }

  func draw(into html: inout HTMLBuilder) {
    let faults = run.results?.faults ?? []
    guard !faults.isEmpty else {
      html.element(
        "p", "muted",
        text: run.results == nil ? "The record of faults is part of the missing results." : "No fault was injected.")
      return
    }
    html.markup("<div class=\"scroll\"><table class=\"faults\"><thead><tr><th scope=\"col\">fault</th>")
    html.markup("<th scope=\"col\">targets</th><th scope=\"col\">injected</th><th scope=\"col\">healed</th>")
    html.markup("<th scope=\"col\">invocations</th><th scope=\"col\">evidence</th></tr></thead><tbody>")
    for fault in faults.prefix(Self.rowsMax) { drawRow(fault, into: &html) }
    html.markup("</tbody></table></div>")
    if faults.count > Self.rowsMax {
      html.element("p", "muted", text: "The first \(Self.rowsMax) of \(faults.count); all are in results.json.")
    }
  }

  private func drawRow(_ fault: FaultRecord, into html: inout HTMLBuilder) {
    let state = fault.skipped != nil ? "skipped" : fault.evidence?.took == true ? "took" : "doubtful"
    html.element("tr", ["class": state]) { html in
      html.element("th", ["scope": "row"]) { html in
        html.element("i", ["class": "band", "data-fault": fault.fault])
        html.text(fault.fault)
        html.element("span", "muted", text: " " + fault.target)
      }
      html.element("td", "targets", text: fault.targets)
      html.element("td") { Self.drawTime(fault.from, fallback: "–", into: &$0) }
      html.element("td") { Self.drawTime(fault.to, fallback: fault.from == nil ? "–" : "never", into: &$0) }
      html.element("td") { $0.text(Numbers.grouped(fault.invocations)) }
      html.element("td", ["class": "evidence"]) { html in
        html.element("span", ["class": "sign", "aria-hidden": "true"]) {
          $0.text(state == "took" ? "✓" : state == "skipped" ? "–" : "?")
        }
        html.text(" " + Sentences.evidence(fault))
      }
    }
  }

  /// A link to a few seconds around the moment.
  private static func drawTime(_ nanoseconds: Int64?, fallback: String, into html: inout HTMLBuilder) {
    guard let nanoseconds else { return html.text(fallback) }
    let seconds = Double(nanoseconds) / 1e9
    let span = "\(Numbers.fixed(max(0, seconds - 1), digits: 2))-\(Numbers.fixed(seconds + 1, digits: 2))"
    html.element("a", ["href": "#t=\(span)"]) { $0.text(Numbers.fixed(seconds, digits: 2) + " s") }
  }
}
