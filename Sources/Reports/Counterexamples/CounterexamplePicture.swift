import Histories

/// A counterexample drawn as SVG: one row a process, one bar an operation, and the orders that the search could build.
///
/// All geometry is computed here; the page's script only shows and hides what is drawn.
struct CounterexamplePicture {
  /// Orders drawn, at most: more only repeat the same dead end.
  static let pathsMax = 8

  static let rowHeight = 50
  static let barHeight = 28
  static let gutter = 112
  static let top = 16
  static let axisHeight = 40
  private static let margin = 28
  /// Idle times from here on are marked on the axis as cut out, in nanoseconds.
  private static let idleNanoseconds: Int64 = 100_000_000

  let counterexample: Counterexample
  let layout: CounterexampleLayout
  let paths: [Counterexample.Path]

  init(_ counterexample: Counterexample) {
    self.counterexample = counterexample
    paths = Array(counterexample.paths.prefix(Self.pathsMax))
    layout = CounterexampleLayout(
      counterexample, measure: .init(gapMin: 16, gapPerDecade: 9, labelPadding: 34, characterWidth: 8, widthMin: 680),
      label: CounterexampleWords.label)
  }

  private var width: Int { Self.gutter + layout.width + Self.margin }
  private var height: Int { Self.top + layout.lanes.count * Self.rowHeight + Self.axisHeight }

  /// What the script needs to step through the states.
  var pageValue: Value {
    let operations = counterexample.operations.map { operation -> Value in
      .map([
        "index": .int(Int64(operation.index)), "label": .string(CounterexampleWords.label(operation)),
        "who": .string(CounterexampleWords.who(operation)), "role": .string(CounterexampleWords.role(operation)),
      ])
    }
    let orders = paths.map { path -> Value in
      .map([
        "initial": .string(CounterexampleWords.state(path.initial, in: counterexample)),
        "steps": .list(
          path.steps.map {
            [.int(Int64($0.operation)), .string(CounterexampleWords.state($0.state, in: counterexample))]
          }.map(Value.list)),
        "stuck": .list(
          path.stuck.map { [.int(Int64($0.operation)), .string(VisibleText.clean($0.reason))] }.map(Value.list)),
      ])
    }
    return .map([
      "operations": .list(operations), "paths": .list(orders), "violation": .int(Int64(counterexample.violation)),
    ])
  }

  /// Draws the whole picture.
  func draw(into html: inout HTMLBuilder) {
    html.element(
      "svg",
      [
        "class": "picture", "viewBox": "0 0 \(width) \(height)",
        "style": "min-width:\(width * 3 / 4)px;max-width:\(width * 13 / 10)px",
        "role": "img", "aria-label": "\(counterexample.summary)",
      ]
    ) { html in
      drawLanes(into: &html)
      drawAxis(into: &html)
      for (index, path) in paths.enumerated() { drawLinks(index, path, into: &html) }
      for index in counterexample.operations.indices { drawOperation(index, into: &html) }
      for (index, path) in paths.enumerated() { drawOrder(index, path, into: &html) }
    }
  }

  private func x(_ offset: Int) -> Int { Self.gutter + offset }
  private func y(_ lane: Int) -> Int { Self.top + lane * Self.rowHeight + (Self.rowHeight - Self.barHeight) / 2 }

  private func drawLanes(into html: inout HTMLBuilder) {
    for (index, lane) in layout.lanes.enumerated() {
      let middle = y(index) + Self.barHeight / 2
      html.leaf(
        "line", ["class": "lane", "x1": "\(Self.gutter - 8)", "x2": "\(width)", "y1": "\(middle)", "y2": "\(middle)"])
      html.element("text", ["class": "lane-name", "x": "0", "y": "\(middle - 2)"]) {
        $0.text("process " + VisibleText.short(lane.process, characters: 8))
      }
      guard let node = lane.node else { continue }
      html.element("text", ["class": "lane-node", "x": "0", "y": "\(middle + 13)"]) {
        $0.text("on " + VisibleText.short(node, characters: 12))
      }
    }
  }

  /// Times since the first event below those moments where a label has room; cut-out times are marked.
  private func drawAxis(into html: inout HTMLBuilder) {
    let base = Self.top + layout.lanes.count * Self.rowHeight
    html.leaf(
      "line", ["class": "axis", "x1": "\(Self.gutter)", "x2": "\(width)", "y1": "\(base)", "y2": "\(base)"])
    let origin = layout.moments.first?.time ?? 0
    var free = 0
    for (position, moment) in layout.moments.enumerated() {
      let left = x(layout.offsets[position])
      html.leaf(
        "line", ["class": "axis", "x1": "\(left)", "x2": "\(left)", "y1": "\(base)", "y2": "\(base + 5)"])
      drawIdle(after: position, base: base, into: &html)
      guard left >= free else { continue }
      let text =
        position == 0
        ? Numbers.fixed(Double(origin) / 1e9, digits: 3) + " s" : "+" + Numbers.span(nanoseconds: moment.time - origin)
      html.element("text", ["class": "axis-name", "x": "\(left)", "y": "\(base + 20)"]) { $0.text(text) }
      free = left + text.count * 8 + 14
    }
  }

