import Histories

/// Why no order exists: the picture, the orders that were tried, and the explanation in words.
struct CounterexampleSection {
  let pictures: [CounterexamplePicture]

  /// The first is open: it is the one that the verdict's sentence tells of. The others are one click away.
  func draw(into html: inout HTMLBuilder) {
    guard let first = pictures.first else { return }
    html.element("article", ["class": "example"]) { draw(first, into: &$0) }
    guard pictures.count > 1 else { return }
    html.element("details") { html in
      html.element("summary") { $0.text(Numbers.count(pictures.count - 1, "more counterexample")) }
      html.element("div", ["class": "others"]) { html in
        for picture in pictures.dropFirst() {
          html.element("details") { html in
            html.element("summary") { $0.text(Sentences.sentence(picture.counterexample.summary).capitalizedFirst) }
            html.element("article", ["class": "example"]) { draw(picture, into: &$0) }
          }
        }
      }
    }
  }

  private func draw(_ picture: CounterexamplePicture, into html: inout HTMLBuilder) {
    let counterexample = picture.counterexample
    html.element("p") { html in
      html.element("span", "tag", text: counterexample.claim)
      html.element("span", "tag", text: counterexample.anomaly)
      if let object = CounterexampleWords.object(counterexample) { html.element("span", "tag", text: object) }
      html.text(CounterexampleWords.initial(counterexample))
    }
    html.element(
      "div", ["class": "scroll frame", "tabindex": "0", "role": "group", "aria-label": "Picture of the operations"]
    ) {
      picture.draw(into: &$0)
    }
    drawLegend(into: &html)
    drawControls(picture, into: &html)
    for (index, path) in picture.paths.enumerated() { drawOrder(index, path, counterexample, into: &html) }
    drawExplanation(counterexample, into: &html)
    drawTable(counterexample, into: &html)
  }

  private func drawLegend(into html: inout HTMLBuilder) {
    html.markup(
      """
      <p class="legend"><span><i class="swatch required"></i>happened between its ends</span>\
      <span><i class="swatch optional"></i>may have happened</span>\
      <span><i class="swatch context"></i>context, no part of the proof</span>\
      <span><i class="swatch violation"></i>cannot be explained</span>\
      <span><i class="swatch point"></i>place in the order</span>\
      <span><i class="swatch dead"></i>cannot come next</span></p>
      """)
  }

  /// Hidden without scripts: then every step is listed anyway.
  private func drawControls(_ picture: CounterexamplePicture, into html: inout HTMLBuilder) {
    guard !picture.paths.isEmpty else { return }
    html.element("div", ["class": "controls needs-script"]) { html in
      if picture.paths.count > 1 {
        html.element("div", ["class": "segmented", "role": "group", "aria-label": "Order shown"]) { html in
          for index in picture.paths.indices {
            html.element(
              "button", ["type": "button", "data-path": "\(index)", "aria-pressed": index == 0 ? "true" : "false"]
            ) { $0.text("order \(index + 1)") }
          }
        }
      }
      html.markup("<button type=\"button\" data-move=\"-1\" aria-label=\"Previous step\">← Back</button>")
      html.markup("<button type=\"button\" data-move=\"1\" aria-label=\"Next step\">Next →</button>")
      html.markup("<output class=\"readout\" aria-live=\"polite\"></output>")
    }
  }

  private func drawOrder(
    _ number: Int, _ path: Counterexample.Path, _ counterexample: Counterexample, into html: inout HTMLBuilder
  ) {
    html.element("div", ["class": number == 0 ? "steps shown" : "steps", "data-path": "\(number)"]) { html in
      html.element("p", "muted", text: Self.introduction(number, of: counterexample.paths.count, path))
      html.markup("<ol>")
      html.element("li", ["class": "state", "data-step": "-1"]) { html in
        html.element("span", "what", text: "before")
        html.element("span", "held", text: CounterexampleWords.state(path.initial, in: counterexample))
      }
      for (step, entry) in path.steps.enumerated() {
        let operation = counterexample.operations[entry.operation]
        html.element("li", ["class": "state", "data-step": "\(step)", "data-op": "\(entry.operation)"]) { html in
          html.element("span", "number", text: "\(step + 1)")
          html.element("span", "what", text: CounterexampleWords.label(operation))
          html.element("span", "held", text: CounterexampleWords.state(entry.state, in: counterexample))
        }
      }
      html.markup("</ol>")
      drawStuck(path, counterexample, into: &html)
    }
  }

  private static func introduction(_ number: Int, of count: Int, _ path: Counterexample.Path) -> String {
    let which =
      count == 1 ? "The longest order that could be built" : "Order \(number + 1) of \(count) that could be built"
    return path.steps.isEmpty
      ? "\(which) is empty: nothing can come first." : "\(which), with the state after each step:"
  }

  private func drawStuck(
    _ path: Counterexample.Path, _ counterexample: Counterexample, into html: inout HTMLBuilder
  ) {
    guard !path.stuck.isEmpty else { return }
    html.element("div", ["class": "stuck"]) { html in
      html.markup("<p>Then nothing can come next:</p><ul>")
      for stuck in path.stuck {
        let operation = counterexample.operations[stuck.operation]
        html.element("li", ["data-op": "\(stuck.operation)"]) { html in
          html.element("code") { $0.text(CounterexampleWords.label(operation)) }
          html.text(" (\(CounterexampleWords.who(operation))): \(Sentences.sentence(stuck.reason))")
        }
      }
      html.markup("</ul>")
    }
  }

  private func drawExplanation(_ counterexample: Counterexample, into html: inout HTMLBuilder) {
    guard !counterexample.explanation.isEmpty else { return }
    html.markup("<h3>In words</h3>")
    html.element("ol", ["class": "explanation"]) { html in
      for sentence in counterexample.explanation { html.element("li") { $0.text(sentence) } }
    }
  }

  /// The same operations for those who read a table better than a picture.
  private func drawTable(_ counterexample: Counterexample, into html: inout HTMLBuilder) {
    html.markup("<details><summary>These operations as a table</summary><div class=\"scroll\"><table><thead><tr>")
    for name: StaticString in ["operation", "process", "node", "type", "demand", "invoked", "returned", "index"] {
      html.element("th", ["scope": "col"]) { $0.markup(name) }
    }
    html.markup("</tr></thead><tbody>")
    for (index, operation) in counterexample.operations.enumerated() {
      html.element("tr", ["class": index == counterexample.violation ? "violation" : ""]) { html in
        html.element("th", ["scope": "row"]) { $0.text(CounterexampleWords.label(operation)) }
        let violates = index == counterexample.violation ? " · violates the claim" : ""
        let returned = operation.completeTime.map { Numbers.fixed(Double($0) / 1e9, digits: 6) + " s" }
        let cells = [
          operation.process, operation.node ?? "–", operation.type, operation.role.rawValue + violates,
          Numbers.fixed(Double(operation.invokeTime) / 1e9, digits: 6) + " s", returned ?? "never",
        ]
        for cell in cells { html.element("td") { $0.text(cell) } }
        html.element("td") { html in
          html.element("a", ["href": "#op=\(operation.index)"]) { $0.text("\(operation.index)") }
        }
      }
    }
    html.markup("</tbody></table></div></details>")
  }
}
