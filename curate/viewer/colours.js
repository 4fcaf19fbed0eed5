// From a column to a colour for each item: words by how often they come, numbers along a ramp.

const PALETTE = [
  "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#8c564b", "#b5bd00",
  "#7b4ea3", "#e377c2", "#17becf", "#a6761d", "#1b7837", "#f4a582", "#4d4dff", "#c51b7d",
  "#66c2a5", "#b2182b", "#80b1d3", "#636363",
];
const REST = "#b4bcc5";
const MISSING = "#e3d3bb"; // no value
const RAMP = ["#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];
const SELECTED_COLOURS = { "selected": "#d55e00", "not selected": "#9fb4c7" };

const parts = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

function alongRamp(share) {
  const place = Math.min(Math.max(share, 0), 1) * (RAMP.length - 1);
  const low = Math.min(Math.floor(place), RAMP.length - 2);
  const [a, b] = [parts(RAMP[low]), parts(RAMP[low + 1])];
  return a.map((one, at) => Math.round(one + (b[at] - one) * (place - low)));
}

// Where a ramp begins and ends: at the lowest and highest value, or where a few far ones would leave
// all others one colour, at the 2nd and 98th percentile.
function ends(values) {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  if (!sorted.length) return { low: NaN, high: NaN };
  const [low, high, inner, outer] = [at(0), at(1), at(0.02), at(0.98)];
  if (inner === outer || outer - inner > (high - low) / 3) return { low, high };
  return { low: inner, high: outer, below: low < inner, above: high > outer };
}

// {rgb: Uint8Array(3N), legend: [{words, colour, code, count}] or {low, high, missing}}
function colourBy(column) {
  const rgb = new Uint8Array(3 * N);
  if (!column) {
    for (let i = 0; i < N; i++) rgb.set(parts(PALETTE[0]), 3 * i);
    return { rgb, legend: [] };
  }
  if (column.kind === "number") {
    const legend = { ...ends(column.values), missing: 0 };
    const { low, high } = legend;
    const ramp = Array.from({ length: 256 }, (_, at) => alongRamp(at / 255));
    for (let i = 0; i < N; i++) {
      const value = column.values[i];
      const share = high > low ? Math.min(Math.max((value - low) / (high - low), 0), 1) : 0.5;
      if (!Number.isFinite(value)) legend.missing++;
      rgb.set(Number.isFinite(value) ? ramp[Math.round(share * 255)] : parts(MISSING), 3 * i);
    }
    return { rgb, legend };
  }
  const counts = new Array(column.names.length).fill(0);
  let missing = 0;
  for (const code of column.codes) {
    if (code >= 0) counts[code]++;
    else missing++;
  }
  const colourOf = (code) => column.measured === "selected"
    ? SELECTED_COLOURS[column.names[code]]
    : PALETTE[code] ?? REST;
  const known = column.names.map((_, code) => parts(colourOf(code)));
  for (let i = 0; i < N; i++) {
    const code = column.codes[i];
    rgb.set(code < 0 ? parts(MISSING) : known[code], 3 * i);
  }
  const legend = column.names.slice(0, PALETTE.length).map((words, code) => (
    { words, colour: colourOf(code), code, count: counts[code] }));
  const more = column.names.length - legend.length;
  if (more > 0) {
    const count = counts.slice(PALETTE.length).reduce((a, b) => a + b, 0);
    legend.push({ words: `${more.toLocaleString("en")} more`, colour: REST, code: null, count, counts });
  }
  if (missing) legend.push({ words: "no value", colour: MISSING, code: -1, count: missing });
  return { rgb, legend };
}

const OFFERED = 2000; // names beyond those with a colour, to choose from

function showLegend(column, legend) {
  const root = byId("legend");
  const dot = (colour) => make("span", { className: "dot", style: { background: colour } });
  if (!Array.isArray(legend)) {
    const { low, high, below, above, missing } = legend;
    const note = (words) => make("span", { className: "note" }, words);
    const name = make("span", { className: "note" }, named(column.name), column.unit ? ` (${column.unit})` : "");
    const all = Number.isNaN(low) ? [note("no values")] : [
      note(`${below ? "≤ " : ""}${told(column, low)}`),
      make("span", { className: "ramp", style: { background: `linear-gradient(90deg, ${RAMP.join(",")})` } }),
      note(`${above ? "≥ " : ""}${told(column, high)}`)];
    root.replaceChildren(name, ...all, ...(missing ? [note(` no value (${missing.toLocaleString("en")})`)] : []));
    if (missing) root.lastChild.prepend(dot(MISSING));
    return;
  }
  root.replaceChildren(...legend.map((one) => make("button", {
    title: `${one.words}: choose these ${one.count}`,
    on: { click: () => page.choose(itemsOf(column, one.code)) },
  }, dot(one.colour), make("span", { className: "name" }, named(one.words)), ` (${one.count.toLocaleString("en")})`)));
  const rest = legend.find((one) => one.code === null);
  if (!rest) return;
  const others = column.names.slice(PALETTE.length, PALETTE.length + OFFERED);
  root.append(make("select", {
    ariaLabel: "Choose the items of a name without a colour of its own",
    on: { change: (event) => event.target.value && page.choose(itemsOf(column, Number(event.target.value))) },
  }, make("option", { value: "" }, "one of them…"),
  ...others.map((words, at) => make("option", { value: at + PALETTE.length }, `${words} (${rest.counts[at + PALETTE.length]})`))));
}

function itemsOf(column, code) {
  const found = [];
  for (let i = 0; i < N; i++) {
    if (code === null ? column.codes[i] >= PALETTE.length : column.codes[i] === code) found.push(i);
  }
  return found;
}
