import Histories
import RunStore

/// Which isolation levels a run's transactions kept, and what broke the others.
struct IsolationSection {
  let claims: [ClaimOutcome]

  init(_ run: RecordedRun) { claims = (run.results?.claims ?? []).filter { $0.isolation != nil } }

  func draw(into html: inout HTMLBuilder) {
    // Two claims on one history have one ladder: the first that was missed shows it, with its own anomalies first.
    guard let claim = claims.first(where: { $0.verdict == .invalid }) ?? claims.first, let evidence = claim.isolation
    else { return }
    drawLadder(evidence, into: &html)
    guard let first = evidence.anomalies.first else { return }
    html.element("article", ["class": "anomaly"]) { draw(first, evidence, into: &$0) }
    drawOthers(evidence, into: &html)
    if let unlisted = evidence.unlisted {
      html.element("p", "muted", text: Sentences.sentence(unlisted).capitalizedFirst)
    }
  }

  private func drawOthers(_ evidence: IsolationEvidence, into html: inout HTMLBuilder) {
    guard evidence.anomalies.count > 1 else { return }
    html.element("details") { html in
      html.element("summary") { $0.text(Self.more(evidence.anomalies.count - 1)) }
      html.element("div", ["class": "others"]) { html in
        for anomaly in evidence.anomalies.dropFirst() {
          html.element("details") { html in
            html.element("summary") { $0.text(Sentences.sentence(anomaly.headline).capitalizedFirst) }
            html.element("article", ["class": "anomaly"]) { draw(anomaly, evidence, into: &$0) }
          }
        }
      }
    }
  }

  private static func more(_ count: Int) -> String { count == 1 ? "1 more anomaly" : "\(count) more anomalies" }

  private func drawLadder(_ evidence: IsolationEvidence, into html: inout HTMLBuilder) {
    html.element("div", ["class": "panel"]) { html in
      html.markup("<h3>Levels, weakest first</h3>")
      html.element("ol", ["class": "ladder"]) { html in
        for rung in evidence.ladder { draw(rung, evidence, into: &html) }
      }
      html.element("p", "muted", text: Self.ends(evidence))
    }
  }

  private func draw(_ rung: IsolationEvidence.Rung, _ evidence: IsolationEvidence, into html: inout HTMLBuilder) {
    let isClaim = claims.contains { $0.isolation?.claim == rung.level }
    html.element("li", ["class": rung.verdict.rawValue + (isClaim ? " claimed" : "")]) { html in
      html.element("span", ["class": "sign", "aria-hidden": "true"]) { $0.text(Sentences.sign(rung.verdict)) }
      html.element("code") { $0.text(rung.level) }
      html.element("span", "hidden", text: rung.verdict.rawValue)
      if isClaim { html.element("span", "tag", text: "claimed") }
      let why = rung.reason ?? evidence.names(of: rung).joined(separator: ", ")
      if !why.isEmpty { html.element("span", "muted", text: why) }
    }
  }

  private static func ends(_ evidence: IsolationEvidence) -> String {
    let strongest = evidence.strongestSatisfied.joined(separator: ", ")
    let weakest = evidence.weakestBroken.joined(separator: ", ")
    let holds = strongest.isEmpty ? "No level is known to hold." : "Strongest that hold: \(strongest)."
    return weakest.isEmpty ? holds : "\(holds) Weakest that are broken: \(weakest)."
  }

  private func draw(
    _ anomaly: IsolationEvidence.Anomaly, _ evidence: IsolationEvidence, into html: inout HTMLBuilder
  ) {
    html.element("p") { html in
      html.element("span", "tag", text: anomaly.name)
      html.text(Sentences.sentence(anomaly.summary).capitalizedFirst)
      let levels = (anomaly.breaks ?? []).joined(separator: ", ")
      if !levels.isEmpty { html.text(" Breaks \(levels).") }
    }
    html.element(
      "div", ["class": "scroll frame", "tabindex": "0", "role": "group", "aria-label": "Picture of the transactions"]
    ) {
      CyclePicture(anomaly).draw(into: &$0)
    }
    html.element("p", ["class": "muted"]) { html in
      html.text("In the history: ")
      for (number, transaction) in anomaly.transactions.prefix(CyclePicture.transactionsMax).enumerated() {
        if number > 0 { html.text(", ") }
        html.element("a", ["href": "#op=\(transaction.index)"]) { $0.text("T\(number + 1)") }
      }
    }
  }
}
