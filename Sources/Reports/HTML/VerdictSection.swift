import Histories
import RunStore

/// The first thing on the page: what was found out, and how to see it again.
struct VerdictSection {
  let run: RecordedRun
  let data: PageData

  init(_ run: RecordedRun, _ data: PageData) {
    self.run = run
    self.data = data
  }

  func draw(into html: inout HTMLBuilder) {
    let verdict = run.results?.verdict
    html.element("section", ["id": "verdict", "class": "verdict \(verdict?.rawValue ?? "none")"]) { html in
      html.element("div", ["class": "headline"]) { html in
        html.element("span", ["class": "sign", "aria-hidden": "true"]) { $0.text(Sentences.sign(verdict)) }
        html.element("div") { html in
          html.element("p", "eyebrow", text: eyebrow)
          html.element("h1") { $0.text(verdict.map { $0.rawValue.capitalizedFirst } ?? "No verdict") }
          html.element("p", "lead", text: lead)
        }
      }
      drawFacts(into: &html)
      drawReproduction(into: &html)
      drawRemarks(into: &html)
    }
  }

  private var eyebrow: String {
    guard let results = run.results else { return run.name }
    return results.plan == results.system ? results.plan : "\(results.plan) · \(results.system)"
  }

  private var lead: String {
    guard let results = run.results else {
      return "The run was not judged: it ended before its results were written, or they cannot be read."
    }
    let count = run.history.count > 0 ? data.statistics.total.total : nil
    return Sentences.headline(results, operations: count)
  }

  private var facts: [(String, String)] {
    var facts: [(String, String)] = []
    if run.history.count > 0 {
      facts.append(("Operations", Numbers.grouped(data.statistics.total.total)))
      facts.append(("Succeeded", Numbers.grouped(data.statistics.total.ok)))
    }
    guard let results = run.results else { return facts }
    let injected = results.faults.filter { $0.from != nil }.count
    facts.append(("Faults", Numbers.grouped(injected)))
    facts.append(("Duration", Numbers.seconds(results.duration)))
    facts.append(("Seed", "\(results.seed)"))
    facts.append(("Started", results.started))
    facts.append(("Exit code", "\(results.exit)"))
    facts += results.versions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return facts
  }

  private func drawFacts(into html: inout HTMLBuilder) {
    html.element("dl", ["class": "facts"]) { html in
      for (name, value) in facts {
        html.element("div") { html in
          html.element("dt") { $0.text(name) }
          html.element("dd") { $0.text(value) }
        }
      }
    }
  }

  private func drawReproduction(into html: inout HTMLBuilder) {
    guard let command = run.results?.reproduce, !command.isEmpty else { return }
    html.element("div", ["class": "command"]) { html in
      html.markup("<span class=\"prompt\" aria-hidden=\"true\">$</span>")
      html.element("code", ["id": "reproduce"]) { $0.text(command) }
      html.markup("<button type=\"button\" class=\"copy needs-script\" data-copy=\"reproduce\">Copy</button>")
    }
  }

  private func drawRemarks(into html: inout HTMLBuilder) {
    let remarks = run.remarks + data.remarks + (run.results?.notices ?? [])
    guard !remarks.isEmpty else { return }
    html.element("div", ["class": "notice", "role": "note"]) { html in
      html.markup("<h3>To know when reading this</h3>")
      html.element("ul") { html in
        for remark in remarks { html.element("li") { $0.text(Sentences.sentence(remark)) } }
      }
    }
  }
}
