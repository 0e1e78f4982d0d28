// The data of the page: decoded once into typed arrays; times are microseconds since the run's start.

const OUTCOMES = ["ok", "fail", "info"];
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** An element with text; text never becomes markup. */
function make(tag, text = "", className = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

function announce(text) { one("#announce").textContent = text; }

/** base64, then gzip, then JSON. */
async function decode(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

/** Differences become positions. */
function integrate(column, Type) {
  const result = new Type(column.length);
  let sum = 0;
  for (let i = 0; i < column.length; i++) result[i] = sum += column[i];
  return result;
}

/** Values are counted back from the newest: -2 repeats the input, -1 is null, 0 is new. Ids are 0 for null. */
function valueIds(raw) {
  const input = new Int32Array(raw.count), output = new Int32Array(raw.count);
  let known = 0;
  const id = (code) => code < 0 ? 0 : code === 0 ? ++known : known - code + 1;
  for (let i = 0; i < raw.count; i++) {
    input[i] = id(raw.input[i]);
    output[i] = raw.output[i] === -2 ? input[i] : id(raw.output[i]);
  }
  return { input, output };
}

/** The client operations in order of invocation; ids are 0 for none, positions from 1 in the tables otherwise. */
class Operations {
  constructor(raw, end) {
    this.count = raw.count;
    this.tables = { function: raw.functions, node: raw.nodes, error: raw.errors, key: raw.keys, value: raw.values };
    this.index = integrate(raw.index, Int32Array);
    this.span = Int32Array.from(raw.span);
    this.start = integrate(raw.start, Float64Array);
    this.latency = Float64Array.from(raw.latency);
    for (const name of ["process", "function", "node", "error", "key"]) {
      this[name] = Int32Array.from(raw[name]);
    }
    Object.assign(this, valueIds(raw));
    this.outcome = Uint8Array.from(raw.outcome);
    this.finish = new Float64Array(this.count);
    for (let i = 0; i < this.count; i++) {
      this.finish[i] = this.latency[i] < 0 ? Math.max(end, this.start[i]) : this.start[i] + this.latency[i];
    }
  }

  name(i) { return this.tables.function[this.function[i]]; }
  keyOf(i) { return this.key[i] ? this.tables.key[this.key[i] - 1] : null; }
  nodeOf(i) { return this.node[i] ? this.tables.node[this.node[i] - 1] : null; }
  errorOf(i) { return this.error[i] ? this.tables.error[this.error[i] - 1] : null; }
  inputOf(i) { return this.input[i] ? this.tables.value[this.input[i] - 1] : "null"; }
  outputOf(i) { return this.span[i] === 0 ? null : this.output[i] ? this.tables.value[this.output[i] - 1] : "null"; }

  /** `read → 3`, `write 3`, `cas [1,2]`. */
  label(i) {
    const input = this.inputOf(i), output = this.outputOf(i);
    const asked = input === "null" ? this.name(i) : `${this.name(i)} ${input}`;
    const tells = this.outcome[i] === 0 && (output !== input || input === "null");
    return tells ? `${asked} → ${output}` : asked;
  }

  /** Position of the operation whose invocation or completion is the event `index`; -1 for none. */
  find(index) {
    let low = 0, high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.index[middle] < index) low = middle + 1; else high = middle;
    }
    if (this.index[low] === index) return low;
    for (let i = low - 1; i >= 0 && i > low - 5000; i--) if (this.index[i] + this.span[i] === index) return i;
    return -1;
  }

  /** Everything known of one operation, for the detail panel and for copying. */
  describe(i) {
    const parse = (text) => { try { return JSON.parse(text); } catch { return text; } };
    const exact = (text) => text === null ? null : /\d{16}/.test(text) ? text : parse(text);
    return {
      index: this.index[i], completion: this.span[i] ? this.index[i] + this.span[i] : null,
      process: this.process[i], node: this.nodeOf(i), f: this.name(i), key: exact(this.keyOf(i)),
      value: exact(this.inputOf(i)), type: OUTCOMES[this.outcome[i]], result: exact(this.outputOf(i)),
      error: this.errorOf(i), invoked_us: this.start[i], latency_us: this.latency[i] < 0 ? null : this.latency[i],
    };
  }
}

/** `f:cas key:3 type:info timeout` as one byte an operation; null where nothing is asked. */
function search(operations, query) {
  const terms = query.trim().split(/\s+/).filter(Boolean);
  if (!terms.length) return null;
  const tests = terms.map((term) => searchTerm(operations, term.toLowerCase()));
  const mask = new Uint8Array(operations.count);
  for (let i = 0; i < operations.count; i++) mask[i] = tests.every((test) => test(i)) ? 1 : 0;
  return mask;
}

function searchTerm(ops, term) {
  const [, field, wanted] = /^(\w+):(.*)$/.exec(term) ?? [null, "", term];
  const ids = (table, match) => new Set(table.flatMap((text, id) => match(text.toLowerCase()) ? [id + 1] : []));
  const plain = (text) => text.replace(/^"|"$/g, "");
  switch (field) {
    case "f": { const set = ids(ops.tables.function, (t) => t === wanted); return (i) => set.has(ops.function[i] + 1); }
    case "key": {
      const set = ids(ops.tables.key, (t) => plain(t) === plain(wanted));
      return (i) => set.has(ops.key[i]);
    }
    case "node": { const set = ids(ops.tables.node, (t) => t === wanted); return (i) => set.has(ops.node[i]); }
    case "error": { const set = ids(ops.tables.error, (t) => t.includes(wanted)); return (i) => set.has(ops.error[i]); }
    case "type": return (i) => OUTCOMES[ops.outcome[i]] === wanted;
    case "process": return (i) => String(ops.process[i]) === wanted;
    case "op": return (i) => String(ops.index[i]) === wanted;
    default: {
      const set = ids(ops.tables.value, (t) => t.includes(term));
      const errors = ids(ops.tables.error, (t) => t.includes(term));
      const names = ids(ops.tables.function, (t) => t.includes(term));
      return (i) => set.has(ops.input[i]) || set.has(ops.output[i]) || errors.has(ops.error[i])
        || names.has(ops.function[i] + 1);
    }
  }
}

function duration(us) {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1e6) return `${(us / 1e3).toFixed(us < 1e4 ? 1 : 0)} ms`;
  return `${(us / 1e6).toFixed(2)} s`;
}

/** A time on an axis with marks `step` apart. */
function clock(us, step) {
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(step / 1e6) - 1e-9)));
  return `${(us / 1e6).toFixed(digits)} s`;
}

/** 1, 2 or 5 times a power of ten, so that about `count` marks fit into `range`. */
function niceStep(range, count) {
  const rough = range / Math.max(1, count), power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((f) => f * power).find((step) => step >= rough);
}
