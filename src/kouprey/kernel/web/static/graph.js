// The graph of relations: drawn on a canvas, placed by a worker, and written beside it as a table.
// Everything that comes from objects reaches the page as text: fillText and textContent, never as markup.
import { days, iso, listen as listenToFilters, offer } from "./graph-filters.js";
import { listen as listenToHands } from "./graph-hands.js";
import { add, filter, graph, most, remove, sift, undos, view } from "./graph-model.js";
import { canvas, draw, fit, frame, moved, render, resize, screen, show, theme, zoom } from "./graph-picture.js";
import { list } from "./graph-table.js";
import { find, number, root, say, typeName, words } from "./graph-words.js";

const status = find(".graph-status");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const PIECE = 50; // Objects that one step adds.

// Fetching, a step at a time

const ask = async (address) => {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
  if (answer.status === 404 || answer.status === 403) throw new Error(words.gone);
  if (!answer.ok) throw new Error(words.failed);
  return answer.json();
};

const around = (node) => `${root.dataset.from.split("?")[0]}?id=${encodeURIComponent(node.id)}&limit=${PIECE}`;
const expand = async (node, quietly) => {
  if (node.expanded && !node.next) return;
  if (graph.nodes.size >= most) { tell(say(words.full, { n: number(most) })); return; }
  try {
    const was = { expanded: node.expanded, next: node.next, left: node.left };
    const given = await ask(around(node) + (node.next ? `&cursor=${encodeURIComponent(node.next)}` : ""));
    const made = add(given, false);
    node.expanded = true;
    node.next = given.next;
    node.done = (node.done || 0) + given.objects.filter((each) => each.distance > 0).length;
    node.left = given.next ? Math.max(0, given.known - node.done) : 0;
    node.atleast = given.more;
    if (!quietly) {
      const done = node.done;
      undos.push(() => {
        remove(made);
        node.done = done - given.objects.filter((each) => each.distance > 0).length;
        Object.assign(node, was);
      });
    }
    changed(true);
    describe();
    if (!quietly) tell(say(words.expanded, { n: number(made.added.length) }));
  } catch (error) {
    tell(error.message);
  }
};

// Placing

const worker = new Worker(root.dataset.worker);
let run = 0, placed = [];
const place = (warm) => {
  run += 1;
  placed = graph.seen;
  const index = new Map(placed.map((node, i) => [node, i]));
  const ends = new Uint32Array(graph.seenTies.length * 2);
  graph.seenTies.forEach((tie, i) => { ends[2 * i] = index.get(tie.a); ends[2 * i + 1] = index.get(tie.b); });
  root.dataset.laid = "no";
  tell(words.laying);
  worker.postMessage({
    run, ends, warm, still: still.matches,
    x: Float64Array.from(placed, (node) => node.x), y: Float64Array.from(placed, (node) => node.y),
    r: Float64Array.from(placed, (node) => node.r), held: Uint8Array.from(placed, (node) => (node.pinned ? 1 : 0)),
  });
};
worker.onmessage = ({ data }) => {
  if (data.run !== run) return;
  placed.forEach((node, i) => { if (!node.pinned || Number.isNaN(node.x)) { node.x = data.x[i]; node.y = data.y[i]; } });
  moved();
  if (!view.moved) fit();
  draw();
  if (data.done) {
    root.dataset.laid = "yes";
    if (status.textContent === words.laying) count();
  }
};

const changed = (warm) => {
  const before = graph.chosen;
  sift();
  if (before !== graph.chosen) choose(null);
  offer();
  place(warm);
  list();
  keep();
  find('[data-do="undo"]').disabled = undos.length === 0;
  const hidden = [...graph.nodes.values()].filter((node) => node.hidden).length;
  find('[data-do="unhide"]').hidden = hidden === 0;
};
const tell = (text) => { status.textContent = text; };
const count = () => {
  const hidden = graph.nodes.size - graph.seen.length;
  tell(say(words.shown, { n: number(graph.seen.length), m: number(graph.seenTies.length) }) + (hidden ? ` ${say(words.hidden, { n: number(hidden) })}` : ""));
};

// The chosen one

