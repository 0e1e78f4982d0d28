// Steps through the orders of a counterexample: the picture is drawn already, this shows and hides its parts.

class Example {
  constructor(article, data) {
    this.article = article;
    this.data = data;
    this.path = 0;
    this.step = this.last;
    if (!data.paths.length) return;
    const on = (selector, events, action) => {
      for (const part of all(selector, article)) {
        for (const event of events) part.addEventListener(event, () => action(part.dataset));
      }
    };
    on("[data-move]", ["click"], ({ move }) => this.move(Number(move)));
    on("button[data-path]", ["click"], ({ path }) => this.choose(Number(path)));
    on(".state", ["click"], ({ step }) => this.move(Number(step) - this.step));
    on(".op", ["pointerenter", "focus"], ({ op }) => this.explain(Number(op)));
    on(".op", ["pointerleave", "blur"], () => this.show());
    on(".op", ["click"], ({ op }) => { location.hash = `op=${data.operations[op].index}`; });
    this.show();
    const frame = one(".frame", article), bar = one(".op.violation .bar", article);
    if (bar) frame.scrollLeft = bar.getBBox().x + bar.getBBox().width + 60 - frame.clientWidth;
  }

  get order() { return this.data.paths[this.path]; }
  /** The step after the last one: where nothing can come next. */
  get last() { return this.data.paths[this.path]?.steps.length ?? 0; }
  get stuckShown() { return this.step >= this.last; }

  move(by) {
    this.step = Math.min(Math.max(this.step + by, -1), this.last);
    this.show();
  }

  choose(path) {
    this.path = path;
    this.step = this.last;
    for (const part of all("[data-path]", this.article)) {
      const chosen = Number(part.dataset.path) === path;
      if (part.matches("button")) part.setAttribute("aria-pressed", chosen);
      else part.classList.toggle("shown", chosen);
    }
    this.show();
  }

  /** The state after a step; before the first one, and of an empty order, the initial state. */
  state(step) { return this.order.steps[Math.min(step, this.last - 1)]?.[1] ?? this.order.initial; }

  show() {
    const placed = new Set(this.order.steps.slice(0, this.step + 1).map(([operation]) => operation));
    const current = this.stuckShown ? null : this.order.steps[this.step]?.[0];
    for (const group of all(".op", this.article)) {
      const operation = Number(group.dataset.op);
      group.classList.toggle("pending", !this.stuckShown && !placed.has(operation));
      group.classList.toggle("current", operation === current);
    }
    const scope = `[data-path="${this.path}"]`;
    for (const part of all(`.order${scope} [data-step], .steps${scope} .state`, this.article)) {
      part.classList.toggle("off", Number(part.dataset.step) > this.step);
      part.classList.toggle("current", Number(part.dataset.step) === this.step);
    }
    for (const mark of all(`.order${scope} .stuck-mark, .steps${scope} .stuck`, this.article)) {
      mark.classList.toggle("off", !this.stuckShown);
    }
    one('[data-move="-1"]', this.article).disabled = this.step < 0;
    one('[data-move="1"]', this.article).disabled = this.step >= this.last;
    one(".readout", this.article).textContent = this.sentence();
  }

  sentence() {
    if (this.step < 0) return `Before the first step: ${this.order.initial}`;
    if (this.stuckShown) return `In state ${this.state(this.last)}, after step ${this.last}: nothing can come next.`;
    const [operation, after] = this.order.steps[this.step], { label, who } = this.data.operations[operation];
    return `Step ${this.step + 1} of ${this.last}: ${label} by ${who}; state ${this.state(this.step - 1)} → ${after}`;
  }

  /** The state before and after one operation, or why it cannot come next. */
  explain(operation) {
    const { label, who, role } = this.data.operations[operation];
    const step = this.order.steps.findIndex(([placed]) => placed === operation);
    const stuck = this.order.stuck.find(([blocked]) => blocked === operation);
    const text = step >= 0
      ? `state ${this.state(step - 1)} before, ${this.state(step)} after`
      : stuck ? `cannot come next: ${stuck[1]}` : "not placed in this order";
    one(".readout", this.article).textContent = `${label} (${who}, ${role}): ${text}`;
  }
}
