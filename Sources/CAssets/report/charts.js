// Pictures of the whole run: the map below the timeline, rate and latency. A span dragged in any of them is shown in
// the timeline.

/** A canvas over the whole run, with an axis of time and a brush. */
class Overview {
  constructor(page, canvas, { left, bottom }) {
    Object.assign(this, { page, canvas, left, bottom });
    let drag = null;
    const time = (event) => this.time(event.offsetX);
    canvas.addEventListener("pointerdown", (event) => {
      const { view } = page, at = time(event), inside = !view.whole && at > view.from && at < view.to;
      drag = { at, inside, from: view.from, to: view.to };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drag) return this.hover?.(event.offsetX);
      const at = time(event);
      if (drag.inside) page.view.show(drag.from + at - drag.at, drag.to + at - drag.at);
      else if (Math.abs(this.x(at) - this.x(drag.at)) > 3) page.view.show(Math.min(at, drag.at), Math.max(at, drag.at));
    });
    canvas.addEventListener("pointerup", (event) => {
      const { view } = page, at = time(event), half = (view.to - view.from) / 2;
      if (drag && Math.abs(this.x(at) - this.x(drag.at)) <= 3 && !view.whole) view.show(at - half, at + half);
      drag = null;
    });
    canvas.addEventListener("pointercancel", () => { drag = null; });
    canvas.addEventListener("pointerleave", () => { this.cursor = null; this.draw(); });
  }

  x(us) { return this.left + (us / this.page.view.end) * this.plot; }
  time(x) { return Math.min(Math.max(((x - this.left) / this.plot) * this.page.view.end, 0), this.page.view.end); }

  begin() {
    const { context, width, height } = surface(this.canvas);
    this.plot = width - this.left - 10;
    this.height = height - this.bottom;
    context.font = `11px ${this.page.colors.sans}`;
    for (const fault of this.page.faults) {
      context.fillStyle = this.page.colors.faults[fault.color];
      context.globalAlpha = 0.13;
      context.fillRect(this.x(fault.from), 0, Math.max(2, this.x(fault.until) - this.x(fault.from)), this.height);
    }
    context.globalAlpha = 1;
    return context;
  }

  drawTimes(context) {
    const { view, colors } = this.page, step = niceStep(view.end, this.plot / 110);
    context.fillStyle = colors.muted;
    context.textAlign = "center";
    for (let us = 0; us <= view.end; us += step) {
      context.fillText(clock(us, step), Math.max(this.x(us), this.left + 8), this.height + 15);
    }
    context.textAlign = "left";
  }

  /** A line across with its value at the left. */
  drawMark(context, y, text) {
    const { colors } = this.page;
    context.fillStyle = colors.line;
    context.fillRect(this.left, Math.round(y), this.plot, 1);
    context.fillStyle = colors.muted;
    context.textAlign = "right";
    context.fillText(text, this.left - 7, y + 4);
    context.textAlign = "left";
  }

  drawBrush(context) {
    const { view, colors } = this.page;
    if (view.whole) return;
    const from = this.x(view.from), to = Math.max(this.x(view.to), from + 2);
    context.fillStyle = colors.sunken;
    context.globalAlpha = 0.62;
    context.fillRect(this.left, 0, from - this.left, this.height);
    context.fillRect(to, 0, this.left + this.plot - to, this.height);
    context.globalAlpha = 1;
    context.fillStyle = colors.accent;
    context.fillRect(from - 1, 0, 2, this.height);
    context.fillRect(to - 1, 0, 2, this.height);
  }

  /** Stacked columns of completions by outcome, `scale` pixels each. */
  drawColumns(context, scale) {
    const { series, colors } = this.page;
    const width = Math.max(1, (series.step / this.page.view.end) * this.plot - 0.5);
    for (let b = 0; b < series.ok.length; b++) {
      let y = this.height;
      for (const [n, name] of OUTCOMES.entries()) {
        const height = series[name][b] * scale;
        context.fillStyle = colors.outcomes[n];
        if (height > 0) context.fillRect(this.x(b * series.step), y -= Math.max(height, 1), width, Math.max(height, 1));
      }
    }
  }

  drawCursor(context, lines) {
    if (this.cursor == null) return;
    const { colors } = this.page, x = this.x(this.cursor);
    context.fillStyle = colors.muted;
    context.fillRect(x, 0, 1, this.height);
    const width = Math.max(...lines.map((line) => context.measureText(line).width)) + 16;
    const left = x + width + 12 > this.left + this.plot ? x - width - 8 : x + 8;
    context.fillStyle = colors.surface;
    context.globalAlpha = 0.94;
    context.fillRect(left, 8, width, lines.length * 15 + 8);
    context.globalAlpha = 1;
    context.strokeStyle = colors.line;
    context.strokeRect(left + 0.5, 8.5, width, lines.length * 15 + 8);
    context.fillStyle = colors.ink;
    lines.forEach((line, n) => context.fillText(line, left + 8, 23 + n * 15));
  }

  hover(x) {
    this.cursor = this.time(x);
    this.draw();
  }

  get bucket() { return Math.min(this.page.series.ok.length - 1, Math.floor(this.cursor / this.page.series.step)); }
}