let read = "";
const choose = (node) => {
  graph.chosen = node;
  if (node) show(node);
  describe();
  draw();
  keep();
};
const left = (node) => {
  if (!node.expanded) return "";
  if (node.left) return node.atleast ? say(words.atleast, { n: number(node.left) }) : say(words.more, { n: number(node.left) });
  return node.atleast ? "" : words.nomore;
};
const describe = () => {
  find("[data-chosen]").hidden = !graph.chosen;
  find("[data-none]").hidden = Boolean(graph.chosen);
  if (!graph.chosen) { read = ""; return; }
  const here = graph.chosen.near.filter((tie) => tie.a.shown && tie.b.shown).length;
  const lines = [say(words.relations, { n: number(here) }), left(graph.chosen), graph.chosen.pinned ? words.pinned : ""].filter(Boolean).join(" · ");
  find(".graph-kind").textContent = typeName(graph.chosen.type);
  find(".graph-side h2 bdi").textContent = graph.chosen.name;
  find(".graph-count").textContent = lines;
  find("[data-open]").href = `/intelligence/${encodeURIComponent(graph.chosen.id)}`;
  const further = find('[data-do="expand"]');
  further.textContent = graph.chosen.expanded && graph.chosen.left ? say(words.further, { n: number(Math.min(PIECE, graph.chosen.left)) }) : words.expand;
  further.disabled = graph.chosen.expanded && !graph.chosen.next;
  const pin = find('[data-do="pin"]');
  pin.textContent = graph.chosen.pinned ? words.unpin : words.pin;
  pin.setAttribute("aria-pressed", String(graph.chosen.pinned));
  tell(`${graph.chosen.name} · ${typeName(graph.chosen.type)} · ${lines}`);
  if (read !== graph.chosen.id) facts(graph.chosen);
};
let reading = null;
const facts = async (node) => {
  read = node.id;
  reading?.abort();
  reading = new AbortController();
  const into = find(".graph-facts");
  into.textContent = "";
  // Whoever walks on with the arrow keys does not ask for everything on the way.
  await new Promise((done) => { setTimeout(done, 150); });
  if (read !== node.id) return;
  try {
    const answer = await fetch(`/intelligence/${encodeURIComponent(node.id)}/graph?part=facts`, {
      headers: { "X-Fragment": "yes" }, redirect: "error", signal: reading.signal,
    });
    if (!answer.ok) throw new Error(answer.status === 404 ? words.gone : words.failed);
    const text = await answer.text();
    // Written by our own server, which escapes whatever came from elsewhere.
    if (read === node.id) into.innerHTML = text;
  } catch (error) {
    if (error.name !== "AbortError" && read === node.id) into.textContent = error.message;
  }
};

const act = {
  in: () => zoom(1.25),
  out: () => zoom(0.8),
  fit: () => { view.moved = false; fit(); draw(); },
  expand: () => { if (graph.chosen) return expand(graph.chosen); return undefined; },
  hide: () => {
    if (!graph.chosen || graph.seen.length < 2) return;
    const node = graph.chosen;
    node.hidden = true;
    undos.push(() => { node.hidden = false; });
    choose(null);
    changed(true);
  },
  pin: () => {
    if (!graph.chosen) return;
    const node = graph.chosen;
    node.pinned = !node.pinned;
    undos.push(() => { node.pinned = !node.pinned; });
    describe();
    changed(true);
  },
  unhide: () => {
    const hidden = [...graph.nodes.values()].filter((node) => node.hidden);
    for (const node of hidden) node.hidden = false;
    undos.push(() => { for (const node of hidden) node.hidden = true; });
    changed(true);
    canvas.focus();
  },
  undo: () => {
    const back = undos.pop();
    if (!back) { tell(words.nothing); return; }
    back();
    changed(true);
    describe();
    tell(words.undone);
  },
  png: () => {
    const { wide, high } = screen();
    const paper = document.createElement("canvas");
    paper.width = wide * 2;
    paper.height = high * 2;
    render(paper.getContext("2d"), wide, high, 2, view);
    paper.toBlob((blob) => save(blob, "graph.png"));
  },
  csv: () => {
    // What a spreadsheet would take for a formula is text.
    const cell = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
    const rows = [["source", "source name", "source type", "relation", "target", "target name", "target type"]];
    for (const tie of graph.seenTies) rows.push([tie.a.id, tie.a.name, tie.a.type, tie.word, tie.b.id, tie.b.name, tie.b.type]);
    const joined = new Set(graph.seenTies.flatMap((tie) => [tie.a, tie.b]));
    for (const node of graph.seen) if (!joined.has(node)) rows.push([node.id, node.name, node.type, "", "", "", ""]);
    save(new Blob([rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n"], { type: "text/csv" }), "graph.csv");
  },
};
const save = (blob, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 5000);
};
root.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (button) act[button.dataset.do]();
});

