import Histories
import RunStore

/// The whole page: what can be read without scripts first, then the data, then the scripts.
///
/// The order is what makes the first paint quick: a browser shows the verdict before it has read the history.
struct Page {
  /// A part of the page with an entry in its navigation.
  struct Section {
    var id: StaticString
    var title: StaticString
    var isShown: Bool
    var draw: (inout HTMLBuilder) -> Void
  }

  let run: RecordedRun
  let data: PageData

  init(_ run: RecordedRun) {
    self.run = run
    data = PageData(run)
  }

  private var sections: [Section] {
    let isolation = IsolationSection(run)
    return [
      Section(id: "counterexample", title: "Counterexample", isShown: !data.counterexamples.isEmpty) {
        CounterexampleSection(pictures: data.counterexamples).draw(into: &$0)
      },
      Section(id: "isolation", title: "Isolation", isShown: !isolation.claims.isEmpty) { isolation.draw(into: &$0) },
      Section(id: "claims", title: "Claims", isShown: true) { ClaimsSection(run, data).draw(into: &$0) },
      Section(id: "timeline", title: "Timeline", isShown: true) { TimelineSection(data).draw(into: &$0) },
      Section(id: "performance", title: "Performance", isShown: true) { PerformanceSection(data).draw(into: &$0) },
      Section(id: "faults", title: "Faults", isShown: true) { FaultsSection(run).draw(into: &$0) },
      Section(id: "plan", title: "Plan", isShown: true) { PlanSection(run).draw(into: &$0) },
    ].filter(\.isShown)
  }

  /// - Throws: `Gzip.Failure` without memory.
  func render() throws -> [UInt8] {
    let encoded = try data.encoded()
    var html = HTMLBuilder()
    html.markup("<!DOCTYPE html>\n<html lang=\"en\">")
    drawHead(into: &html)
    html.element("body") { html in
      html.markup("<a class=\"skip\" href=\"#main\">Skip to the report</a>")
      drawHeader(into: &html)
      html.element("main", ["id": "main"]) { html in
        VerdictSection(run, data).draw(into: &html)
        for section in sections { draw(section, into: &html) }
      }
      drawFooter(into: &html)
      PageFrame.drawDialogs(into: &html)
      html.element("script", ["type": "text/plain", "id": "data"]) { $0.asset(encoded) }
      html.element("script") { html in
        html.markup("\"use strict\";(() => {\n")
        for script in Assets.scripts { html.asset(script) }
        html.markup("})();\n")
      }
    }
    html.markup("</html>\n")
    return html.bytes
  }

  private var title: String {
    let verdict = run.results.map { $0.verdict.rawValue } ?? "no verdict"
    return "\(verdict): \(run.results?.plan ?? run.name) – Faultline"
  }

  /// The content policy forbids every request: the page cannot talk to anyone.
  private func drawHead(into html: inout HTMLBuilder) {
    html.element("head") { html in
      html.markup("<meta charset=\"utf-8\">")
      html.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
      html.markup("<meta name=\"color-scheme\" content=\"light dark\">")
      html.markup("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
      html.markup("style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">")
      html.markup("<link rel=\"icon\" href=\"data:,\">")
      html.element("title") { $0.text(title) }
      // Before the first paint, so that nothing moves when the parts that need scripts appear.
      html.markup("<script>document.documentElement.className=\"scripted\"</script>")
      html.element("style") { $0.asset(Assets.style) }
    }
  }

  private func drawHeader(into html: inout HTMLBuilder) {
    html.element("header", ["class": "masthead"]) { html in
      html.markup(
        "<a class=\"brand\" href=\"#main\"><svg width=\"18\" height=\"18\" viewBox=\"0 0 18 18\" aria-hidden=\"true\">")
      html.markup("<path d=\"M1 5h8l-3 8h11\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2.4\"/></svg>")
      html.markup("<span>Faultline</span></a>")
      html.element("nav", ["aria-label": "Sections"]) { html in
        for section in sections {
          html.element("a", ["href": "#\(section.id)"]) { $0.markup(section.title) }
        }
      }
      PageFrame.drawSearch(into: &html)
    }
  }

  private func draw(_ section: Section, into html: inout HTMLBuilder) {
    html.element("section", ["id": "\(section.id)", "aria-labelledby": "\(section.id)-title"]) { html in
      html.element("h2", ["id": "\(section.id)-title"]) { $0.markup(section.title) }
      section.draw(&html)
    }
  }

  private func drawFooter(into html: inout HTMLBuilder) {
    html.element("footer") { html in
      html.text("Run \(run.name). ")
      html.markup("Made by Faultline from the files of the run directory; it opens without a network.")
    }
  }
}
