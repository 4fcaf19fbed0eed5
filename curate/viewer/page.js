// The page: two panes with one state, the legend, the tables and the downloads.

const byId = (id) => document.getElementById(id);
const LISTED = 500; // lines of the list; the file has all

const page = {
  lasso: false,
  clicked: -1,
  hovered: -1,
  near: new Map(), // item -> "common", or the number of the one space that has it
  chosen: new Uint8Array(N),
  chosenCount: 0,
  colours: null,
  panes: [],
  waiting: new Set(), // panes to draw in the next frame
  asked: false,

  // Draw one pane again, or both; `remark` draws the marks alone.
  redraw(...panes) {
    for (const pane of panes.length ? panes : this.panes) this.waiting.add(pane);
    this.remark();
  },
  remark() {
    if (!this.asked) requestAnimationFrame(() => this.frame());
    this.asked = true;
  },
  frame() {
    this.asked = false;
    const drawn = [...this.waiting];
    this.waiting.clear();
    for (const pane of this.panes) {
      if (!pane.map || !this.colours) continue;
      if (drawn.includes(pane)) pane.draw();
      pane.drawMarks();
    }
  },

  hover(item, event) {
    if (item !== this.hovered) {
      this.hovered = item;
      this.remark();
    }
    showCard(item, event);
  },

  click(item) {
    this.clicked = item;
    this.near = new Map();
    if (item >= 0) {
      DATA.spaces.forEach((space, s) => {
        for (const one of nearOf(space, item)) this.near.set(one, this.near.has(one) ? "common" : s);
      });
    }
    showNear(item);
    this.remark();
  },

  choose(items) {
    this.chosen.fill(0);
    for (const item of items) this.chosen[item] = 1;
    this.chosenCount = items.length;
    showChosen();
    this.redraw();
  },

  colour(at) {
    this.colours = colourBy(DATA.columns[at]);
    showLegend(DATA.columns[at], this.colours.legend);
    this.redraw();
  },
};

// -- what stands around the maps -------------------------------------------------------

function showLegend(column, legend) {
  const root = byId("legend");
  if (!Array.isArray(legend)) {
    const ramp = make("span", { className: "ramp", style: { background: `linear-gradient(90deg, ${RAMP.join(",")})` } });
    root.replaceChildren(make("span", { className: "note" }, figure(legend.low)), ramp, make("span", { className: "note" }, figure(legend.high)));
    return;
  }
  root.replaceChildren(...legend.map((one) => make("button", {
    title: `choose these ${one.count}`,
    on: { click: () => page.choose(itemsOf(column, one.code)) },
  }, make("span", { className: "dot", style: { background: one.colour } }), `${one.words} (${one.count})`)));
}

function itemsOf(column, code) {
  const found = [];
  for (let i = 0; i < N; i++) {
    if (code === null ? column.codes[i] >= PALETTE.length : column.codes[i] === code) found.push(i);
  }
  return found;
}

function showCard(item, event) {
  const card = byId("card");
  card.hidden = item < 0;
  if (item < 0) return;
  if (card.dataset.item !== String(item)) {
    card.dataset.item = item;
    const facts = DATA.columns.slice(0, 14).flatMap((column) => [make("dt", {}, column.name), make("dd", {}, cell(column, item))]);
    const text = DATA.texts ? make("div", {}, DATA.texts[item]) : null;
    card.replaceChildren(make("div", {}, picture(item), make("b", {}, DATA.ids[item]), text, make("dl", {}, ...facts)));
  }
  const [width, height] = [card.offsetWidth, card.offsetHeight];
  const left = event.clientX + 16 + width > innerWidth ? event.clientX - 16 - width : event.clientX + 16;
  const top = Math.max(4, Math.min(event.clientY + 12, innerHeight - height - 8));
  Object.assign(card.style, { left: `${Math.max(4, left)}px`, top: `${top}px` });
}

const labels = () => DATA.columns.find((column) => column.name === DATA.label && !column.measured);