  private func drawIdle(after position: Int, base: Int, into html: inout HTMLBuilder) {
    guard position + 1 < layout.moments.count else { return }
    let idle = layout.moments[position + 1].time - layout.moments[position].time
    guard idle >= Self.idleNanoseconds else { return }
    let middle = x((layout.offsets[position] + layout.offsets[position + 1]) / 2)
    html.element("g", ["class": "idle"]) { html in
      html.element("title") { $0.text(Numbers.span(nanoseconds: idle) + " without an event of these operations") }
      html.leaf("path", ["d": "M\(middle - 5) \(base + 6)l4 -12M\(middle + 1) \(base + 6)l4 -12"])
    }
  }

  private func drawOperation(_ index: Int, into html: inout HTMLBuilder) {
    let operation = counterexample.operations[index]
    let (left, right) = (x(layout.left(index)), x(layout.right(index)))
    let top = y(layout.lane[index])
    let open = operation.completion == nil
    var classes = "op \(operation.role.rawValue)"
    if open { classes += " open" }
    if index == counterexample.violation { classes += " violation" }
    let group: KeyValuePairs<StaticString, String> = [
      "class": classes, "data-op": "\(index)", "tabindex": "0", "role": "img",
      "aria-label": Self.description(operation, violates: index == counterexample.violation),
    ]
    html.element("g", group) { html in
      html.element("title") { $0.text(Self.description(operation, violates: index == counterexample.violation)) }
      drawBar(left: left, right: right, top: top, open: open, into: &html)
      html.element(
        "text", ["class": "label", "x": "\((left + right) / 2)", "y": "\(top + Self.barHeight / 2 + 5)"]
      ) { $0.text(CounterexampleWords.label(operation)) }
    }
  }

  /// A rectangle with both ends marked; without the right end where the operation never returned.
  private func drawBar(left: Int, right: Int, top: Int, open: Bool, into html: inout HTMLBuilder) {
    let bottom = top + Self.barHeight
    let middle = (top + bottom) / 2
    let shape =
      open
      ? "M\(right - 8) \(top)H\(left)V\(bottom)H\(right - 8)L\(right) \(middle)Z"
      : "M\(left) \(top)H\(right)V\(bottom)H\(left)Z"
    html.leaf("path", ["class": "bar", "d": shape])
    html.leaf(
      "path",
      ["class": "end", "d": "M\(left) \(top - 3)V\(bottom + 3)" + (open ? "" : "M\(right) \(top - 3)V\(bottom + 3)")])
  }

  private static func description(_ operation: Counterexample.Operation, violates: Bool) -> String {
    let returned = operation.completeTime.map {
      "returned after \(Numbers.span(nanoseconds: $0 - operation.invokeTime))"
    }
    let parts = [
      CounterexampleWords.label(operation), CounterexampleWords.who(operation), returned ?? "never returned",
      operation.type, CounterexampleWords.role(operation), violates ? "violates the claim" : nil,
    ]
    return parts.compactMap(\.self).joined(separator: ", ")
  }

  /// Where each step of the order takes effect: on the lower edge of its bar.
  private func points(_ path: Counterexample.Path) -> [(x: Int, y: Int)] {
    zip(path.steps, layout.points(of: path, apart: 22)).map { step, offset in
      (x: x(offset), y: y(layout.lane[step.operation]) + Self.barHeight)
    }
  }

  /// The attributes of one order's layer; the first is the one shown.
  private static func layer(_ number: Int) -> KeyValuePairs<StaticString, String> {
    ["class": number == 0 ? "order shown" : "order", "data-path": "\(number)"]
  }

  /// The lines from point to point, below the bars so that they cross no label.
  private func drawLinks(_ number: Int, _ path: Counterexample.Path, into html: inout HTMLBuilder) {
    let points = points(path)
    html.element("g", Self.layer(number)) { html in
      for (step, (from, to)) in zip(points, points.dropFirst()).enumerated() {
        html.leaf(
          "path", ["class": "link", "data-step": "\(step + 1)", "d": "M\(from.x) \(from.y)L\(to.x) \(to.y)"])
      }
    }
  }

  /// The order as numbered points on the bars, and marks on those that cannot follow.
  private func drawOrder(_ number: Int, _ path: Counterexample.Path, into html: inout HTMLBuilder) {
    html.element("g", Self.layer(number)) { html in
      for (step, point) in points(path).enumerated() {
        html.element("g", ["class": "point", "data-step": "\(step)"]) { html in
          html.leaf("circle", ["cx": "\(point.x)", "cy": "\(point.y)", "r": "9"])
          html.element("text", ["x": "\(point.x)", "y": "\(point.y + 4)"]) { $0.text("\(step + 1)") }
        }
      }
      for stuck in path.stuck {
        let (right, top) = (x(layout.right(stuck.operation)), y(layout.lane[stuck.operation]))
        html.element("g", ["class": "stuck-mark"]) { html in
          html.element("title") { $0.text(VisibleText.clean(stuck.reason)) }
          html.leaf("circle", ["cx": "\(right)", "cy": "\(top)", "r": "9"])
          html.leaf("path", ["d": "M\(right - 4) \(top - 4)l8 8m0 -8l-8 8"])
        }
      }
    }
  }
}
