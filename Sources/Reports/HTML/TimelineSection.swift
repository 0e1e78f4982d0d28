/// The frame of the timeline: the script draws it, so that a page of 100,000 operations has no node for each.
struct TimelineSection {
  let data: PageData

  init(_ data: PageData) { self.data = data }

  func draw(into html: inout HTMLBuilder) {
    guard data.operations.count > 0 else {
      html.markup("<p class=\"muted\">The history holds no operation of a client.</p>")
      return
    }
    html.markup("<noscript><p class=\"muted\">The timeline and the charts are drawn by a script.</p></noscript>")
    html.markup(
      """
      <div class="timeline needs-script"><div class="controls">\
      <div class="segmented" role="group" aria-label="Lanes by">\
      <button type="button" data-lanes="process" aria-pressed="true">processes</button>\
      <button type="button" data-lanes="node" aria-pressed="false">nodes</button>\
      <button type="button" data-lanes="key" aria-pressed="false">keys</button></div>\
      <button type="button" data-zoom="in" aria-label="Zoom in">+</button>\
      <button type="button" data-zoom="out" aria-label="Zoom out">−</button>\
      <button type="button" data-zoom="all">Whole run</button>\
      <output id="view" class="muted"></output></div>\
      <p class="legend"><span><i class="key ok"></i>ok</span><span><i class="key fail"></i>fail</span>\
      <span><i class="key info"></i>info: unknown</span><span><i class="key violation"></i>violation</span>\
      <span><i class="key fault"></i>fault</span></p>\
      <div class="stage"><canvas id="lanes" tabindex="0" role="application" \
      aria-label="Operations over time. Arrow keys move, plus and minus zoom, j and k go to violations and faults. \
      A table of what is in view follows."></canvas><div id="tip" role="presentation" hidden></div></div>\
      <canvas id="map" aria-hidden="true"></canvas>\
      <div id="detail" class="panel" hidden></div>\
      <details id="rows"><summary>What is in view, as a table</summary><div class="scroll"></div></details></div>
      """)
  }
}
