// From a column to a colour for each item: words by how often they come, numbers along a ramp.

const PALETTE = [
  "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#8c564b", "#b5bd00",
  "#7b4ea3", "#e377c2", "#17becf", "#a6761d", "#1b7837", "#f4a582", "#4d4dff", "#c51b7d",
  "#66c2a5", "#b2182b", "#80b1d3", "#636363",
];
const REST = "#b4bcc5";
const RAMP = ["#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];
const SELECTED_COLOURS = { "selected": "#d55e00", "not selected": "#9fb4c7" };

const parts = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

function alongRamp(share) {
  const place = Math.min(Math.max(share, 0), 1) * (RAMP.length - 1);
  const low = Math.min(Math.floor(place), RAMP.length - 2);
  const [a, b] = [parts(RAMP[low]), parts(RAMP[low + 1])];
  return a.map((one, at) => Math.round(one + (b[at] - one) * (place - low)));
}

// {rgb: Uint8Array(3N), legend: [{words, colour, code, count}] or {low, high}}
function colourBy(column) {
  const rgb = new Uint8Array(3 * N);
  if (!column) {
    for (let i = 0; i < N; i++) rgb.set(parts(PALETTE[0]), 3 * i);
    return { rgb, legend: [] };
  }
  if (column.kind === "number") {
    let [low, high] = [Infinity, -Infinity];
    for (const value of column.values) {
      if (Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); }
    }
    const ramp = Array.from({ length: 256 }, (_, at) => alongRamp(at / 255));
    for (let i = 0; i < N; i++) {
      const value = column.values[i];
      const share = high > low ? (value - low) / (high - low) : 0.5;
      rgb.set(Number.isFinite(value) ? ramp[Math.round(share * 255)] : parts(REST), 3 * i);
    }
    return { rgb, legend: { low, high } };
  }
  const counts = new Array(column.names.length).fill(0);
  for (const code of column.codes) if (code >= 0) counts[code]++;
  const colourOf = (code) => column.measured === "selected"
    ? SELECTED_COLOURS[column.names[code]]
    : PALETTE[code] ?? REST;
  const known = column.names.map((_, code) => parts(colourOf(code)));
  for (let i = 0; i < N; i++) {
    const code = column.codes[i];
    rgb.set(code < 0 ? parts(REST) : known[code], 3 * i);
  }
  const named = column.names.slice(0, PALETTE.length).map((words, code) => (
    { words, colour: colourOf(code), code, count: counts[code] }));
  const more = column.names.length - named.length;
  if (more > 0) {
    const count = counts.slice(PALETTE.length).reduce((a, b) => a + b, 0);
    named.push({ words: `${more} more`, colour: REST, code: null, count });
  }
  return { rgb, legend: named };
}
