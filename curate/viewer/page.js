// The page: two panes with one state, the legend, the tables and the downloads.

const byId = (id) => document.getElementById(id);

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
    for (const pane of this.panes) pane.bring(item);
    this.remark();
  },

  choose(items, drawn = false) {
    this.chosen.fill(0);
    for (const item of items) this.chosen[item] = 1;
    this.chosenCount = items.length;
    showChosen(drawn);
    this.redraw();
  },

  colour(at) {
    this.colours = colourBy(DATA.columns[at]);
    showLegend(DATA.columns[at], this.colours.legend);
    this.redraw();
  },
};

// -- what stands around the maps -------------------------------------------------------

function setTool(lasso) {
  page.lasso = lasso;
  byId("lasso").setAttribute("aria-pressed", String(lasso));
  byId("pan").setAttribute("aria-pressed", String(!lasso));
  for (const pane of page.panes) pane.stage.classList.toggle("lasso", lasso);
}

function start() {
  byId("title").textContent = DATA.title;
  const many = N < DATA.total ? `${N.toLocaleString("en")} of ${DATA.total.toLocaleString("en")}` : N.toLocaleString("en");
  const facts = [`${many} items`, ...DATA.spaces.map((space) => `${space.name}: ${space.dims} dimensions, ${space.metric}`)];
  if (SELECTED) facts.push(`${SELECTED.reduce((a, b) => a + b, 0).toLocaleString("en")} selected`);
  if (DATA.agreement) {
    const share = (value) => `${value < 0.01 ? Number((100 * value).toPrecision(1)) : (100 * value).toFixed(value < 0.1 ? 1 : 0)}%`;
    facts.push(`${share(DATA.agreement.overlap)} of the ${K} nearest are common (by chance ${share(DATA.agreement.chance)})`);
  }
  byId("facts").textContent = facts.join(" · ");
  byId("notes").textContent = DATA.notes.join(" ");
  byId("notes").hidden = !DATA.notes.length;
  byId("foot").textContent = ["Distances are exact; a map is a picture, and the numbers below it say how far it can be trusted.", `Made by curate ${DATA.version}.`].join(" ");

  const colour = byId("colour");
  colour.append(...DATA.columns.map((column, at) => make("option", { value: at }, column.name)));
  if (!DATA.columns.length) colour.append(make("option", { value: -1 }, "none"));
  colour.addEventListener("change", () => page.colour(Number(colour.value)));

  const maps = DATA.spaces[0].maps.length;
  // A single map needs no second pane, unless the selection is to stand beside its input.
  const panes = [...document.querySelectorAll(".pane")];
  if (DATA.spaces.length === 1 && maps === 1 && !SELECTED) {
    panes.pop().hidden = true;
    document.querySelector("main").className = "one";
  }
  page.panes = panes.map((root, place) => new Pane(root, place, page));
  // PCA is quick and PaCMAP is better: the last map that was made of each space comes first.
  page.panes[0].choose(maps - 1);
  page.panes[1]?.choose(DATA.spaces.length > 1 ? 2 * maps - 1 : SELECTED ? maps - 1 : 0);
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
  listenForFinding();
  document.addEventListener("keydown", (event) => {
    // In a field it empties the field.
    if (event.key === "Escape" && !event.target.matches("input, select")) { page.click(-1); page.choose([]); }
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
