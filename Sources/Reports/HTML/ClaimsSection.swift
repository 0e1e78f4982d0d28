import Histories
import RunStore

/// Claim by claim, what each was judged on, and whether the run was full enough to judge anything.
struct ClaimsSection {
  /// Findings listed below a claim, at most.
  static let findingsMax = 20

  let run: RecordedRun
  let data: PageData

  init(_ run: RecordedRun, _ data: PageData) {
    self.run = run
    self.data = data
  }

  func draw(into html: inout HTMLBuilder) {
    let claims = run.results?.claims ?? []
    if claims.isEmpty {
      html.markup("<p class=\"muted\">No claim was judged.</p>")
    } else {
      html.element("ul", ["class": "claims"]) { html in
        for claim in claims { draw(claim, into: &html) }
      }
    }
    OnlinePanel(results: run.results).draw(into: &html)
    html.element("div", ["class": "columns"]) { html in
      drawMinimums(into: &html)
      drawCounts(into: &html)
      drawErrors(into: &html)
    }
    drawUnclassified(into: &html)
  }

  private func draw(_ claim: ClaimOutcome, into html: inout HTMLBuilder) {
    html.element("li", ["class": "claim \(claim.verdict.rawValue)"]) { html in
      html.element("span", ["class": "sign", "aria-hidden": "true"]) { $0.text(Sentences.sign(claim.verdict)) }
      html.element("div") { html in
        html.element("p") { html in
          html.element("strong") { $0.text(claim.claim) }
          html.text(" " + Sentences.claim(claim))
        }
        html.element("p", "muted", text: Self.method(claim))
        drawFindings(claim, into: &html)
      }
      html.element("span", "outcome \(claim.outcome.rawValue)", text: claim.outcome.rawValue)
    }
  }

  /// Who decided, how, how fast.
  private static func method(_ claim: ClaimOutcome) -> String {
    let seconds = claim.seconds < 0.001 ? "under 1 ms" : Numbers.span(nanoseconds: Int64(min(claim.seconds, 1e9) * 1e9))
    return "\(claim.checker) · \(claim.algorithm) · \(seconds) · expected \(claim.expect.rawValue)"
  }

  /// All findings where there are several; the sentence of the claim already tells the first.
  private func drawFindings(_ claim: ClaimOutcome, into html: inout HTMLBuilder) {
    guard claim.findings.count > 1 else { return }
    html.element("details") { html in
      html.element("summary") { $0.text(Numbers.count(claim.findings.count, "finding")) }
      html.element("ol") { html in
        for finding in claim.findings.prefix(Self.findingsMax) {
          html.element("li") { html in
            html.text(finding.summary + " ")
            if let operation = finding.operations.last {
              html.element("a", ["href": "#op=\(operation)"]) { $0.text("operation \(operation)") }
            }
          }
        }
      }
      if claim.findings.count > Self.findingsMax {
        html.element("p", "muted", text: "The first \(Self.findingsMax) are listed; all are in results.json.")
      }
    }
  }

  private func drawMinimums(into html: inout HTMLBuilder) {
    guard let minimums = run.results?.minimums, !minimums.isEmpty else { return }
    html.element("div", ["class": "panel"]) { html in
      html.markup("<h3>Was there enough to judge?</h3><ul class=\"minimums\">")
      for minimum in minimums {
        html.element("li", ["class": minimum.reached ? "reached" : "short"]) { html in
          html.element("span", ["class": "sign", "aria-hidden": "true"]) { $0.text(minimum.reached ? "✓" : "✕") }
          html.element("code") { $0.text(minimum.name) }
          html.element(
            "span", "number", text: "\(Numbers.grouped(minimum.got)), at least \(Numbers.grouped(minimum.wanted))")
          if !minimum.reached, let hint = minimum.hint { html.element("p", "hint", text: Sentences.sentence(hint)) }
        }
      }
      html.markup("</ul>")
    }
  }

  private func drawCounts(into html: inout HTMLBuilder) {
    guard !data.statistics.counts.isEmpty else { return }
    html.element("div", ["class": "panel"]) { html in
      html.markup("<h3>Operations by function and outcome</h3><div class=\"scroll\"><table><thead><tr>")
      html.markup("<th scope=\"col\">function</th><th scope=\"col\"><i class=\"key ok\"></i>ok</th>")
      html.markup("<th scope=\"col\"><i class=\"key fail\"></i>fail</th>")
      html.markup("<th scope=\"col\"><i class=\"key info\"></i>info</th>")
      html.markup("<th scope=\"col\">p50</th><th scope=\"col\">p99</th><th scope=\"col\">max</th></tr></thead><tbody>")
      for row in data.statistics.counts { drawRow(row.function, row.counts, row.latency, into: &html) }
      html.markup("</tbody></table></div>")
      html.markup("<p class=\"muted\"><b>ok</b> happened, <b>fail</b> certainly did not, <b>info</b> may have. ")
      html.markup("Latencies are of ok operations.</p>")
    }
  }

  private func drawRow(
    _ function: String, _ counts: RunStatistics.Counts, _ latency: RunStatistics.Latency?,
    into html: inout HTMLBuilder
  ) {
    html.element("tr") { html in
      html.element("th", ["scope": "row"]) { $0.text(function) }
      for count in [counts.ok, counts.fail, counts.info] { html.element("td") { $0.text(Numbers.grouped(count)) } }
      for time in [latency?.p50, latency?.p99, latency?.max] {
        html.element("td") { $0.text(time.map { Numbers.span(microseconds: $0) } ?? "–") }
      }
    }
  }

  /// Why operations failed or are unknown.
  private func drawErrors(into html: inout HTMLBuilder) {
    guard !data.statistics.errors.isEmpty else { return }
    html.element("div", ["class": "panel"]) { html in
      html.markup("<h3>Errors</h3><div class=\"scroll\"><table><thead><tr><th scope=\"col\">error</th>")
      html.markup("<th scope=\"col\">outcome</th><th scope=\"col\">operations</th></tr></thead><tbody>")
      for row in data.statistics.errors {
        html.element("tr") { html in
          html.element("th", ["scope": "row"]) { $0.text(row.error) }
          html.element("td") { $0.text(row.outcome.name) }
          html.element("td") { $0.text(Numbers.grouped(row.count)) }
        }
      }
      html.markup("</tbody></table></div>")
    }
  }

  /// Responses that no outcome rule matched, whatever shape the vitals give them.
  private func drawUnclassified(into html: inout HTMLBuilder) {
    let rows = Self.rows(run.results?.vitals.map?["unclassified"] ?? .null)
    guard !rows.isEmpty else { return }
    html.element("div", ["class": "notice", "role": "note"]) { html in
      html.markup("<h3>Responses that no outcome rule matched</h3>")
      html.markup(
        "<p>They count as info, or fail for operations that only read. A rule in the plan would make them exact.</p>")
      html.element("ul") { html in
        for row in rows.prefix(Self.findingsMax) { html.element("li") { $0.text(row) } }
      }
    }
  }

  private static func rows(_ value: Value) -> [String] {
    switch value {
    case .int(let number): number == 0 ? [] : [Numbers.count(Int(number), "response")]
    case .list(let values): values.map { $0.string ?? $0.json }
    case .map(let entries): entries.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.string ?? $0.value.json)" }
    case .null, .bool, .double, .string: []
    }
  }
}