// The state, in the address

let ready = false;
const keep = () => {
  if (!ready) return;
  const state = new URLSearchParams();
  const ids = (some) => some.slice(0, 40).map((node) => node.id).join(",");
  const all = [...graph.nodes.values()];
  if (graph.chosen) state.set("chosen", graph.chosen.id);
  const opened = ids(all.filter((node) => node.expanded && !node.begun)), hidden = ids(all.filter((node) => node.hidden));
  if (opened) state.set("open", opened);
  if (hidden) state.set("hide", hidden);
  const pins = all.filter((node) => node.pinned).slice(0, 40).map((node) => `${node.id}:${Math.round(node.x)}:${Math.round(node.y)}`).join(",");
  if (pins) state.set("pin", pins);
  if (filter.off.size) state.set("without", [...filter.off].join(","));
  if (filter.source) state.set("source", filter.source);
  if (filter.word) state.set("word", filter.word);
  if (filter.from !== null) state.set("from", iso(filter.from / 86400000));
  if (filter.to !== null) state.set("to", iso(filter.to / 86400000));
  const text = state.toString();
  history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
};
const restore = async (state) => {
  const several = (name) => (state.get(name) || "").split(",").filter(Boolean).slice(0, 40);
  for (const id of several("open")) if (graph.nodes.has(id)) await expand(graph.nodes.get(id), true);
  for (const id of several("hide")) if (graph.nodes.has(id)) graph.nodes.get(id).hidden = true;
  for (const each of several("pin")) {
    const [id, x, y] = each.split(":"), node = graph.nodes.get(id);
    if (!node || !Number.isFinite(Number(x)) || !Number.isFinite(Number(y))) continue;
    Object.assign(node, { x: Number(x), y: Number(y), pinned: true });
  }
  filter.off = new Set(several("without"));
  filter.source = state.get("source") || "";
  filter.word = state.get("word") || "";
  const day = (name) => { const then = Date.parse(state.get(name) || ""); return Number.isNaN(then) ? null : then; };
  filter.from = day("from");
  filter.to = day("to");
  if (filter.from !== null) days.from.value = iso(filter.from / 86400000);
  if (filter.to !== null) days.to.value = iso(filter.to / 86400000);
};

const begin = async () => {
  root.hidden = false;
  theme();
  resize();
  const state = new URLSearchParams(location.hash.slice(1));
  let given;
  try {
    given = await ask(`${root.dataset.from}&depth=${root.dataset.depth}&limit=500`);
  } catch (error) {
    tell(error.message);
    return;
  }
  add(given, true);
  const starts = [...graph.nodes.values()].filter((node) => node.start);
  if (starts.length === 1) {
    // What a graph of one step has shown of its beginning need not be asked for again.
    const whole = root.dataset.depth === "1", done = given.objects.filter((each) => each.distance > 0).length;
    Object.assign(starts[0], { expanded: whole, begun: true, atleast: given.more });
    if (whole) Object.assign(starts[0], { next: given.next, done, left: given.next ? Math.max(0, given.known - done) : 0 });
  }
  await restore(state);
  const wish = state.get("chosen");
  changed(false);
  find("#g-source").value = filter.source;
  find("#g-word").value = filter.word;
  if (wish && graph.nodes.get(wish)?.shown) graph.chosen = graph.nodes.get(wish);
  describe();
  ready = true;
};

listenToHands({ act, changed, choose, describe, expand });
listenToFilters(() => { changed(true); describe(); });
new ResizeObserver(resize).observe(canvas);
const again = () => { theme(); draw(); };
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
document.fonts?.ready.then(again);

// What a test or a curious person may look at: copies, never the graph itself.
root.look = () => ({
  scale: view.scale, frame, chosen: graph.chosen && graph.chosen.id, labels: [...(root.labels || [])], laid: root.dataset.laid,
  nodes: graph.seen.map((node) => ({ id: node.id, x: node.x, y: node.y, r: node.r, name: node.name, type: node.type, pinned: node.pinned, sx: node.x * view.scale + view.x, sy: node.y * view.scale + view.y })),
  ties: graph.seenTies.length,
});
begin();
