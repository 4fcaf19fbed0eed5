"use strict";
// What the page holds, unpacked. Arrays are little-endian; columns are numbers or words.

const DATA = JSON.parse(document.getElementById("data").textContent);
const N = DATA.ids.length;
const ARRAYS = { u2: Uint16Array, u4: Uint32Array, i4: Int32Array, f4: Float32Array, f8: Float64Array };

function unpack(held) {
  const raw = atob(held.data);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return new ARRAYS[held.type](bytes.buffer);
}

for (const column of DATA.columns) {
  if (column.kind === "number") column.values = unpack(column.values);
  else column.codes = unpack(column.codes);
}
for (const space of DATA.spaces) {
  space.near = unpack(space.near);
  space.distances = unpack(space.distances);
  for (const map of space.maps) {
    const places = unpack(map.places);
    map.x = new Float32Array(N);
    map.y = new Float32Array(N);
    for (let i = 0; i < N; i++) {
      map.x[i] = places[2 * i] / 65535;
      map.y[i] = 1 - places[2 * i + 1] / 65535; // up is up
    }
  }
}
const SELECTED = DATA.selected && unpack(DATA.selected);
const K = DATA.k;

const nearOf = (space, item) => space.near.subarray(item * K, item * K + K);

function cell(column, item) {
  if (column.kind === "words") return column.codes[item] < 0 ? "" : column.names[column.codes[item]];
  return told(column, column.values[item], column.digits);
}

// A value of a column of numbers in words; its own are told in full, what is measured is rounded.
function told(column, value, digits = 4) {
  return column.time && Number.isFinite(value) ? date(value) : figure(value, digits);
}

function figure(value, digits = 4) {
  if (!Number.isFinite(value)) return "";
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
}

function date(milliseconds) {
  const time = new Date(milliseconds);
  return Number.isNaN(time.getTime()) ? "" : time.toISOString().replace("T00:00:00.000Z", "").replace("T", " ").replace(/(\.000)?Z$/, "");
}

// Elements are made here and nowhere else: what comes from the data is text, never markup.
function make(name, options = {}, ...inside) {
  const { style, on, data, ...rest } = options;
  const element = Object.assign(document.createElement(name), rest);
  Object.assign(element.style, style ?? {});
  Object.assign(element.dataset, data ?? {});
  for (const [event, act] of Object.entries(on ?? {})) element.addEventListener(event, act);
  element.append(...inside.filter((one) => one !== null));
  return element;
}

// A name from the data; `bdi`, so that one from right to left does not turn what stands beside it.
const named = (text) => make("bdi", {}, text === "" ? "(empty)" : text);

function picture(item) {
  const held = DATA.pictures && DATA.pictures[item];
  return held ? make("img", { src: `data:image/jpeg;base64,${held}`, alt: "" }) : null;
}
