// What stands beside the maps of items: the card at the pointer, the neighbours, the lasso.

const LISTED = 500; // lines of the list; the file has all
const ON_CARD = 12; // columns of the data; what is measured comes beside them
const IN_TABLE = 6;

const labels = () => DATA.columns.find((column) => column.name === DATA.label && !column.measured);

function showCard(item, event) {
  const card = byId("card");
  card.hidden = item < 0 || !event;
  if (card.hidden) return;
  if (card.dataset.item !== String(item)) {
    card.dataset.item = item;
    const own = DATA.columns.filter((column) => !column.measured);
    const shown = [...own.slice(0, ON_CARD), ...DATA.columns.filter((column) => column.measured)];
    const facts = shown.flatMap((column) => [make("dt", {}, named(column.name)), make("dd", {}, make("bdi", {}, cell(column, item)))]);
    const text = DATA.texts ? make("div", { dir: "auto" }, DATA.texts[item]) : null;
    const more = own.length - ON_CARD;
    card.replaceChildren(make("div", {}, picture(item), make("b", {}, named(DATA.ids[item])), text, make("dl", {}, ...facts),
      more > 0 ? make("div", { className: "note" }, `and ${more} more columns`) : null));
  }
  const [width, height] = [card.offsetWidth, card.offsetHeight];
  const left = event.clientX + 16 + width > innerWidth ? event.clientX - 16 - width : event.clientX + 16;
  const top = Math.max(4, Math.min(event.clientY + 12, innerHeight - height - 8));
  Object.assign(card.style, { left: `${Math.max(4, left)}px`, top: `${top}px` });
}

function itemRow(item, before, after = []) {
  const label = labels();
  const text = DATA.texts ? make("div", { className: "text", title: DATA.texts[item], dir: "auto" }, DATA.texts[item]) : null;
  const of = label ? make("span", { className: "note" }, " · ", make("bdi", {}, cell(label, item))) : null;
  const point = (event) => page.hover(item, event);
  const keys = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    page.click(item);
    document.querySelector("#near tbody tr")?.focus();
  };
  return make("tr", {
    data: { item }, tabIndex: 0,
    on: {
      click: () => { page.hover(-1); page.click(item); }, keydown: keys, pointermove: point, pointerleave: () => page.hover(-1),
      focus: () => page.hover(item), blur: () => page.hover(-1),
    },
  },
  ...before,
  ...(DATA.pictures ? [make("td", { className: "picture" }, picture(item))] : []),
  make("td", { className: "item" }, named(DATA.ids[item]), of, text),
  ...after);
}

function itemHead(before, after = []) {
  const head = [...before, ...(DATA.pictures ? [""] : []), labels() ? `id · ${DATA.label}` : "id"];
  return make("thead", {}, make("tr", {},
    ...head.map((word) => make("th", { className: word === "distance" || word === "rank" ? "figure" : "" }, word)),
    ...after.map((column) => make("th", { className: column.kind === "number" ? "figure" : "", title: column.name }, named(column.name)))));
}

function showNear(item) {
  const root = byId("near");
  if (item < 0) {
    root.replaceChildren(make("h2", {}, "Neighbours"), make("p", { className: "note" }, `Click an item in a map to see its ${K} nearest.`));
    return;
  }
  const two = DATA.spaces.length > 1;
  const ring = (colour, words, dashed = false) => make("span", {},
    make("span", { className: "ring", style: { borderColor: colour, borderStyle: dashed ? "dashed" : "solid" } }), words);
  const common = [...page.near.values()].filter((kind) => kind === "common").length;
  const known = DATA.columns.filter((column) => !column.measured && column !== labels()).slice(0, IN_TABLE);
  const tables = DATA.spaces.map((space, s) => {
    const rows = [...nearOf(space, item)].map((one, rank) => itemRow(one, [
      make("td", { className: "figure" }, String(rank + 1)),
      make("td", { className: "figure" }, figure(space.distances[item * K + rank])),
      ...(two ? [make("td", { className: "common" }, page.near.get(one) === "common" ? "●" : "")] : []),
    ], known.map((column) => make("td", { className: column.kind === "number" ? "figure" : "known", title: cell(column, one) }, make("bdi", {}, cell(column, one))))));
    return make("div", {},
      make("h2", {}, `${K} nearest in ${space.name} (${space.metric} distance)`),
      make("table", { className: "nearest", data: { space: s } }, itemHead(["rank", "distance", ...(two ? ["both"] : [])], known), make("tbody", {}, ...rows)));
  });
  const label = labels();
  root.replaceChildren(
    make("div", { className: "asked" }, picture(item),
      make("div", {}, make("b", {}, named(DATA.ids[item])), ...(label ? [" · ", make("bdi", {}, cell(label, item))] : []),
        DATA.texts ? make("div", { dir: "auto" }, DATA.texts[item]) : "")),
    make("p", { className: "marks" }, ...(two
      ? [ring("#e69f00", `near in both (${common})`), ring("#0a6ebd", "near in the space of the map"), ring("#c2327f", "near in the other only", true)]
      : [ring("#0a6ebd", "near")])),
    make("div", { className: "tables" }, ...tables));
}

function chosenItems() {
  const found = [];
  for (let i = 0; i < N; i++) if (page.chosen[i]) found.push(i);
  return found;
}

function showChosen(asked = false) {
  const root = byId("chosen");
  const items = chosenItems();
  if (!items.length) {
    root.replaceChildren(make("h2", {}, "Lasso"), make("p", { className: "note" }, (asked ? "No item was in the lasso. " : "")
      + "Draw around items in a map, or click a name in the legend, to list them here; they stand out in all maps."));
    return;
  }
  const more = items.length - LISTED;
  const file = fileName();
  root.replaceChildren(
    make("h2", { id: "count" }, `${items.length.toLocaleString("en")} ${items.length === 1 ? "item" : "items"} in the lasso`),
    make("div", { className: "row" },
      make("button", { id: "download", className: "main", on: { click: download } }, "Download ids"),
      make("button", { on: { click: () => page.choose([]) } }, "Clear")),
    make("pre", {}, `curate select … --datapool ids:${file}\ncurate measure … --selection ${file}`),
    make("div", { className: "list" }, make("table", {}, itemHead([]), make("tbody", {}, ...items.slice(0, LISTED).map((item) => itemRow(item, []))))),
    more > 0 ? make("p", { className: "note" }, `and ${more.toLocaleString("en")} more, which the file has.`) : "");
}

// An id a line; as JSON where an id is not a line as it stands: it has line ends, half of a sign
// (as the names of some files do), nothing to see, or what looks like the mark of an encoding.
const asLines = () => chosenItems().every((item) => !/[\r\n]|\p{Cs}|^\uFEFF/u.test(DATA.ids[item])
  && /[\p{L}\p{N}\p{P}\p{S}]/u.test(DATA.ids[item]));
const fileName = () => (asLines() ? "chosen.txt" : "chosen.json");

function download() {
  const ids = chosenItems().map((item) => DATA.ids[item]);
  const text = asLines() ? `${ids.join("\n")}\n` : JSON.stringify(ids);
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = make("a", { href: address, download: fileName() });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
