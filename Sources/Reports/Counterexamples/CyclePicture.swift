import Histories

/// An anomaly of transactions drawn as SVG: the transactions one below the other, an arrow from each to the one that
/// comes after it with the reason beside it, and one from the last back to the first.
///
/// Cycles are shown as lists because what a reader needs is the text of the transactions, which a ring of boxes has no
/// room for; and a shortest cycle has few of them.
struct CyclePicture {
  /// Transactions drawn, at most; of a longer cycle the first ones.
  static let transactionsMax = 12
  /// Characters of a line of a transaction's box, and of the reasons beside the arrows.
  private static let characters = 92
  private static let characterWidth = 8
  private static let lineHeight = 18
  private static let padding = 10
  private static let gutter = 64
  private static let margin = 12

  /// One box with its place.
  private struct Box {
    var title: String
    var lines: [String]
    var top: Int
    var height: Int
    var middle: Int { top + height / 2 }
    var bottom: Int { top + height }
  }

  let anomaly: IsolationEvidence.Anomaly
  private let boxes: [Box]
  /// By step: the lines of its reason.
  private let reasons: [[String]]

  init(_ anomaly: IsolationEvidence.Anomaly) {
    self.anomaly = anomaly
    let shown = anomaly.transactions.prefix(Self.transactionsMax)
    reasons = anomaly.steps.map { step in
      let key = step.key.map { " of key \(VisibleText.short($0.json, characters: 24))" } ?? ""
      let text = "\(step.link)\(key): \(Sentences.sentence(VisibleText.clean(step.reason)))"
      return TerminalText.wrap(text, columns: Self.characters, indent: 2)
    }
    var boxes: [Box] = []
    var top = Self.margin
    for (number, transaction) in shown.enumerated() {
      let text = VisibleText.clean(transaction.operations.joined(separator: " · "))
      let lines = TerminalText.wrap(text, columns: Self.characters)
      let height = (lines.count + 1) * Self.lineHeight + 2 * Self.padding
      boxes.append(Box(title: Self.title(number, transaction), lines: lines, top: top, height: height))
      let between = number < reasons.count ? reasons[number].count : 0
      top += height + between * Self.lineHeight + 3 * Self.padding
    }
    self.boxes = boxes
  }

  private static func title(_ number: Int, _ transaction: IsolationEvidence.Transaction) -> String {
    let node = transaction.node.map { " on \(VisibleText.short($0, characters: 24))" } ?? ""
    let outcome = transaction.completion == nil ? "never answered" : transaction.type
    return "T\(number + 1)  process \(VisibleText.short(transaction.process, characters: 24))\(node) · \(outcome)"
  }

  private var width: Int { Self.gutter + Self.characters * Self.characterWidth + 2 * Self.padding + Self.margin }
  private var height: Int {
    let last = boxes.last?.bottom ?? 0
    let closing = isClosed ? (reasons.last?.count ?? 0) * Self.lineHeight + 2 * Self.padding : 0
    return last + closing + Self.margin
  }

  /// Whether all of it is drawn, with the way back.
  private var isClosed: Bool { !anomaly.steps.isEmpty && boxes.count == anomaly.transactions.count }

  func draw(into html: inout HTMLBuilder) {
    html.element(
      "svg",
      [
        "class": "picture cycle", "viewBox": "0 0 \(width) \(height)",
        "style": "min-width:\(width * 3 / 4)px;max-width:\(width)px", "role": "img",
        "aria-label": "\(VisibleText.clean(anomaly.summary))",
      ]
    ) { html in
      for step in anomaly.steps.indices where step + 1 < boxes.count { drawArrow(step, into: &html) }
      if isClosed, boxes.count > 1 { drawReturn(into: &html) }
      for box in boxes { draw(box, into: &html) }
    }
    if boxes.count < anomaly.transactions.count {
      let hidden = anomaly.transactions.count - boxes.count
      html.element("p", "muted", text: "\(Numbers.count(hidden, "more transaction")) of this cycle: see results.json.")
    }
  }

  private func draw(_ box: Box, into html: inout HTMLBuilder) {
    html.element("g", ["class": "transaction"]) { html in
      html.leaf(
        "rect",
        [
          "x": "\(Self.gutter)", "y": "\(box.top)", "width": "\(width - Self.gutter - Self.margin)",
          "height": "\(box.height)", "rx": "8",
        ])
      let left = Self.gutter + Self.padding
      var line = box.top + Self.padding + Self.lineHeight - 5
      html.element("text", ["class": "transaction-name", "x": "\(left)", "y": "\(line)"]) { $0.text(box.title) }
      for text in box.lines {
        line += Self.lineHeight
        html.element("text", ["x": "\(left)", "y": "\(line)"]) { $0.text(text) }
      }
    }
  }

  /// From a transaction down to the next.
  private func drawArrow(_ step: Int, into html: inout HTMLBuilder) {
    let x = Self.gutter + 24
    let (from, to) = (boxes[step].bottom, boxes[step + 1].top)
    drawPath("M\(x) \(from)V\(to - 7)", head: (x, to), link: anomaly.steps[step].link, into: &html)
    drawReason(step, top: from + Self.padding, into: &html)
  }

  /// From the last transaction back to the first, on the left.
  private func drawReturn(into html: inout HTMLBuilder) {
    guard let first = boxes.first, let last = boxes.last else { return }
    let x = Self.gutter
    let path = "M\(x) \(last.middle)C\(x - 56) \(last.middle) \(x - 56) \(first.middle) \(x - 7) \(first.middle)"
    drawPath(path, head: nil, link: anomaly.steps[anomaly.steps.count - 1].link, into: &html)
    html.leaf(
      "path",
      [
        "class": "head \(anomaly.steps[anomaly.steps.count - 1].link)",
        "d": "M\(x) \(first.middle)l-9 -5v10z",
      ])
    drawReason(anomaly.steps.count - 1, top: last.bottom + Self.padding, into: &html)
  }

  private func drawPath(_ path: String, head: (x: Int, y: Int)?, link: String, into html: inout HTMLBuilder) {
    html.leaf("path", ["class": "edge \(link)", "d": path])
    if let head { html.leaf("path", ["class": "head \(link)", "d": "M\(head.x) \(head.y)l-5 -9h10z"]) }
  }

  private func drawReason(_ step: Int, top: Int, into html: inout HTMLBuilder) {
    var line = top + Self.lineHeight - 5
    for text in reasons[step] {
      html.element("text", ["class": "reason \(anomaly.steps[step].link)", "x": "\(Self.gutter + 44)", "y": "\(line)"])
      {
        $0.text(text)
      }
      line += Self.lineHeight
    }
  }
}
