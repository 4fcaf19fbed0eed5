// What part of a map its pane shows: places on the map, times a scale, plus a shift, are pixels.

class View {
  constructor() {
    this.view = { scale: 1, x: 0, y: 0 };
    this.moved = false; // by hand, since it was last reset
  }

  // Where most items are; with `all`, every one. A few clusters far out would leave the rest a dot.
  reset(all = false) {
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    const [left, right, top, bottom] = this.bounds(this.span(this.map.x, all), this.span(this.map.y, all));
    const scale = Math.min((width - 36) / (right - left || 1), (height - 36) / (bottom - top || 1));
    this.view = {
      scale, x: width / 2 - scale * (left + right) / 2, y: height / 2 - scale * (top + bottom) / 2,
    };
    this.base = scale;
    this.whole = all;
    this.moved = false;
    this.page.redraw(this);
  }

  span(values, all) {
    const sorted = Float32Array.from(values).sort();
    const [low, high] = [sorted[0], sorted[N - 1]];
    const [from, to] = [sorted[Math.floor(0.05 * (N - 1))], sorted[Math.ceil(0.95 * (N - 1))]];
    const wide = 1.4 * (to - from), middle = (from + to) / 2;
    if (all || !wide || wide > 0.6 * (high - low)) return [low, high];
    return [middle - wide / 2, middle + wide / 2];
  }

  // Left, right, top and bottom of what is within both spans: no wider than what is there.
  bounds([left, right], [top, bottom]) {
    const found = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < N; i++) {
      const x = this.map.x[i], y = this.map.y[i];
      if (x < left || x > right || y < top || y > bottom) continue;
      found[0] = Math.min(found[0], x);
      found[1] = Math.max(found[1], x);
      found[2] = Math.min(found[2], y);
      found[3] = Math.max(found[3], y);
    }
    return Number.isFinite(found[0]) ? found : [left, right, top, bottom];
  }

  // What is in the middle stays there.
  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.ratio = ratio;
    for (const canvas of [this.points, this.marks]) {
      canvas.width = Math.max(1, Math.round(this.stage.clientWidth * ratio));
      canvas.height = Math.max(1, Math.round(this.stage.clientHeight * ratio));
    }
    const before = this.size;
    this.size = [this.stage.clientWidth, this.stage.clientHeight];
    if (!this.map) return;
    if (!this.moved || !before) { this.reset(this.whole); return; }
    this.view.x += (this.size[0] - before[0]) / 2;
    this.view.y += (this.size[1] - before[1]) / 2;
    this.page.redraw(this);
  }

  move(right, down) {
    this.moved = true;
    this.view = { ...this.view, x: this.view.x + right, y: this.view.y + down };
    this.page.redraw(this);
  }

  zoom(factor, x, y) {
    this.moved = true;
    const scale = Math.min(Math.max(this.view.scale * factor, this.base / 4), this.base * 400);
    const by = scale / this.view.scale;
    this.view = { scale, x: x - (x - this.view.x) * by, y: y - (y - this.view.y) * by };
    this.page.redraw(this);
  }

  // Move the map so far that an item is seen; not at all where it is.
  bring(item) {
    if (item < 0 || !this.map) return;
    const [x, y] = this.screen(item);
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    if (x < 0 || y < 0 || x > width || y > height) this.move(width / 2 - x, height / 2 - y);
  }

  screen(item) {
    return [this.map.x[item] * this.view.scale + this.view.x, this.map.y[item] * this.view.scale + this.view.y];
  }
}
