// One map on two canvases: points, stamped into pixels, and marks over them.
// Points are written into an image by hand: 50,000 take some milliseconds on any machine, with
// or without a graphics card. A grid over the map finds what is under the pointer.

const CELLS = 128;
const REACH = 12; // pixels within which the pointer has a point
const FADED = [222, 227, 232];

class Pane extends View {
  constructor(root, place, page) {
    super();
    this.page = page;
    this.place = place;
    this.choices = DATA.spaces.flatMap((space, s) => space.maps.map((map, m) => ({ space, s, map, m })));
    this.points = make("canvas");
    this.marks = make("canvas");
    this.outside = make("span", { className: "outside" });
    this.stage = make("div", { className: "stage", tabIndex: 0, role: "group" }, this.points, this.marks, this.outside);
    this.kept = make("p", { className: "kept" });
    this.mapChoice = make("select", { className: "map", on: { change: () => this.choose(Number(this.mapChoice.value)) } },
      ...this.choices.map((one, at) => make("option", { value: at }, `${one.space.name} · ${one.map.name}`)));
    this.show = make("select", { className: "show", on: { change: () => this.page.redraw(this) } },
      make("option", { value: "all" }, "all items"),
      ...(SELECTED ? [make("option", { value: "selected" }, "selected over the rest")] : []),
      make("option", { value: "chosen" }, "lasso over the rest"));
    root.append(
      make("div", { className: "head" }, make("label", {}, "Map ", this.mapChoice), make("label", {}, "Show ", this.show)),
      this.stage, this.kept);
    this.loop = null;
    this.before = new Uint32Array(N);
    this.behind = new Uint32Array(N);
    this.listen();
    new ResizeObserver(() => this.resize()).observe(this.stage);
  }

  choose(at) {
    Object.assign(this, this.choices[at]);
    this.mapChoice.value = at;
    this.grid = null;
    const kept = this.map.kept;
    this.stage.ariaLabel = `Map of ${this.space.name}, ${this.map.name}. Arrows move it, plus and minus zoom, 0 resets, Enter asks for the item nearest to the middle.`;
    this.kept.replaceChildren(`${this.map.words}. `, ...(kept === null ? ["Too few points to say what it keeps."] : [
      make("b", {}, `Trustworthiness ${kept.trustworthiness.toFixed(3)}`),
      `, continuity ${kept.continuity.toFixed(3)}; it keeps ${(100 * kept.preserved).toFixed(0)}% of the `
      + `${kept.k} nearest${kept.asked < N ? ` (measured from ${kept.asked} items)` : ""}.`]));
    this.reset();
  }

  radius() {
    const plain = N <= 1000 ? 4 : N <= 5000 ? 3 : N <= 20000 ? 2.2 : 1.6;
    return plain * Math.min(2, Math.max(1, (this.view.scale / this.base) ** 0.35));
  }

  // -- points --------------------------------------------------------------------------

  inFront(item) {
    if (this.shows === "selected" && !SELECTED[item]) return false;
    const narrowed = this.shows === "chosen" || this.page.chosenCount;
    return !narrowed || this.page.chosen[item] === 1;
  }

  draw() {
    this.shows = this.show.value;
    const [width, height] = [this.points.width, this.points.height];
    const context = this.points.getContext("2d");
    const image = context.createImageData(width, height);
    const pixels = image.data;
    new Uint32Array(pixels.buffer).fill(0xffffffff);
    const { scale, x: left, y: top } = this.view;
    const [right, bottom] = [this.stage.clientWidth, this.stage.clientHeight];
    let [outside, behind, before] = [0, 0, 0];
    for (let i = 0; i < N; i++) {
      const x = this.map.x[i] * scale + left, y = this.map.y[i] * scale + top;
      if (x < 0 || y < 0 || x > right || y > bottom) outside++;
      if (this.inFront(i)) this.before[before++] = i;
      else this.behind[behind++] = i;
    }
    this.beyond = outside;
    const radius = this.radius() * this.ratio;
    this.stamp(pixels, width, height, this.behind.subarray(0, behind), radius * 0.85, null);
    this.stamp(pixels, width, height, this.before.subarray(0, before), radius, this.page.colours.rgb);
    context.putImageData(image, 0, 0);
  }

