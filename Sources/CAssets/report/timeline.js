// The timeline: lanes of operations on a canvas. Only what is in view is drawn; nothing is a DOM node.

const ROW = 22, AXIS = 24, STRIP = 17, GUTTER = 92, SUBROWS_MAX = 24, ROWS_MAX = 400;

/** Colours come from the style sheet, so that light, dark and print stay in one place. */
function palette() {
  const style = getComputedStyle(document.documentElement);
  const names = ["surface", "sunken", "line", "ink", "muted", "accent", "ok", "fail", "info", "bad", "sans", "mono"];
  const colors = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  colors.faults = [0, 1, 2, 3, 4].map((n) => style.getPropertyValue(`--fault-${n}`).trim());
  colors.outcomes = [colors.ok, colors.fail, colors.info];
  return colors;
}

/** A context whose unit is a CSS pixel, sized to the element. */
function surface(canvas) {
  const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** What every picture of the page shares: the span in view, the selection, the search. */
class View {
  constructor(end) {
    this.end = Math.max(end, 1000);
    this.from = 0;
    this.to = this.end;
    this.selected = -1;
    this.mask = null;
    this.listeners = [];
  }
  changed() { for (const listener of this.listeners) listener(); }
  get whole() { return this.from <= 0 && this.to >= this.end; }
  /** Shows a span, at least 50 µs of it and never more than the run. */
  show(from, to) {
    const length = Math.min(Math.max(to - from, 50), this.end);
    this.from = Math.min(Math.max((from + to) / 2 - length / 2, 0), this.end - length);
    this.to = this.from + length;
    this.changed();
  }
  zoom(factor, at = (this.from + this.to) / 2) {
    this.show(at - (at - this.from) * factor, at + (this.to - at) * factor);
  }
  pan(us) { this.show(this.from + us, this.to + us); }
}

/** Lanes: for processes one a client thread (a process that ends with `info` is followed by another in its lane). */
function lanesBy(mode, ops, violations) {
  if (mode === "process") return processLanes(ops);
  const groups = new Map();
  const column = mode === "node" ? ops.node : ops.key, table = ops.tables[mode];
  for (let i = 0; i < ops.count; i++) {
    if (!groups.has(column[i])) groups.set(column[i], []);
    groups.get(column[i]).push(i);
  }
  const bad = new Set([...violations].map((i) => column[i]));
  const order = [...groups.keys()].sort((a, b) => mode === "node"
    ? table[a - 1]?.localeCompare(table[b - 1], undefined, { numeric: true }) ?? 1
    : bad.has(b) - bad.has(a) || groups.get(b).length - groups.get(a).length || a - b);
  return order.flatMap((id) => packed(ops, groups.get(id), id ? table[id - 1] : "–"));
}

function processLanes(ops) {
  const lives = new Map();
  for (let i = 0; i < ops.count; i++) {
    const life = lives.get(ops.process[i]);
    if (life) { life.operations.push(i); life.to = Math.max(life.to, ops.finish[i]); }
    else lives.set(ops.process[i], { from: ops.start[i], to: ops.finish[i], operations: [i] });
  }
  const lanes = [];
  for (const life of [...lives.values()].sort((a, b) => a.from - b.from)) {
    let best = null;
    for (const lane of lanes) if (lane.to <= life.from && (!best || lane.to > best.to)) best = lane;
    if (!best) lanes.push(best = { name: null, to: 0, operations: [] });
    for (const i of life.operations) best.operations.push(i);
    best.to = life.to;
  }
  return lanes;
}

/** Overlapping operations of one lane side by side in rows of their own. */
function packed(ops, list, name) {
  const rows = [];
  for (const i of list) {
    let row = rows.find((row) => row.to <= ops.start[i]);
    if (!row) {
      if (rows.length < SUBROWS_MAX) rows.push(row = { name: rows.length ? "" : name, operations: [], to: 0 });
      else row = rows[rows.length - 1];
    }
    row.operations.push(i);
    row.to = Math.max(row.to, ops.finish[i]);
  }
  return rows;
}

class Timeline {
  constructor(page) {
    this.page = page;
    this.canvas = one("#lanes");
    this.tip = one("#tip");
    this.scroll = 0;
    this.mode = "process";
    this.setMode("process");
    this.listen();
  }

  setMode(mode) {
    const { ops, violations } = this.page;
    this.mode = mode;
    this.rows = lanesBy(mode, ops, violations).slice(0, ROWS_MAX);
    this.scroll = 0;
    for (const button of all("[data-lanes]")) button.setAttribute("aria-pressed", button.dataset.lanes === mode);
    this.canvas.style.height = `${Math.min(this.top + this.rows.length * ROW + 10, 520)}px`;
  }

  /** Height of what lies above the lanes: axis, and up to three rows of fault names. */
  get top() { return AXIS + STRIP * Math.min(3, this.page.faultRows) + 4; }
  x(us) { return GUTTER + ((us - this.page.view.from) / (this.page.view.to - this.page.view.from)) * this.plot; }
  time(x) { return this.page.view.from + ((x - GUTTER) / this.plot) * (this.page.view.to - this.page.view.from); }

  draw() {
    const { context, width, height } = surface(this.canvas), colors = this.page.colors;
    this.plot = width - GUTTER - 8;
    const limit = Math.max(0, this.top + this.rows.length * ROW + 10 - height);
    this.scroll = Math.min(Math.max(this.scroll, 0), limit);
    context.font = `11.5px ${colors.sans}`;
    context.textBaseline = "middle";
    this.drawLanes(context, width, height);
    context.save();
    context.beginPath();
    context.rect(GUTTER, 0, this.plot + 8, height);
    context.clip();
    this.drawFaults(context, height);
    this.drawAxis(context, height);
    this.drawOperations(context, height);
    context.restore();
    this.drawNames(context, height);
  }

  rowY(row) { return this.top + row * ROW - this.scroll; }

  drawLanes(context, width, height) {
    const colors = this.page.colors;
    context.strokeStyle = colors.line;
    context.beginPath();
    for (let row = 0; row < this.rows.length; row++) {
      const y = Math.round(this.rowY(row) + ROW) + 0.5;
      if (y < this.top || y > height || (row + 1 < this.rows.length && this.rows[row + 1].name === "")) continue;
      context.moveTo(0, y);
      context.lineTo(width, y);
    }
    context.globalAlpha = 0.6;
    context.stroke();
    context.globalAlpha = 1;
  }

  drawNames(context, height) {
    const colors = this.page.colors;
    context.save();
    context.beginPath();
    context.rect(0, this.top, GUTTER - 6, height);
    context.clip();
    for (let row = 0; row < this.rows.length; row++) {
      const y = this.rowY(row) + ROW / 2;
      if (y < this.top - ROW || y > height + ROW) continue;
      const text = this.rows[row].name ?? `process ${this.processIn(row)}`;
      context.fillStyle = colors.muted;
      context.fillText(this.mode === "key" && text ? `key ${text}` : text, 12, y + 0.5);
    }
    context.restore();
  }

  /** The process that a lane belongs to in the middle of the view. */
  processIn(row) {
    const { ops, view } = this.page, list = this.rows[row].operations;
    const middle = (view.from + view.to) / 2;
    return ops.process[list[Math.max(0, Math.min(list.length - 1, this.firstAfter(list, middle) - 1))]];
  }

  /** First place in `list` whose operation starts after `us`. */
  firstAfter(list, us) {
    let low = 0, high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.page.ops.start[list[middle]] <= us) low = middle + 1; else high = middle;
    }
    return low;
  }

  drawAxis(context, height) {
    const { view, colors } = this.page, step = niceStep(view.to - view.from, this.plot / 110);
    context.textAlign = "center";
    for (let us = Math.ceil(view.from / step) * step; us <= view.to; us += step) {
      const x = Math.round(this.x(us)) + 0.5;
      context.strokeStyle = colors.line;
      context.beginPath();
      context.moveTo(x, AXIS - 4);
      context.lineTo(x, height);
      context.globalAlpha = 0.7;
      context.stroke();
      context.globalAlpha = 1;
      context.fillStyle = colors.muted;
      context.fillText(clock(us, step), Math.max(x, GUTTER + 16), 11);
    }
    context.textAlign = "left";
  }

  /** Where the part in view of a bar begins, and its width. */
  inSight(left, right) {
    const from = Math.max(left, GUTTER);
    return [from, Math.min(right, GUTTER + this.plot) - from];
  }

  drawFaults(context, height) {
    const { faults, nemesis, colors } = this.page;
    for (const fault of faults) {
      const left = this.x(fault.from), right = Math.max(this.x(fault.until), left + 2);
      if (right < GUTTER || left > GUTTER + this.plot) continue;
      const y = AXIS + Math.min(fault.row, 2) * STRIP, color = colors.faults[fault.color];
      context.fillStyle = color;
      context.globalAlpha = 0.09;
      context.fillRect(left, y, right - left, height - y);
      context.globalAlpha = 0.3;
      context.fillRect(left, y, right - left, STRIP - 3);
      context.globalAlpha = 1;
      context.fillRect(left, y, 2, STRIP - 3);
      const [from, room] = this.inSight(left, right);
      if (room > 30) label(context, `${fault.fault} ${fault.targets}`, from + 6, y + 7.5, room - 8, colors.ink);
    }
    if (faults.length) return;
    context.fillStyle = colors.faults[0];
    for (const event of nemesis) context.fillRect(this.x(event.time), AXIS - 4, 1.5, height);
  }

  drawOperations(context, height) {
    context.save();
    context.beginPath();
    context.rect(GUTTER, this.top, this.plot + 8, height);
    context.clip();
    context.font = `11px ${this.page.colors.mono}`;
    for (let row = 0; row < this.rows.length; row++) {
      const y = this.rowY(row);
      if (y + ROW > this.top && y < height) this.drawRow(context, this.rows[row].operations, y);
    }
    context.restore();
  }

  /** One row; operations narrower than a pixel are drawn once a pixel and outcome. */
  drawRow(context, list, y) {
    const { ops, view, violations } = this.page, drawn = [-1, -1, -1];
    const special = [];
    let first = Math.max(0, this.firstAfter(list, view.from) - 1);
    if (this.mode !== "process") first = Math.max(0, first - SUBROWS_MAX);
    for (let n = first; n < list.length; n++) {
      const i = list[n];
      if (ops.start[i] > view.to) break;
      if (ops.finish[i] < view.from) continue;
      const left = this.x(ops.start[i]), right = this.x(ops.finish[i]), outcome = ops.outcome[i];
      if (violations.has(i) || i === view.selected) { special.push([i, left, right]); continue; }
      if (right - left < 1.5 && !view.mask) {
        const pixel = Math.floor(left);
        if (drawn[outcome] === pixel) continue;
        drawn[outcome] = pixel;
      }
      this.drawOperation(context, i, left, right, y);
    }
    for (const [i, left, right] of special) this.drawOperation(context, i, left, right, y);
  }

  /** ok: a full bar; fail: a low hollow one; info: hatched, with an open end; a violation carries a diamond. */
  drawOperation(context, i, left, right, y) {
    const { ops, view, violations, colors } = this.page, outcome = ops.outcome[i], bad = violations.has(i);
    const width = Math.max(right - left, 1.6), color = bad ? colors.bad : colors.outcomes[outcome];
    const top = y + 4, height = ROW - 8, [from, room] = this.inSight(left, right);
    context.globalAlpha = view.mask && !view.mask[i] ? 0.13 : 1;
    context.fillStyle = context.strokeStyle = color;
    const alpha = context.globalAlpha;
    if (outcome === 1) {
      if (width < 5) context.fillRect(left, top + height * 0.55, width, height * 0.45);
      else context.strokeRect(left + 0.5, top + height * 0.4, width - 1, height * 0.6 - 0.5);
    } else if (outcome === 2) {
      context.globalAlpha = alpha * 0.28;
      context.fillRect(left, top, width, height);
      context.globalAlpha = alpha;
      context.fillRect(left, top, Math.min(width, 2), height);
      context.fillRect(left, top, width, 1.5);
      for (let x = from + 6; x < from + room - 3; x += 8) context.fillRect(x, top + height - 2, 4, 2);
    } else {
      context.globalAlpha = alpha * (width > 26 ? 0.32 : 0.85);
      context.fillRect(left, top, width, height);
      context.globalAlpha = alpha;
      if (width > 26) { context.fillRect(left, top, 2, height); context.fillRect(right - 2, top, 2, height); }
    }
    if (width > 26) {
      const middle = top + height / 2 + (outcome === 1 ? 2.5 : 0.5);
      label(context, ops.label(i), from + 6, middle, room - 10, colors.ink);
    }
    context.globalAlpha = 1;
    if (bad) diamond(context, Math.max(left, GUTTER + 6) + Math.min(width, 2) / 2, top - 1, colors.bad);
    if (i === view.selected) {
      context.strokeStyle = colors.accent;
      context.lineWidth = 2;
      context.strokeRect(left - 2, top - 2, width + 4, height + 4);
      context.lineWidth = 1;
    }
  }

  /** The operation under a point; within four pixels counts. */
  at(x, y) {
    const row = Math.floor((y - this.top + this.scroll) / ROW);
    if (y < this.top || !this.rows[row] || x < GUTTER) return -1;
    const { ops } = this.page, list = this.rows[row].operations;
    let best = -1, distance = 4;
    const last = Math.min(list.length - 1, this.firstAfter(list, this.time(x + 4)));
    for (let n = last; n >= Math.max(0, last - 400); n--) {
      const left = this.x(ops.start[list[n]]), right = this.x(ops.finish[list[n]]);
      const away = x < left ? left - x : x > right ? x - right : 0;
      if (away < distance) { best = list[n]; distance = away; }
      if (away === 0) break;
    }
    return best;
  }

  listen() {
    const { canvas, page } = this;
    let drag = null, pageScrolled = 0;
    window.addEventListener("scroll", () => { pageScrolled = performance.now(); }, { passive: true });
    canvas.addEventListener("wheel", (event) => {
      // Who scrolls the page across the timeline goes on scrolling; a wheel turned on it zooms.
      if (performance.now() - pageScrolled < 350 && !event.ctrlKey) return;
      event.preventDefault();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        page.view.pan(((event.deltaX || event.deltaY) / this.plot) * (page.view.to - page.view.from));
      } else {
        page.view.zoom(Math.exp(Math.max(-240, Math.min(240, event.deltaY)) * 0.0022), this.time(event.offsetX));
      }
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => {
      const { from, to } = page.view;
      drag = { x: event.offsetX, y: event.offsetY, from, to, scroll: this.scroll, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drag) return this.hover(event.offsetX, event.offsetY);
      const dx = event.offsetX - drag.x, dy = event.offsetY - drag.y;
      if (!drag.moved && Math.hypot(dx, dy) < 4) return;
      drag.moved = true;
      this.tip.hidden = true;
      canvas.classList.add("dragging");
      const us = (dx / this.plot) * (drag.to - drag.from);
      this.scroll = drag.scroll - dy;
      page.view.show(drag.from - us, drag.to - us);
    });
    const release = (event) => {
      if (drag && !drag.moved && event.type === "pointerup") page.select(this.at(event.offsetX, event.offsetY));
      drag = null;
      canvas.classList.remove("dragging");
    };
    canvas.addEventListener("pointerup", release);
    canvas.addEventListener("pointercancel", release);
    canvas.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const { view } = this.page, tenth = (view.to - view.from) / 10;
    const actions = {
      ArrowLeft: () => view.pan(-tenth), ArrowRight: () => view.pan(tenth),
      ArrowUp: () => { this.scroll -= ROW; view.changed(); }, ArrowDown: () => { this.scroll += ROW; view.changed(); },
      "+": () => view.zoom(0.6), "=": () => view.zoom(0.6), "-": () => view.zoom(1 / 0.6),
      0: () => view.show(0, view.end),
      Home: () => view.pan(-view.end), End: () => view.pan(view.end),
    };
    if (!actions[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    actions[event.key]();
  }

  hover(x, y) {
    const { ops } = this.page, i = this.at(x, y);
    this.canvas.style.cursor = i < 0 ? "" : "pointer";
    this.tip.hidden = i < 0;
    if (i < 0) return;
    const node = ops.nodeOf(i), key = ops.keyOf(i), latency = ops.latency[i];
    const how = [OUTCOMES[ops.outcome[i]], ops.errorOf(i), latency < 0 ? "never returned" : duration(latency)];
    const where = [`process ${ops.process[i]}`, node && `on ${node}`, key && `key ${key}`];
    const line = (parts) => make("span", parts.filter(Boolean).join(" · "));
    this.tip.replaceChildren(make("b", ops.label(i)), line(where), line(how));
    this.tip.style.left = `${Math.min(x + 14, this.canvas.clientWidth - this.tip.offsetWidth - 8)}px`;
    this.tip.style.top = `${y + 18}px`;
  }

  /** Brings the operation's row into sight. */
  reveal(i) {
    const row = this.rows.findIndex((row) => row.operations.includes(i));
    if (row < 0) return;
    const visible = this.canvas.clientHeight - this.top - ROW * 2;
    const y = row * ROW - this.scroll;
    if (y < 0 || y > visible) this.scroll = row * ROW - visible / 2;
  }
}

/** Text cut to a width, in a monospaced guess first so that measuring stays rare. */
function label(context, text, x, y, room, color) {
  const fits = Math.floor(room / 6.4);
  if (fits < 2) return;
  context.fillStyle = color;
  context.fillText(text.length > fits ? `${text.slice(0, fits - 1)}…` : text, x, y);
}

function diamond(context, x, y, color) {
  context.fillStyle = color;
  context.beginPath();
  context.moveTo(x, y - 6);
  context.lineTo(x + 5, y);
  context.lineTo(x, y + 6);
  context.lineTo(x - 5, y);
  context.fill();
}
