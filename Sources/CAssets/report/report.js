// Joins the parts of the page: decoding, selection, search, keyboard, the address.

const TABLE_ROWS_MAX = 100;

class Page {
  constructor({ operations, rest }) {
    this.ops = new Operations(operations, rest.end);
    this.series = rest.series;
    this.nemesis = rest.nemesis;
    this.view = new View(rest.end);
    this.violations = new Set(rest.violations.map((index) => this.ops.find(index)).filter((i) => i >= 0));
    this.faults = this.placeFaults(rest.faults);
    this.examples = all(".example").map((article, n) => new Example(article, rest.counterexamples[n]));
    this.colors = palette();
    this.charts = [];
    this.listenToButtons();
    if (!this.ops.count) return;
    this.timeline = new Timeline(this);
    this.charts = [new Minimap(this), new RateChart(this), new LatencyChart(this)];
    this.visible = new Set([this.timeline, ...this.charts]);
    this.watch();
    this.listen();
    this.follow(false);
    this.drawSoon();
  }

  /** Faults get a colour a kind, and rows in which none overlap; what never healed lasts to the end. */
  placeFaults(faults) {
    const kinds = [...new Set(faults.map((fault) => fault.fault))].sort(), rows = [];
    const color = (kind) => Math.max(0, kinds.indexOf(kind)) % 5;
    const placed = faults.filter((fault) => fault.from !== null).sort((a, b) => a.from - b.from);
    for (const fault of placed) {
      fault.until = fault.to ?? this.view.end;
      fault.color = color(fault.fault);
      const row = rows.findIndex((end) => end <= fault.from);
      fault.row = row < 0 ? rows.push(0) - 1 : row;
      rows[fault.row] = fault.until;
    }
    this.faultRows = rows.length;
    for (const band of all("[data-fault]")) {
      band.style.setProperty("--band", `var(--fault-${color(band.dataset.fault)})`);
    }
    return placed;
  }

  faultsAt(us) {
    return this.faults.filter((fault) => fault.from <= us && us <= fault.until).map((fault) => fault.fault);
  }