class Minimap extends Overview {
  constructor(page) { super(page, one("#map"), { left: GUTTER, bottom: 0 }); }
  hover() {}
  draw() {
    const context = this.begin(), { series, violations, ops, colors } = this.page;
    const most = Math.max(1, ...series.ok.map((ok, b) => ok + series.fail[b] + series.info[b]));
    context.globalAlpha = 0.75;
    this.drawColumns(context, (this.height - 12) / most);
    context.globalAlpha = 1;
    this.drawBrush(context);
    for (const i of violations) diamond(context, this.x(ops.finish[i]), 7, colors.bad);
    context.fillStyle = colors.muted;
    context.fillText("whole run", 12, this.height / 2 + 4);
  }
}

class RateChart extends Overview {
  constructor(page) { super(page, one("#rate"), { left: 58, bottom: 22 }); }
  draw() {
    const context = this.begin(), { series } = this.page, perSecond = 1e6 / series.step;
    const most = Math.max(1, ...series.ok.map((ok, b) => ok + series.fail[b] + series.info[b])) * perSecond;
    const step = niceStep(most, 4), top = Math.ceil(most / step) * step;
    for (let rate = 0; rate <= top; rate += step) {
      this.drawMark(context, this.height - (rate / top) * (this.height - 10), rate.toLocaleString("en"));
    }
    this.drawColumns(context, ((this.height - 10) / top) * perSecond);
    this.drawTimes(context);
    this.drawBrush(context);
    if (this.cursor == null) return;
    const per = (name) => `${name} ${Math.round(series[name][this.bucket] * perSecond).toLocaleString("en")}/s`;
    this.drawCursor(context, [clock(this.cursor, 1e4), ...OUTCOMES.map(per), ...this.page.faultsAt(this.cursor)]);
  }
}

class LatencyChart extends Overview {
  constructor(page) {
    super(page, one("#latency"), { left: 58, bottom: 22 });
    const { ops } = page;
    let low = Infinity, high = 1;
    for (let i = 0; i < ops.count; i++) {
      if (ops.latency[i] < 0) continue;
      low = Math.min(low, Math.max(ops.latency[i], 1));
      high = Math.max(high, ops.latency[i]);
    }
    this.low = Math.floor(Math.log10(Math.min(low, high)));
    this.high = Math.max(Math.ceil(Math.log10(high)), this.low + 1);
  }

  y(us) {
    const part = (Math.log10(Math.max(us, 1)) - this.low) / (this.high - this.low);
    return this.height - 4 - part * (this.height - 12);
  }

  draw() {
    const context = this.begin();
    for (let power = this.low; power <= this.high; power++) {
      const unit = Math.min(2, Math.floor(power / 3));
      this.drawMark(context, this.y(10 ** power), `${10 ** (power - 3 * unit)} ${["µs", "ms", "s"][unit]}`);
    }
    if (this.points?.width !== this.canvas.width || this.points.colors !== this.page.colors) this.renderPoints();
    context.drawImage(this.points.canvas, 0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
    this.drawLine(context, "p99", [5, 3]);
    this.drawLine(context, "p50", []);
    this.drawTimes(context);
    this.drawBrush(context);
    if (this.cursor == null) return;
    const text = (name) => {
      const us = this.page.series[name][this.bucket];
      return `${name} ${us == null ? "–" : duration(us)}`;
    };
    this.drawCursor(context, [clock(this.cursor, 1e4), text("p50"), text("p99"), ...this.page.faultsAt(this.cursor)]);
  }

  /** Points are many: drawn once, then copied. ok: a dot; fail: a lower dash; info: a cross. */
  renderPoints() {
    const { ops, colors } = this.page, canvas = document.createElement("canvas"), ratio = window.devicePixelRatio || 1;
    canvas.width = this.canvas.width;
    canvas.height = this.canvas.height;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    for (const outcome of [0, 1, 2]) {
      context.fillStyle = colors.outcomes[outcome];
      context.globalAlpha = outcome === 0 ? Math.max(0.12, Math.min(0.5, 4000 / ops.count)) : 0.8;
      for (let i = 0; i < ops.count; i++) {
        if (ops.outcome[i] !== outcome || ops.latency[i] < 0) continue;
        const x = this.x(ops.finish[i]), y = this.y(ops.latency[i]);
        if (outcome === 0) context.fillRect(x - 0.8, y - 0.8, 1.8, 1.8);
        else if (outcome === 1) context.fillRect(x - 2, y - 0.5, 4, 1.2);
        else { context.fillRect(x - 2, y - 0.5, 4.5, 1.2); context.fillRect(x - 0.4, y - 2.2, 1.2, 4.5); }
      }
    }
    this.points = { canvas, width: canvas.width, colors };
  }

  drawLine(context, name, dash) {
    const { series, colors } = this.page;
    context.strokeStyle = colors.ink;
    context.globalAlpha = 0.75;
    context.setLineDash(dash);
    context.lineWidth = 1.4;
    context.beginPath();
    let open = false;
    series[name].forEach((us, b) => {
      if (us == null) { open = false; return; }
      const x = this.x((b + 0.5) * series.step), y = this.y(us);
      if (open) context.lineTo(x, y); else context.moveTo(x, y);
      open = true;
    });
    context.stroke();
    context.setLineDash([]);
    context.lineWidth = 1;
    context.globalAlpha = 1;
  }
}