function itemRow(item, ...cells) {
  const label = labels();
  const text = DATA.texts ? make("div", { className: "text", title: DATA.texts[item] }, DATA.texts[item]) : null;
  const of = label ? make("span", { className: "note" }, ` · ${cell(label, item)}`) : null;
  return make("tr", { data: { item }, on: { click: () => page.click(item) } },
    ...cells,
    ...(DATA.pictures ? [make("td", { className: "picture" }, picture(item))] : []),
    make("td", {}, DATA.ids[item], of, text));
}

function itemHead(...cells) {
  const head = [...cells, ...(DATA.pictures ? [""] : []), labels() ? `id · ${DATA.label}` : "id"];
  return make("thead", {}, make("tr", {}, ...head.map((word) => make("th", { className: word === "distance" || word === "rank" ? "figure" : "" }, word))));
}

function showNear(item) {
  const root = byId("near");
  if (item < 0) {
    root.replaceChildren(make("h2", {}, "Neighbours"), make("p", { className: "note" }, `Click an item in a map to see its ${K} nearest.`));
    return;
  }
  const two = DATA.spaces.length > 1;
  const ring = (colour, words) => make("span", {}, make("span", { className: "ring", style: { borderColor: colour } }), words);
  const common = [...page.near.values()].filter((kind) => kind === "common").length;
  const tables = DATA.spaces.map((space, s) => {
    const rows = [...nearOf(space, item)].map((one, rank) => itemRow(one,
      make("td", { className: "figure" }, String(rank + 1)),
      make("td", { className: "figure" }, figure(space.distances[item * K + rank])),
      ...(two ? [make("td", { className: "common" }, page.near.get(one) === "common" ? "●" : "")] : [])));
    return make("div", {},
      make("h2", {}, `${K} nearest in ${space.name} (${space.metric} distance)`),
      make("table", { className: "nearest", data: { space: s } }, itemHead("rank", "distance", ...(two ? ["both"] : [])), make("tbody", {}, ...rows)));
  });
  const label = labels();
  root.replaceChildren(
    make("div", { className: "asked" }, picture(item),
      make("div", {}, make("b", {}, DATA.ids[item]), label ? ` · ${cell(label, item)}` : "", DATA.texts ? make("div", {}, DATA.texts[item]) : "")),
    make("p", { className: "marks" }, ...(two
      ? [ring("#e69f00", `near in both (${common})`), ring("#0a6ebd", "near in the space of the map"), ring("#c2327f", "near in the other only")]
      : [ring("#0a6ebd", "near")])),
    make("div", { className: "tables" }, ...tables));
}

function chosenItems() {
  const found = [];
  for (let i = 0; i < N; i++) if (page.chosen[i]) found.push(i);
  return found;
}

function showChosen() {
  const root = byId("chosen");
  const items = chosenItems();
  if (!items.length) {
    root.replaceChildren(make("h2", {}, "Lasso"), make("p", { className: "note" }, "Draw around items in a map to list them here; they stand out in both."));
    return;
  }
  const more = items.length - LISTED;
  const file = fileName();
  root.replaceChildren(
    make("h2", { id: "count" }, `${items.length.toLocaleString("en")} items in the lasso`),
    make("div", { className: "row" },
      make("button", { id: "download", className: "main", on: { click: download } }, "Download ids"),
      make("button", { on: { click: () => page.choose([]) } }, "Clear")),
    make("pre", {}, `curate select … --datapool ids:${file}\ncurate measure … --selection ${file}`),
    make("div", { className: "list" }, make("table", {}, itemHead(), make("tbody", {}, ...items.slice(0, LISTED).map((item) => itemRow(item))))),
    more > 0 ? make("p", { className: "note" }, `and ${more.toLocaleString("en")} more, which the file has.`) : "");
}

// An id a line; as JSON where an id is not a line as it stands.
const asLines = () => chosenItems().every((item) => !/[\r\n]/.test(DATA.ids[item]) && DATA.ids[item].trim());
const fileName = () => (asLines() ? "chosen.txt" : "chosen.json");