  drawSoon() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = null;
      for (const part of this.visible) part.draw();
      one("#view").textContent = `${clock(this.view.from, 1000)} – ${clock(this.view.to, 1000)}`;
    });
  }

  /** Draws only what is on the screen, again when its size or the colours change. */
  watch() {
    const parts = new Map([this.timeline, ...this.charts].map((part) => [part.canvas, part]));
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        this.visible[isIntersecting ? "add" : "delete"](parts.get(target));
      }
      this.drawSoon();
    }, { rootMargin: "200px" });
    const sized = new ResizeObserver(() => this.drawSoon());
    for (const canvas of parts.keys()) { seen.observe(canvas); sized.observe(canvas); }
    const recolor = () => { this.colors = palette(); this.drawSoon(); };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolor);
    addEventListener("beforeprint", () => { for (const part of parts.values()) part.draw(); });
  }

  listen() {
    let timer = null;
    this.view.listeners.push(() => {
      this.drawSoon();
      clearTimeout(timer);
      timer = setTimeout(() => { this.remember(); this.fillTable(); }, 200);
    });
    for (const button of all("[data-lanes]")) {
      button.addEventListener("click", () => { this.timeline.setMode(button.dataset.lanes); this.drawSoon(); });
    }
    const { view } = this;
    const zooms = { in: () => view.zoom(0.5), out: () => view.zoom(2), all: () => view.show(0, view.end) };
    for (const button of all("[data-zoom]")) button.addEventListener("click", zooms[button.dataset.zoom]);
    one("#rows").addEventListener("toggle", () => this.fillTable());
    addEventListener("hashchange", () => this.follow(true));
    const query = one("#query");
    query.addEventListener("input", () => this.search(query.value));
    query.form.addEventListener("submit", (event) => { event.preventDefault(); this.nextMatch(); });
  }

  listenToButtons() {
    for (const button of all("[data-copy]")) {
      button.addEventListener("click", () => copy(one(`#${button.dataset.copy}`).textContent, button));
    }
    one("#help-button").addEventListener("click", () => one("#help").showModal());
    addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches?.("input, textarea");
    if (event.key === "Escape") {
      if (!typing) { if (this.ops.count) this.select(-1); return; }
      event.target.value = "";
      this.search("");
      event.target.blur();
      return;
    }
    if (typing || one("dialog[open]")) return;
    const actions = {
      j: () => this.jump(1), k: () => this.jump(-1),
      "?": () => one("#help").showModal(), "/": () => one("#query").focus(),
      n: () => this.example?.move(1), p: () => this.example?.move(-1),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  }

  /** The counterexample that is open. */
  get example() {
    return this.examples.find(({ article, data }) => data.paths.length && (article.closest("details")?.open ?? true));
  }

  /** Violations and faults, by time. */
  get marks() {
    const violations = [...this.violations].map((i) => ({ at: this.ops.finish[i], operation: i }));
    return [...violations, ...this.faults.map((fault) => ({ at: fault.from, fault }))].sort((a, b) => a.at - b.at);
  }

  jump(by) {
    const marks = this.marks;
    if (!marks.length || !this.timeline) return announce("There is no violation and no fault.");
    const before = this.mark ?? (by > 0 ? -1 : 0);
    this.mark = (before + by + marks.length) % marks.length;
    const { operation, fault } = marks[this.mark];
    if (operation !== undefined) {
      this.select(operation, true);
      announce(`Violation: ${this.ops.label(operation)} at ${clock(this.ops.start[operation], 1000)}`);
    } else {
      const margin = Math.max(5e5, (fault.until - fault.from) * 0.25);
      this.view.show(fault.from - margin, fault.until + margin);
      announce(`Fault: ${fault.fault} ${fault.targets} at ${clock(fault.from, 1e4)}`);
    }
    one("#timeline").scrollIntoView({ block: "start" });
  }

  /** Selects an operation (-1: none); `near` also moves the view to it. */
  select(i, near = false) {
    this.view.selected = i;
    if (i >= 0 && near) {
      const start = this.ops.start[i], finish = this.ops.finish[i], middle = (start + finish) / 2;
      const length = Math.max(finish - start, 2000) * 6;
      this.timeline.reveal(i);
      this.view.show(middle - length / 2, middle + length / 2);
    } else {
      this.view.changed();
    }
    this.showDetail(i);
  }

  showDetail(i) {
    const panel = one("#detail");
    panel.hidden = i < 0;
    if (i < 0) return;
    const json = JSON.stringify(this.ops.describe(i), null, 2), header = make("header"), pre = make("pre", json);
    const button = (text, action) => {
      const made = make("button", text);
      made.type = "button";
      made.addEventListener("click", () => action(made));
      return made;
    };
    const beside = (column, by) => {
      let n = i + by;
      while (n >= 0 && n < this.ops.count && column[n] !== column[i]) n += by;
      if (n >= 0 && n < this.ops.count) this.select(n, true);
    };
    const pair = (name, column) => header.append(
      button(`← same ${name}`, () => beside(column, -1)), button(`same ${name} →`, () => beside(column, 1)));
    header.append(make("h3", this.ops.label(i)));
    pair("process", this.ops.process);
    if (this.ops.key[i]) pair("key", this.ops.key);
    header.append(button("Copy as JSON", (made) => copy(json, made)), button("Close", () => this.select(-1)));
    panel.replaceChildren(header, pre);
  }

  search(query) {
    const mask = this.view.mask = search(this.ops, query), count = mask?.reduce((sum, bit) => sum + bit, 0);
    one("#matches").textContent = mask ? count.toLocaleString("en") : "";
    this.match = -1;
    this.view.changed();
  }

  nextMatch() {
    const { mask } = this.view;
    if (!mask) return;
    const next = mask.indexOf(1, this.match + 1);
    this.match = next < 0 ? mask.indexOf(1) : next;
    if (this.match < 0) return announce("No operation matches.");
    this.select(this.match, true);
    one("#timeline").scrollIntoView({ block: "start" });
  }

  /** Writes what is looked at into the address, without a step in the browser's history. */
  remember() {
    const { view, ops } = this;
    const span = `#t=${(view.from / 1e6).toFixed(3)}-${(view.to / 1e6).toFixed(3)}`;
    if (view.selected >= 0) history.replaceState(null, "", `#op=${ops.index[view.selected]}`);
    else if (!view.whole) history.replaceState(null, "", span);
    else if (/^#(op|t)=/.test(location.hash)) history.replaceState(null, "", location.pathname + location.search);
  }

  /** Goes where the address says. */
  follow(scroll) {
    const operation = /^#op=(\d+)$/.exec(location.hash), span = /^#t=([\d.]+)-([\d.]+)$/.exec(location.hash);
    if (!operation && !span) return;
    if (span) {
      this.select(-1);
      this.view.show(Number(span[1]) * 1e6, Number(span[2]) * 1e6);
    }
    const found = operation ? this.ops.find(Number(operation[1])) : -1;
    if (found >= 0) this.select(found, true);
    else if (operation) announce("The page holds no such operation.");
    one("#timeline").scrollIntoView({ block: "start", behavior: scroll ? "smooth" : "instant" });
  }

  /** The operations in view that match the search, for those who read tables. */
  fillTable() {
    const details = one("#rows"), { ops, view } = this;
    if (!details.open) return;
    const body = make("tbody");
    let shown = 0, more = 0;
    for (let i = 0; i < ops.count && ops.start[i] <= view.to; i++) {
      if (ops.finish[i] < view.from || (view.mask && !view.mask[i])) continue;
      if (shown >= TABLE_ROWS_MAX) { more++; continue; }
      shown++;
      const row = make("tr"), link = make("a", String(ops.index[i])), cell = make("td");
      link.href = `#op=${ops.index[i]}`;
      cell.append(link);
      const ended = [OUTCOMES[ops.outcome[i]], ops.errorOf(i)].filter(Boolean).join(": ");
      const took = ops.latency[i] < 0 ? "–" : duration(ops.latency[i]);
      const where = [ops.process[i], ops.nodeOf(i) ?? "–", ops.keyOf(i) ?? "–"];
      const texts = [clock(ops.start[i], 1), ...where, ops.label(i), ended, took];
      row.append(cell, ...texts.map((text) => make("td", text)));
      body.append(row);
    }
    const head = make("thead"), titles = make("tr"), table = make("table");
    const names = ["index", "invoked", "process", "node", "key", "operation", "outcome", "latency"];
    titles.append(...names.map((text) => make("th", text)));
    head.append(titles);
    table.append(head, body);
    const note = more ? `${more.toLocaleString("en")} more are in view: zoom in or search.` : `${shown} operations.`;
    one("#rows > div").replaceChildren(table, make("p", note, "muted"));
  }
}

/** Copies text; where a page from disk may not use the clipboard, through a selection. */
async function copy(text, button) {
  let copied = true;
  try { await navigator.clipboard.writeText(text); } catch {
    const area = make("textarea", text);
    document.body.append(area);
    area.select();
    copied = document.execCommand("copy");
    area.remove();
  }
  const before = button.textContent;
  button.textContent = copied ? "Copied" : "Not allowed here";
  announce(button.textContent);
  setTimeout(() => { button.textContent = before; }, 1200);
}

decode(one("#data").textContent).then((data) => new Page(data)).catch((error) => {
  console.error(error);
  const text = `The timeline and the charts need a browser with DecompressionStream (${error.message}).`;
  one("main").prepend(make("p", text, "notice"));
});
