/// Rate, latency and the times without success; the charts are drawn by the script, the gaps are told in words too.
struct PerformanceSection {
  let data: PageData

  init(_ data: PageData) { self.data = data }

  func draw(into html: inout HTMLBuilder) {
    guard data.operations.count > 0 else {
      html.markup("<p class=\"muted\">There is nothing to measure.</p>")
      return
    }
    html.markup(
      """
      <div class="needs-script"><figure><figcaption><b>Completions per second</b> by outcome, faults shaded\
      </figcaption><canvas id="rate" role="img" aria-label="Completions per second over the run"></canvas></figure>\
      <figure><figcaption><b>Latency</b> of each operation; of those that were ok the median (line) and the 99th percentile \
      (dashes)</figcaption><canvas id="latency" role="img" aria-label="Latency over the run"></canvas></figure></div>
      """)
    drawGaps(into: &html)
  }

  private func drawGaps(into html: inout HTMLBuilder) {
    let gaps = data.statistics.gaps
    if gaps.isEmpty {
      html.markup("<p class=\"muted\">No half second passed without a success.</p>")
      return
    }
    html.markup("<h3>Times without any success</h3><ul class=\"gaps\">")
    for gap in gaps {
      let (from, to) = (
        Numbers.fixed(Double(gap.from) / 1e6, digits: 2), Numbers.fixed(Double(gap.to) / 1e6, digits: 2)
      )
      html.element("li") { html in
        html.element("a", ["href": "#t=\(from)-\(to)"]) { $0.text("\(from) – \(to) s") }
        html.text(" (\(Numbers.span(microseconds: gap.length)))")
      }
    }
    html.markup("</ul>")
  }
}