  stamp(pixels, width, height, items, radius, rgb) {
    const reach = Math.ceil(radius + 0.5);
    const held = []; // what a point covers: right, down, share of 256
    for (let down = -reach; down <= reach; down++) {
      for (let right = -reach; right <= reach; right++) {
        const cover = Math.min(Math.max(radius + 0.5 - Math.hypot(right, down), 0), 1);
        if (cover > 0) held.push(right, down, Math.round(cover * 215));
      }
    }
    const disc = Int32Array.from(held);
    const [scale, left, top] = [this.view.scale * this.ratio, this.view.x * this.ratio, this.view.y * this.ratio];
    for (const i of items) {
      const x = Math.round(this.map.x[i] * scale + left), y = Math.round(this.map.y[i] * scale + top);
      if (x < -reach || y < -reach || x > width + reach || y > height + reach) continue;
      const red = rgb ? rgb[3 * i] : FADED[0], green = rgb ? rgb[3 * i + 1] : FADED[1], blue = rgb ? rgb[3 * i + 2] : FADED[2];
      for (let at = 0; at < disc.length; at += 3) {
        const px = x + disc[at], py = y + disc[at + 1];
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        const share = disc[at + 2], to = 4 * (py * width + px);
        pixels[to] += ((red - pixels[to]) * share) >> 8;
        pixels[to + 1] += ((green - pixels[to + 1]) * share) >> 8;
        pixels[to + 2] += ((blue - pixels[to + 2]) * share) >> 8;
      }
    }
  }

  // -- marks ---------------------------------------------------------------------------

