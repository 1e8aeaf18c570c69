// What the graph can be filtered by.
import { filter, graph } from "./graph-model.js";
import { find, number, sourceName, spoken, typeName } from "./graph-words.js";

const form = find(".graph-filters");
export const days = { from: find("#g-from"), to: find("#g-to"), low: find("#g-low"), high: find("#g-high") };
const span = () => {
  let first = Infinity, last = -Infinity;
  for (const node of graph.nodes.values()) {
    if (Number.isNaN(node.at)) continue;
    first = Math.min(first, node.at);
    last = Math.max(last, node.at);
  }
  return first <= last ? [Math.floor(first / 86400000), Math.floor(last / 86400000)] : null;
};
export const iso = (day) => new Date(day * 86400000).toISOString().slice(0, 10);
export const offer = () => {
  const counts = new Map();
  for (const node of graph.nodes.values()) counts.set(node.type, (counts.get(node.type) || 0) + 1);
  const box = find("[data-types]"), known = new Map([...box.children].map((each) => [each.dataset.type, each]));
  for (const [type, n] of [...counts].sort((a, b) => b[1] - a[1])) {
    let chip = known.get(type);
    if (!chip) {
      chip = document.createElement("label");
      chip.className = "chip";
      chip.dataset.type = type;
      const input = document.createElement("input");
      input.type = "checkbox";
      input.checked = !filter.off.has(type);
      const name = document.createElement("span");
      name.textContent = typeName(type);
      const count = document.createElement("span");
      count.className = "num";
      chip.append(input, name, count);
      box.append(chip);
    }
    known.delete(type);
    chip.lastChild.textContent = number(n);
  }
  for (const chip of known.values()) chip.remove();
  options(find("#g-source"), new Set([...graph.nodes.values()].flatMap((node) => node.sources)), sourceName);
  options(find("#g-word"), new Set([...graph.ties.values()].map((tie) => tie.word)), spoken);
  const range = span();
  if (range) {
    for (const each of [days.from, days.to]) { each.min = iso(range[0]); each.max = iso(range[1]); }
    if (filter.from === null) days.from.value = iso(range[0]);
    if (filter.to === null) days.to.value = iso(range[1]);
    for (const each of [days.low, days.high]) { each.min = range[0]; each.max = range[1]; }
    days.low.value = filter.from === null ? range[0] : filter.from / 86400000;
    days.high.value = filter.to === null ? range[1] : filter.to / 86400000;
    spans();
  }
  const set = filter.off.size + Boolean(filter.source) + Boolean(filter.word) + (filter.from !== null || filter.to !== null);
  const badge = find("[data-filtered]");
  badge.hidden = !set;
  badge.textContent = set ? number(set) : "";
};
const spans = () => {
  days.low.setAttribute("aria-valuetext", iso(Number(days.low.value)));
  days.high.setAttribute("aria-valuetext", iso(Number(days.high.value)));
};
const options = (select, values, name) => {
  const held = new Set([...select.options].map((option) => option.value));
  for (const value of [...values].sort()) {
    if (held.has(value)) continue;
    const option = document.createElement("option");
    option.value = value;
    option.textContent = name(value).slice(0, 80);
    select.append(option);
  }
};
// Take over what the form says, after `changedBy` was changed.
const sieve = (changedBy) => {
  const range = span();
  if (range) {
    let low = Number(days.low.value), high = Number(days.high.value);
    if (changedBy === days.from || changedBy === days.to) {
      low = Math.floor(Date.parse(days.from.value) / 86400000) || range[0];
      high = Math.floor(Date.parse(days.to.value) / 86400000) || range[1];
    }
    if (low > high) { if (changedBy === days.low || changedBy === days.from) low = high; else high = low; }
    filter.from = low > range[0] ? low * 86400000 : null;
    filter.to = high < range[1] ? high * 86400000 : null;
    days.low.value = low;
    days.high.value = high;
    days.from.value = iso(low);
    days.to.value = iso(high);
    spans();
  }
  filter.off = new Set([...form.querySelectorAll("[data-type]")].filter((chip) => !chip.firstChild.checked).map((chip) => chip.dataset.type));
  filter.source = find("#g-source").value;
  filter.word = find("#g-word").value;
};
// Whoever sets a filter is followed a moment later, by `changed`.
export const listen = (changed) => {
  let waits = 0;
  const later = () => {
    clearTimeout(waits);
    waits = setTimeout(changed, 120);
  };
  form.addEventListener("input", (event) => {
    sieve(event.target);
    later();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => {
    Object.assign(filter, { off: new Set(), source: "", word: "", from: null, to: null });
    for (const input of form.querySelectorAll("[data-type] input")) input.checked = true;
    later();
  }));
};