function download() {
  const ids = chosenItems().map((item) => DATA.ids[item]);
  const text = asLines() ? `${ids.join("\n")}\n` : JSON.stringify(ids);
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = make("a", { href: address, download: fileName() });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function find(words) {
  if (!words) return -1;
  const exact = DATA.ids.indexOf(words);
  if (exact >= 0) return exact;
  const low = words.toLowerCase();
  const has = (text) => text.toLowerCase().includes(low);
  const by = DATA.ids.findIndex(has);
  return by >= 0 || !DATA.texts ? by : DATA.texts.findIndex(has);
}

function setTool(lasso) {
  page.lasso = lasso;
  byId("lasso").setAttribute("aria-pressed", String(lasso));
  byId("pan").setAttribute("aria-pressed", String(!lasso));
  for (const pane of page.panes) pane.stage.classList.toggle("lasso", lasso);
}

function start() {
  byId("title").textContent = DATA.title;
  const facts = [`${N.toLocaleString("en")} items`, ...DATA.spaces.map((space) => `${space.name}: ${space.dims} dimensions, ${space.metric}`)];
  if (SELECTED) facts.push(`${SELECTED.reduce((a, b) => a + b, 0).toLocaleString("en")} selected`);
  if (DATA.agreement) {
    const share = (value) => `${(100 * value).toFixed(value < 0.1 ? 1 : 0)}%`;
    facts.push(`${share(DATA.agreement.overlap)} of the ${K} nearest are common (by chance ${share(DATA.agreement.chance)})`);
  }
  byId("facts").textContent = facts.join(" · ");
  byId("foot").textContent = [...DATA.notes, "Distances are exact; a map is a picture, and the numbers below it say how far it can be trusted.", `Made by curate ${DATA.version}.`].join(" ");

  const colour = byId("colour");
  colour.append(...DATA.columns.map((column, at) => make("option", { value: at }, column.name)));
  if (!DATA.columns.length) colour.append(make("option", { value: -1 }, "none"));
  colour.addEventListener("change", () => page.colour(Number(colour.value)));

  page.panes = [...document.querySelectorAll(".pane")].map((root, place) => new Pane(root, place, page));
  const maps = DATA.spaces[0].maps.length;
  // PCA is quick and PaCMAP is better: the last map that was made of each space comes first.
  page.panes[0].choose(maps - 1);
  page.panes[1].choose(DATA.spaces.length > 1 ? 2 * maps - 1 : SELECTED ? maps - 1 : 0);
  if (SELECTED && DATA.spaces.length === 1) page.panes[1].show.value = "selected";

  const first = SELECTED && DATA.spaces.length === 1 ? -1 : DATA.columns.findIndex((column) => column.name.startsWith("neighbourhood agreement"));
  const label = DATA.columns.findIndex((column) => column === labels());
  colour.value = Math.max(label >= 0 ? label : first, 0);
  page.colour(Number(colour.value));
  showNear(-1);
  showChosen();

  byId("pan").addEventListener("click", () => setTool(false));
  byId("lasso").addEventListener("click", () => setTool(true));
  byId("reset").addEventListener("click", () => page.panes.forEach((pane) => pane.reset()));
  byId("all").addEventListener("click", () => page.panes.forEach((pane) => pane.reset(true)));
  byId("find").addEventListener("change", (event) => page.click(find(event.target.value.trim())));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { page.click(-1); page.choose([]); }
  });
  // For scripts: where an item stands in the window, and what is chosen.
  globalThis.curateExplore = {
    where: (pane, item) => {
      const box = page.panes[pane].stage.getBoundingClientRect();
      const [x, y] = page.panes[pane].screen(item);
      return [box.left + x, box.top + y];
    },
    chosen: () => chosenItems().map((item) => DATA.ids[item]),
    near: () => [...page.near],
    redrawn: () => { const began = performance.now(); page.panes.forEach((pane) => pane.draw()); return performance.now() - began; },
  };
}

start();
