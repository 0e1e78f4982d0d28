import RunStore

/// What was known before the run ended: claims that were checked while it went on.
struct OnlinePanel {
  let results: RunResults?

  func draw(into html: inout HTMLBuilder) {
    guard let results, let records = results.online, !records.isEmpty else { return }
    html.element("div", ["class": "panel online", "id": "online"]) { html in
      html.markup("<h3>Watched while the run went on</h3>")
      for record in records { draw(record, into: &html) }
      if let ending = OnlineSentences.ending(results) { html.element("p") { $0.text(ending) } }
    }
  }

  private func draw(_ record: OnlineRecord, into html: inout HTMLBuilder) {
    html.element("p") { $0.text(OnlineSentences.watched(record)) }
    guard !record.violations.isEmpty else { return }
    html.element("ol") { html in
      for violation in record.violations.prefix(OnlineRecord.violationsMax) {
        html.element("li") { html in
          html.text(Sentences.sentence(violation.summary) + " ")
          html.element("a", ["href": "#t=\(OnlineSentences.span(violation))"]) {
            $0.text(OnlineSentences.violation(violation))
          }
        }
      }
    }
  }
}