  drawMarks() {
    const context = this.marks.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.stage.clientWidth, this.stage.clientHeight);
    const size = this.radius() + 3.5;
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    const lost = [...this.page.near.keys()].filter((item) => {
      const [x, y] = this.screen(item);
      return x < 0 || y < 0 || x > width || y > height;
    }).length;
    this.outside.textContent = this.beyond
      ? `${this.beyond.toLocaleString("en")} outside the view${lost ? `, ${lost} of the neighbours` : ""}` : "";
    for (const [item, kind] of this.page.near) {
      if (kind === "common") this.ring(context, item, size, "#e69f00", 3);
      else if (kind === this.s) this.ring(context, item, size, "#0a6ebd", 2.5);
      else this.ring(context, item, size, "#c2327f", 2, [3, 2.5]);
    }
    if (this.page.clicked >= 0) {
      this.ring(context, this.page.clicked, size + 2, "#1d2430", 3);
    }
    if (this.page.hovered >= 0) this.ring(context, this.page.hovered, size, "#1d2430", 1.5);
    if (this.loop && this.loop.length > 1) {
      context.beginPath();
      this.loop.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.closePath();
      context.fillStyle = "#0a6ebd22";
      context.strokeStyle = "#0a6ebd";
      context.lineWidth = 1.5;
      context.setLineDash([]);
      context.fill();
      context.stroke();
    }
  }

  ring(context, item, size, colour, width, dashes = []) {
    const [x, y] = this.screen(item);
    context.beginPath();
    context.arc(x, y, size, 0, 2 * Math.PI);
    context.setLineDash([]);
    context.strokeStyle = "#ffffffd0"; // so that a ring is seen on points of its colour
    context.lineWidth = width + 3;
    context.stroke();
    context.setLineDash(dashes);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }

  // -- the pointer ---------------------------------------------------------------------

  at(x, y) {
    if (!this.grid) {
      this.grid = Array.from({ length: CELLS * CELLS }, () => []);
      for (let i = 0; i < N; i++) this.grid[this.cell(this.map.y[i]) * CELLS + this.cell(this.map.x[i])].push(i);
    }
    const reach = REACH / this.view.scale;
    const [mx, my] = [(x - this.view.x) / this.view.scale, (y - this.view.y) / this.view.scale];
    let [best, found] = [REACH ** 2, -1];
    for (let row = this.cell(my - reach); row <= this.cell(my + reach); row++) {
      for (let column = this.cell(mx - reach); column <= this.cell(mx + reach); column++) {
        for (const item of this.grid[row * CELLS + column]) {
          const [sx, sy] = this.screen(item);
          // What is in front is what can be meant.
          const far = (sx - x) ** 2 + (sy - y) ** 2 + (this.inFront(item) ? 0 : 60);
          if (far < best) [best, found] = [far, item];
        }
      }
    }
    return found;
  }

  cell(share) {
    return Math.min(CELLS - 1, Math.max(0, Math.floor(share * CELLS)));
  }

  listen() {
    let from = null;
    const here = (event) => {
      const box = this.stage.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    this.stage.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      this.stage.setPointerCapture(event.pointerId);
      const [x, y] = here(event);
      from = { x, y, view: { ...this.view }, lasso: this.page.lasso || event.shiftKey, moved: false };
      if (from.lasso) this.loop = [[x, y]];
    });
    this.stage.addEventListener("pointermove", (event) => {
      const [x, y] = here(event);
      if (!from) return this.page.hover(this.at(x, y), event);
      from.moved ||= Math.hypot(x - from.x, y - from.y) > 4;
      if (!from.moved) return undefined;
      this.page.hover(-1);
      if (from.lasso) { this.loop.push([x, y]); return this.page.remark(); }
      return this.move(from.view.x + x - from.x - this.view.x, from.view.y + y - from.y - this.view.y);
    });
    this.stage.addEventListener("pointerup", (event) => {
      if (!from) return;
      if (!from.moved) this.page.click(this.at(...here(event)));
      else if (from.lasso) this.page.choose(this.inside(this.loop), true);
      from = this.loop = null;
      this.page.remark();
    });
    this.stage.addEventListener("pointercancel", () => { from = this.loop = null; this.page.remark(); });
    this.stage.addEventListener("pointerleave", () => this.page.hover(-1));
    this.stage.addEventListener("dblclick", () => this.reset(true));
    this.stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      const [x, y] = here(event);
      this.page.hover(-1);
      this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), x, y);
    }, { passive: false });
    this.stage.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const middle = [this.stage.clientWidth / 2, this.stage.clientHeight / 2];
    const acts = {
      ArrowLeft: () => this.move(60, 0), ArrowRight: () => this.move(-60, 0),
      ArrowUp: () => this.move(0, 60), ArrowDown: () => this.move(0, -60),
      "+": () => this.zoom(1.3, ...middle), "=": () => this.zoom(1.3, ...middle), "-": () => this.zoom(1 / 1.3, ...middle),
      0: () => this.reset(), Enter: () => this.page.click(this.nearestTo(...middle)),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  nearestTo(x, y) {
    let [best, found] = [Infinity, -1];
    for (let i = 0; i < N; i++) {
      const [sx, sy] = this.screen(i);
      const far = (sx - x) ** 2 + (sy - y) ** 2;
      if (far < best && this.inFront(i)) [best, found] = [far, i];
    }
    return found;
  }

  // Items inside a polygon, by the number of its sides to their left.
  inside(loop) {
    const found = [];
    const only = this.show.value === "selected";
    const { scale, x: left, y: top } = this.view;
    const xs = Float64Array.from(loop, ([x]) => x), ys = Float64Array.from(loop, ([, y]) => y);
    const many = xs.length;
    const [low, high, first, last] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    for (let i = 0; i < N; i++) {
      if (only && !SELECTED[i]) continue;
      const x = this.map.x[i] * scale + left, y = this.map.y[i] * scale + top;
      if (x < low || x > high || y < first || y > last) continue;
      let odd = false;
      for (let a = 0, b = many - 1; a < many; b = a++) {
        if ((ys[a] > y) !== (ys[b] > y) && x < (xs[b] - xs[a]) * (y - ys[a]) / (ys[b] - ys[a]) + xs[a]) odd = !odd;
      }
      if (odd) found.push(i);
    }
    return found;
  }
}
