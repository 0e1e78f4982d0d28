/// The parts of a page that are the same for every run.
enum PageFrame {
  static func drawSearch(into html: inout HTMLBuilder) {
    html.markup(
      """
      <form class="search needs-script" role="search"><label class="hidden" for="query">Search operations</label>\
      <input id="query" type="search" autocomplete="off" spellcheck="false" placeholder="f:cas key:3 type:info">\
      <output id="matches" aria-live="polite"></output></form>\
      <button class="icon needs-script" id="help-button" type="button" aria-label="Help" title="Help (?)">?</button>
      """)
  }

  static func drawDialogs(into html: inout HTMLBuilder) {
    html.markup(
      """
      <dialog id="help" aria-labelledby="help-title"><h2 id="help-title">Keys and search</h2><dl class="keys">\
      <div><dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>next, previous violation or fault</dd></div>\
      <div><dt><kbd>/</kbd></dt><dd>search; <kbd>Enter</kbd> goes from match to match</dd></div>\
      <div><dt><kbd>n</kbd> <kbd>p</kbd></dt><dd>next, previous step of the counterexample</dd></div>\
      <div><dt><kbd>←</kbd> <kbd>→</kbd></dt><dd>move the timeline, when it has the focus</dd></div>\
      <div><dt><kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd></dt><dd>zoom in, out, all of the run</dd></div>\
      <div><dt><kbd>Esc</kbd></dt><dd>close, clear</dd></div></dl>\
      <p>Search terms are joined by “and”: <code>f:cas</code> <code>key:3</code> <code>type:info</code> \
      <code>process:4</code> <code>node:n2</code> <code>error:timeout</code>; other words are looked for in the values.</p>\
      <p>The address of the page remembers what you look at: <code>#op=1234</code> is the operation invoked at that \
      index of <code>history.jsonl</code>, <code>#t=12.3-14.1</code> a span of the run in seconds.</p>\
      <form method="dialog"><button type="submit">Close</button></form></dialog>\
      <div id="announce" class="hidden" role="status" aria-live="polite"></div>
      """)
  }
}
