// The graph of relations: drawn on a canvas, placed by a worker, and written beside it as a table.
// Everything that comes from objects reaches the page as text: fillText and textContent, never as markup.
"use strict";
(() => {
  const root = document.getElementById("graph");
  if (!root || !window.Worker) return;
  const words = JSON.parse(root.dataset.words);
  const most = Number(root.dataset.most);
  const canvas = root.querySelector("canvas");
  const pen = canvas.getContext("2d");
  const status = root.querySelector(".graph-status");
  const find = (selector) => root.querySelector(selector);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const PIECE = 50; // Objects that one step adds.
  const LABELS = 140;

  const say = (text, values) => text.replace(/%\((\w)\)s/g, (_, name) => values[name]);
  const language = document.documentElement.lang;
  const number = (n) => n.toLocaleString(language);
  // As the server writes it: what could mislead a reader stands as its code point.
  const plain = (text) => text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, (char) =>
    "\n\t\u200b\u200c\u200d".includes(char) ? char : `⟨U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
  // A type or a source may be called as what every object of JavaScript has.
  const told = (texts, name) => (Object.hasOwn(texts, name) ? texts[name] : plain(name));
  const typeName = (type) => told(words.types, type);
  const sourceName = (name) => told(words.sources, name);
  const spoken = (word) => plain(word.replace(/_refs?$/, "").replace(/[_-]/g, " "));

  const KINDS = {
    actor: ["threat-actor", "intrusion-set", "campaign", "incident"],
    means: ["malware", "tool", "infrastructure", "attack-pattern", "vulnerability", "malware-analysis"],
    indicator: ["indicator"],
    account: ["report", "grouping", "note", "opinion", "sighting", "relationship", "identity", "location", "course-of-action"],
  };
  const kindOf = Object.create(null);
  for (const [kind, types] of Object.entries(KINDS)) for (const type of types) kindOf[type] = kind;

  // The graph: `nodes` and `ties` are everything known, `seen` what the filters leave.
  const nodes = new Map();
  const ties = new Map();
  let seen = [], seenTies = [], chosen = null, over = null;
  const filter = { off: new Set(), source: "", word: "", from: null, to: null };
  const undos = [];
  const view = { x: 0, y: 0, scale: 1, whole: 1, moved: false };

  // Fetching, a step at a time

  const ask = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
    if (answer.status === 404 || answer.status === 403) throw new Error(words.gone);
    if (!answer.ok) throw new Error(words.failed);
    return answer.json();
  };

  const add = (given, starts) => {
    const added = [], joined = [];
    for (const each of given.objects) {
      if (nodes.has(each.id) || nodes.size >= most) continue;
      const node = {
        id: each.id, type: each.type, kind: kindOf[each.type] || "observed", name: plain(each.title),
        at: Date.parse(each.at), sources: each.sources, start: starts && each.distance === 0,
        x: NaN, y: NaN, r: 7, near: [], pinned: false, hidden: false, expanded: false, next: "", left: 0, wide: 0, shown: false,
      };
      nodes.set(each.id, node);
      added.push(node);
    }
    for (const each of given.relations) {
      const key = `${each.source} ${each.word} ${each.target}`;
      if (ties.has(key) || each.source === each.target) continue;
      const a = nodes.get(each.source), b = nodes.get(each.target);
      if (!a || !b) continue;
      const tie = { key, a, b, word: each.word, by: each.by };
      ties.set(key, tie);
      a.near.push(tie);
      b.near.push(tie);
      joined.push(tie);
    }
    for (const tie of joined) for (const node of [tie.a, tie.b]) size(node);
    for (const node of added) if (node.type === "sighting") named(node);
    return { added, joined };
  };
  const size = (node) => { node.r = node.start ? 12 : Math.min(14, 6 + Math.sqrt(node.near.length)); };
  const named = (node) => {
    const of = node.near.find((tie) => tie.a === node && tie.word === "sighting_of_ref");
    if (of) node.name = words.sighting.replace("%(what)s", () => of.b.name);
  };
  const remove = ({ added, joined }) => {
    for (const tie of joined) {
      ties.delete(tie.key);
      for (const node of [tie.a, tie.b]) node.near = node.near.filter((each) => each !== tie);
    }
    for (const node of added) {
      nodes.delete(node.id);
      if (chosen === node) choose(null);
    }
    for (const tie of joined) for (const node of [tie.a, tie.b]) size(node);
  };

  const around = (node) => `${root.dataset.from.split("?")[0]}?id=${encodeURIComponent(node.id)}&limit=${PIECE}`;
  const expand = async (node, quietly) => {
    if (node.expanded && !node.next) return;
    if (nodes.size >= most) { tell(say(words.full, { n: number(most) })); return; }
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

  // Filters

  const matches = (node) => {
    if (node.hidden) return false;
    if (node.start) return true;
    if (filter.off.has(node.type)) return false;
    if (filter.source && !node.sources.includes(filter.source)) return false;
    if (filter.from !== null && node.at < filter.from) return false;
    return !(filter.to !== null && node.at >= filter.to + 86400000);
  };
  const sift = () => {
    for (const node of nodes.values()) node.shown = matches(node);
    seenTies = [...ties.values()].filter((tie) => tie.a.shown && tie.b.shown && (!filter.word || tie.word === filter.word));
    if (filter.word) {
      const joined = new Set(seenTies.flatMap((tie) => [tie.a, tie.b]));
      for (const node of nodes.values()) node.shown = node.shown && (node.start || joined.has(node));
    }
    seen = [...nodes.values()].filter((node) => node.shown);
    if (chosen && !chosen.shown) choose(null);
  };

  // Placing

  const worker = new Worker(root.dataset.worker);
  let run = 0, placed = [];
  const place = (warm) => {
    run += 1;
    placed = seen;
    const index = new Map(placed.map((node, i) => [node, i]));
    const ends = new Uint32Array(seenTies.length * 2);
    seenTies.forEach((tie, i) => { ends[2 * i] = index.get(tie.a); ends[2 * i + 1] = index.get(tie.b); });
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
    grid = null;
    if (!view.moved) fit();
    draw();
    if (data.done) {
      root.dataset.laid = "yes";
      if (status.textContent === words.laying) count();
    }
  };

  const changed = (warm) => {
    sift();
    offer();
    place(warm);
    list();
    keep();
    find('[data-do="undo"]').disabled = undos.length === 0;
    const hidden = [...nodes.values()].filter((node) => node.hidden).length;
    find('[data-do="unhide"]').hidden = hidden === 0;
  };
  const tell = (text) => { status.textContent = text; };
  const count = () => {
    const hidden = nodes.size - seen.length;
    tell(say(words.shown, { n: number(seen.length), m: number(seenTies.length) }) + (hidden ? ` ${say(words.hidden, { n: number(hidden) })}` : ""));
  };

  // Drawing

  const colours = {};
  let probe = null;
  const theme = () => {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["ink", "ink-2", "ink-3", "panel", "edge", "edge-strong", "accent", "accent-strong", "bad", "warn", "info"]) {
      colours[name] = style.getPropertyValue(`--${name}`).trim();
    }
    colours.actor = colours.bad; colours.means = colours.warn; colours.indicator = colours.accent;
    colours.observed = colours.info; colours.account = colours["ink-3"];
    probe = `500 12.5px ${style.getPropertyValue("--sans")}`;
    for (const node of nodes.values()) node.wide = 0;
  };
  const resize = () => {
    const box = canvas.getBoundingClientRect(), dots = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(box.width * dots));
    canvas.height = Math.max(1, Math.round(box.height * dots));
    if (!view.moved) fit();
    draw();
  };
  const screen = () => {
    const dots = window.devicePixelRatio || 1;
    return { wide: canvas.width / dots, high: canvas.height / dots, dots };
  };
  const fit = () => {
    const { wide, high } = screen();
    let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
    for (const node of seen) {
      if (Number.isNaN(node.x)) continue;
      left = Math.min(left, node.x - node.r); right = Math.max(right, node.x + node.r);
      top = Math.min(top, node.y - node.r); bottom = Math.max(bottom, node.y + node.r);
    }
    if (left > right) return;
    view.scale = Math.min(1.6, Math.max(0.02, Math.min((wide - 120) / (right - left), (high - 80) / (bottom - top))));
    view.whole = view.scale;
    view.x = wide / 2 - (left + right) / 2 * view.scale;
    view.y = high / 2 - (top + bottom) / 2 * view.scale;
  };

  let wanted = 0;
  const draw = () => { if (!wanted) wanted = requestAnimationFrame(paint); };
  const shape = (path, kind, x, y, r) => {
    if (kind === "means") path.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
    else if (kind === "indicator") { path.moveTo(x, y - r); path.lineTo(x + r, y + r * 0.8); path.lineTo(x - r, y + r * 0.8); path.closePath(); }
    else if (kind === "observed") { path.moveTo(x, y - r); path.lineTo(x + r, y); path.lineTo(x, y + r); path.lineTo(x - r, y); path.closePath(); }
    else { path.moveTo(x + r, y); path.arc(x, y, r, 0, 6.2832); }
  };

  const render = (to, wide, high, dots, at) => {
    to.setTransform(dots, 0, 0, dots, 0, 0);
    to.fillStyle = colours.panel;
    to.fillRect(0, 0, wide, high);
    const { x: ox, y: oy, scale } = at;
    const near = chosen || over;
    const lit = new Set(near ? near.near : []);
    // Lines: all in one stroke, those of the chosen one above.
    to.lineWidth = 1;
    to.strokeStyle = seenTies.length > 600 ? colours.edge : colours["edge-strong"];
    to.globalAlpha = seenTies.length > 600 ? 0.8 : 0.55;
    to.beginPath();
    for (const tie of seenTies) {
      if (lit.has(tie)) continue;
      const ax = tie.a.x * scale + ox, ay = tie.a.y * scale + oy, bx = tie.b.x * scale + ox, by = tie.b.y * scale + oy;
      if ((ax < 0 && bx < 0) || (ay < 0 && by < 0) || (ax > wide && bx > wide) || (ay > high && by > high)) continue;
      to.moveTo(ax, ay);
      to.lineTo(bx, by);
    }
    to.stroke();
    to.globalAlpha = 1;
    const said = [];
    if (lit.size) {
      to.strokeStyle = colours.accent;
      to.lineWidth = 1.75;
      to.beginPath();
      for (const tie of seenTies) {
        if (!lit.has(tie)) continue;
        const ax = tie.a.x * scale + ox, ay = tie.a.y * scale + oy, bx = tie.b.x * scale + ox, by = tie.b.y * scale + oy;
        to.moveTo(ax, ay);
        to.lineTo(bx, by);
        // An arrow where the relation points to.
        const far = Math.hypot(bx - ax, by - ay), back = tie.b.r * Math.max(0.55, Math.min(scale, 1.4)) + 3;
        if (far > back + 12) {
          const ux = (bx - ax) / far, uy = (by - ay) / far, px = bx - ux * back, py = by - uy * back;
          to.moveTo(px - ux * 7 - uy * 4, py - uy * 7 + ux * 4);
          to.lineTo(px, py);
          to.lineTo(px - ux * 7 + uy * 4, py - uy * 7 - ux * 4);
          if (far > 90) said.push([tie, (ax + bx) / 2, (ay + by) / 2]);
        }
      }
      to.stroke();
    }
    // Objects: one path for each kind.
    const shown = { actor: [], means: [], indicator: [], observed: [], account: [] };
    const visible = [];
    for (const node of seen) {
      const x = node.x * scale + ox, y = node.y * scale + oy;
      if (x < -20 || y < -20 || x > wide + 20 || y > high + 20 || Number.isNaN(x)) continue;
      const r = node.r * Math.max(0.2, Math.min(scale, 1.4));
      shown[node.kind].push(x, y, r);
      visible.push(node, x, y, r);
    }
    for (const [kind, listed] of Object.entries(shown)) {
      if (!listed.length) continue;
      to.beginPath();
      for (let i = 0; i < listed.length; i += 3) shape(to, kind, listed[i], listed[i + 1], kind === "account" ? listed[i + 2] * 0.9 : listed[i + 2]);
      to.fillStyle = kind === "account" ? colours.panel : colours[kind];
      to.fill();
      to.lineWidth = kind === "account" ? 2 : 1;
      to.strokeStyle = kind === "account" ? colours.account : colours.panel;
      to.stroke();
    }
    // Rings: where a graph begins, what is pinned, what is chosen, and a plus where there is more.
    const ring = (colour, dash, size, listed) => {
      if (!listed.length) return;
      to.beginPath();
      to.setLineDash(dash);
      for (const [x, y, r] of listed) { to.moveTo(x + r + size, y); to.arc(x, y, r + size, 0, 6.2832); }
      to.strokeStyle = colour;
      to.lineWidth = 2;
      to.stroke();
      to.setLineDash([]);
    };
    const begun = [], pinned = [], main = [];
    for (let i = 0; i < visible.length; i += 4) {
      const node = visible[i], where = [visible[i + 1], visible[i + 2], visible[i + 3]];
      if (node.start) begun.push(where);
      if (node.pinned) pinned.push(where);
      if (node === chosen || node === over) main.push(where);
    }
    ring(colours.ink, [], 3, begun);
    ring(colours["ink-3"], [3, 3], 5.5, pinned);
    ring(colours.accent, [], 4, main);
    label(to, visible, said, near, wide, high);
  };

  // Names, the most telling first; none covers another one or a disc of a chosen object.
  const label = (to, visible, said, near, wide, high) => {
    const taken = new Map();
    const free = (x, y, w, h) => {
      const x0 = Math.floor(x / 40), x1 = Math.floor((x + w) / 40), y0 = Math.floor(y / 18), y1 = Math.floor((y + h) / 18);
      for (let cx = x0; cx <= x1; cx += 1) {
        for (let cy = y0; cy <= y1; cy += 1) {
          for (const box of taken.get(cx * 4096 + cy) || []) {
            if (x < box[0] + box[2] && box[0] < x + w && y < box[1] + box[3] && box[1] < y + h) return false;
          }
        }
      }
      const made = [x, y, w, h];
      for (let cx = x0; cx <= x1; cx += 1) {
        for (let cy = y0; cy <= y1; cy += 1) {
          const key = cx * 4096 + cy, listed = taken.get(key);
          if (listed) listed.push(made); else taken.set(key, [made]);
        }
      }
      return true;
    };
    const close = new Set(near ? near.near.map((tie) => (tie.a === near ? tie.b : tie.a)) : []);
    const listed = [];
    for (let i = 0; i < visible.length; i += 4) {
      const node = visible[i];
      const rank = node === chosen ? 1e6 : node === over ? 9e5 : node.start ? 8e5 : close.has(node) ? 5e5 : 0;
      listed.push([rank + node.near.length, i]);
    }
    listed.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
    to.font = probe;
    to.textBaseline = "middle";
    to.textAlign = "left";
    to.direction = "ltr";
    let drawn = 0;
    const boxes = [], texts = [];
    // A name may lie over a line, never over an object that stands out more than its own.
    const few = listed.length <= 900 ? listed : listed.slice(0, 900);
    if (listed.length <= 700) for (const [, i] of listed) free(visible[i + 1] - visible[i + 3] * 0.5, visible[i + 2] - visible[i + 3] * 0.5, visible[i + 3], visible[i + 3]);
    for (const [rank, i] of few) {
      if (drawn >= (listed.length > 700 ? 30 : LABELS)) break;
      const node = visible[i], x = visible[i + 1], y = visible[i + 2], r = visible[i + 3];
      if (!node.wide) {
        node.label = cut(node.name);
        node.wide = to.measureText(node.label).width;
      }
      const w = node.wide + 8, h = 17;
      // Away from what it hangs on, where lines do not run.
      let ox = 0, oy = 0;
      for (let k = 0; k < Math.min(node.near.length, 24); k += 1) {
        const other = node.near[k].a === node ? node.near[k].b : node.near[k].a;
        if (!other.shown) continue;
        const far = Math.hypot(other.x - node.x, other.y - node.y) || 1;
        ox -= (other.x - node.x) / far;
        oy -= (other.y - node.y) / far;
      }
      const sideways = [[x + r + 3, y - h / 2], [x - r - 3 - w, y - h / 2]], upright = [[x - w / 2, y + r + 3], [x - w / 2, y - r - 3 - h]];
      if (ox < -0.05) sideways.reverse();
      if (oy < -0.05) upright.reverse();
      const places = Math.abs(oy) > 3 * Math.abs(ox) ? [upright[0], ...sideways, upright[1]] : [sideways[0], ...upright, sideways[1]];
      for (const [lx, ly] of rank >= 8e5 ? places.concat([places[0]]) : places) {
        if (lx < 0 || lx + w > wide || ly < 0 || ly + h > high) continue;
        if (!free(lx, ly, w, h)) continue;
        boxes.push(lx, ly, w, h);
        texts.push(node.label, lx + 4, ly + h / 2 + 0.5, rank >= 8e5, node.wide);
        drawn += 1;
        break;
      }
    }
    to.fillStyle = colours.panel;
    to.globalAlpha = 0.82;
    for (let i = 0; i < boxes.length; i += 4) to.fillRect(boxes[i], boxes[i + 1], boxes[i + 2], boxes[i + 3]);
    to.globalAlpha = 1;
    to.fillStyle = colours.ink;
    for (let i = 0; i < texts.length; i += 5) to.fillText(texts[i], texts[i + 1], texts[i + 2]);
    if (said.length && said.length <= 40) {
      to.fillStyle = colours["accent-strong"];
      to.textAlign = "center";
      for (const [tie, x, y] of said) {
        const text = spoken(tie.word), w = to.measureText(text).width + 8;
        if (!free(x - w / 2, y - 8, w, 16)) continue;
        to.fillStyle = colours.panel;
        to.fillRect(x - w / 2, y - 8, w, 16);
        to.fillStyle = colours["accent-strong"];
        to.fillText(text, x, y);
      }
    }
    root.labels = boxes;
  };
  const cut = (text) => {
    const line = text.replace(/\s+/g, " ").trim();
    const letters = [...line.slice(0, 120)];
    return letters.length > 34 ? `${letters.slice(0, 33).join("")}…` : line;
  };
  let frame = 0;
  const paint = () => {
    wanted = 0;
    const begun = performance.now();
    const { wide, high, dots } = screen();
    render(pen, wide, high, dots, view);
    frame = performance.now() - begun;
  };

  // Where something is

  let grid = null;
  const CELL = 40;
  const at = (sx, sy) => {
    const x = (sx - view.x) / view.scale, y = (sy - view.y) / view.scale;
    if (!grid) {
      grid = new Map();
      for (const node of seen) {
        const key = Math.floor(node.x / CELL) * 100003 + Math.floor(node.y / CELL);
        const listed = grid.get(key);
        if (listed) listed.push(node); else grid.set(key, [node]);
      }
    }
    const reach = Math.max(14, 12 / view.scale), cells = Math.min(6, Math.ceil(reach / CELL));
    let best = null, nearest = Infinity;
    const cx = Math.floor(x / CELL), cy = Math.floor(y / CELL);
    for (let ox = -cells; ox <= cells; ox += 1) {
      for (let oy = -cells; oy <= cells; oy += 1) {
        for (const node of grid.get((cx + ox) * 100003 + cy + oy) || []) {
          const far = Math.hypot(node.x - x, node.y - y) - node.r;
          if (far < 12 / view.scale && far < nearest && node.shown) { best = node; nearest = far; }
        }
      }
    }
    return best;
  };
  const zoom = (by, sx, sy) => {
    const { wide, high } = screen();
    const x = sx ?? wide / 2, y = sy ?? high / 2;
    const scale = Math.min(6, Math.max(view.whole * 0.6, view.scale * by));
    view.x = x - (x - view.x) * scale / view.scale;
    view.y = y - (y - view.y) * scale / view.scale;
    view.scale = scale;
    view.moved = true;
    draw();
  };

  // Mouse and touch

  const fingers = new Map();
  let held = null;
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    const [x, y] = point(event);
    fingers.set(event.pointerId, [x, y]);
    if (fingers.size === 1) held = { node: at(x, y), x, y, moved: false };
    else held = null;
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = point(event), was = fingers.get(event.pointerId);
    if (!was) {
      const now = at(x, y);
      if (now !== over) {
        over = now;
        canvas.classList.toggle("over", over !== null);
        draw();
      }
      return;
    }
    if (fingers.size === 2) {
      const other = [...fingers.entries()].find(([id]) => id !== event.pointerId)[1];
      const far = Math.hypot(was[0] - other[0], was[1] - other[1]) || 1;
      view.x += (x - was[0]) / 2;
      view.y += (y - was[1]) / 2;
      zoom(Math.hypot(x - other[0], y - other[1]) / far, (x + other[0]) / 2, (y + other[1]) / 2);
    } else if (held) {
      if (!held.moved && Math.hypot(x - held.x, y - held.y) < 5) return;
      if (!held.moved && held.node) held.from = [held.node.x, held.node.y, held.node.pinned];
      held.moved = true;
      canvas.classList.add("moving");
      if (held.node) {
        held.node.x = (x - view.x) / view.scale;
        held.node.y = (y - view.y) / view.scale;
        held.node.pinned = true;
        grid = null;
      } else {
        view.x += x - was[0];
        view.y += y - was[1];
        view.moved = true;
      }
      draw();
    }
    fingers.set(event.pointerId, [x, y]);
  });
  const lift = (event) => {
    fingers.delete(event.pointerId);
    canvas.classList.remove("moving");
    if (!held) return;
    const { node, moved, from } = held;
    held = null;
    if (moved && node) {
      undos.push(() => { [node.x, node.y, node.pinned] = from; });
      describe();
      changed(true);
    } else if (!moved && event.type === "pointerup") {
      choose(node);
    }
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => { over = null; draw(); });
  canvas.addEventListener("dblclick", (event) => {
    const node = at(...point(event));
    if (node) expand(node);
    else zoom(1.6, ...point(event));
  });
  // The page scrolls past a graph that nobody is working with.
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== canvas) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), ...point(event));
  }, { passive: false });

  // Keys

  const move = (dx, dy) => {
    if (!chosen) { choose(seen.find((node) => node.start) || seen[0] || null); return; }
    const linked = chosen.near.map((tie) => (tie.a === chosen ? tie.b : tie.a)).filter((node) => node.shown);
    const towards = (among, narrow) => {
      let best = null, least = Infinity;
      for (const node of among) {
        if (node === chosen) continue;
        const ox = node.x - chosen.x, oy = node.y - chosen.y, far = Math.hypot(ox, oy) || 1;
        const along = (ox * dx + oy * dy) / far;
        if (along < narrow) continue;
        const cost = far * (2.2 - along);
        if (cost < least) { best = node; least = cost; }
      }
      return best;
    };
    const next = towards(linked, 0.35) || towards(seen, 0.5);
    if (next) choose(next);
  };
  const show = (node) => {
    const { wide, high } = screen();
    const x = node.x * view.scale + view.x, y = node.y * view.scale + view.y;
    if (x > 40 && y > 30 && x < wide - 40 && y < high - 30) return;
    view.x += wide / 2 - x;
    view.y += high / 2 - y;
    view.moved = true;
  };
  const keys = {
    ArrowLeft: () => move(-1, 0), ArrowRight: () => move(1, 0), ArrowUp: () => move(0, -1), ArrowDown: () => move(0, 1),
    "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "−": () => zoom(0.8),
    0: () => act.fit(), e: () => act.expand(), h: () => act.hide(), p: () => act.pin(), u: () => act.undo(),
    Enter: () => { if (chosen) find(".graph-side h2").focus(); },
    Escape: () => choose(null),
  };
  canvas.addEventListener("keydown", (event) => {
    const undo = (event.ctrlKey || event.metaKey) && event.key === "z";
    if (!undo && (event.ctrlKey || event.metaKey || event.altKey)) return;
    const call = undo ? keys.u : keys[event.key];
    if (!call) return;
    event.preventDefault();
    event.stopPropagation();
    call();
  });
  find(".graph-side").addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); canvas.focus(); }
  });

  // The chosen one

  let read = "";
  const choose = (node) => {
    chosen = node;
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
    find("[data-chosen]").hidden = !chosen;
    find("[data-none]").hidden = Boolean(chosen);
    if (!chosen) { read = ""; return; }
    const here = chosen.near.filter((tie) => tie.a.shown && tie.b.shown).length;
    const lines = [say(words.relations, { n: number(here) }), left(chosen), chosen.pinned ? words.pinned : ""].filter(Boolean).join(" · ");
    find(".graph-kind").textContent = typeName(chosen.type);
    find(".graph-side h2 bdi").textContent = chosen.name;
    find(".graph-count").textContent = lines;
    find("[data-open]").href = `/intelligence/${encodeURIComponent(chosen.id)}`;
    const further = find('[data-do="expand"]');
    further.textContent = chosen.expanded && chosen.left ? say(words.further, { n: number(Math.min(PIECE, chosen.left)) }) : words.expand;
    further.disabled = chosen.expanded && !chosen.next;
    const pin = find('[data-do="pin"]');
    pin.textContent = chosen.pinned ? words.unpin : words.pin;
    pin.setAttribute("aria-pressed", String(chosen.pinned));
    tell(`${chosen.name} · ${typeName(chosen.type)} · ${lines}`);
    if (read !== chosen.id) facts(chosen);
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
    expand: () => { if (chosen) return expand(chosen); return undefined; },
    hide: () => {
      if (!chosen || seen.length < 2) return;
      const node = chosen;
      node.hidden = true;
      undos.push(() => { node.hidden = false; });
      choose(null);
      changed(true);
    },
    pin: () => {
      if (!chosen) return;
      const node = chosen;
      node.pinned = !node.pinned;
      undos.push(() => { node.pinned = !node.pinned; });
      describe();
      changed(true);
    },
    unhide: () => {
      const hidden = [...nodes.values()].filter((node) => node.hidden);
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
      for (const tie of seenTies) rows.push([tie.a.id, tie.a.name, tie.a.type, tie.word, tie.b.id, tie.b.name, tie.b.type]);
      const joined = new Set(seenTies.flatMap((tie) => [tie.a, tie.b]));
      for (const node of seen) if (!joined.has(node)) rows.push([node.id, node.name, node.type, "", "", "", ""]);
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

  // What can be filtered by

  const form = find(".graph-filters");
  const days = { from: find("#g-from"), to: find("#g-to"), low: find("#g-low"), high: find("#g-high") };
  const span = () => {
    let first = Infinity, last = -Infinity;
    for (const node of nodes.values()) {
      if (Number.isNaN(node.at)) continue;
      first = Math.min(first, node.at);
      last = Math.max(last, node.at);
    }
    return first <= last ? [Math.floor(first / 86400000), Math.floor(last / 86400000)] : null;
  };
  const iso = (day) => new Date(day * 86400000).toISOString().slice(0, 10);
  const offer = () => {
    const counts = new Map();
    for (const node of nodes.values()) counts.set(node.type, (counts.get(node.type) || 0) + 1);
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
    options(find("#g-source"), new Set([...nodes.values()].flatMap((node) => node.sources)), sourceName);
    options(find("#g-word"), new Set([...ties.values()].map((tie) => tie.word)), spoken);
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
  const sieve = (event) => {
    const range = span();
    if (range) {
      const changedBy = event?.target;
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
    later();
  };
  let waits = 0;
  const later = () => {
    clearTimeout(waits);
    waits = setTimeout(() => { changed(true); describe(); }, 120);
  };
  form.addEventListener("input", sieve);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => {
    Object.assign(filter, { off: new Set(), source: "", word: "", from: null, to: null });
    for (const input of form.querySelectorAll("[data-type] input")) input.checked = true;
    later();
  }));

  // The same as a table

  const table = document.querySelector(".graph-table tbody");
  const limits = document.querySelector("[data-limits]");
  const element = (name, text, kind) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const link = (node) => {
    const made = element("a");
    made.href = `/intelligence/${encodeURIComponent(node.id)}`;
    made.append(element("bdi", node.name));
    return made;
  };
  const AT_ONCE = 6;
  const relation = (node, tie) => {
    const outward = tie.a === node, made = element("li");
    const word = element("span", `${spoken(tie.word)} ${outward ? "→" : "←"}`, "faint");
    word.append(element("span", outward ? words.says : words.said, "unseen"));
    made.append(word, " ", link(outward ? tie.b : tie.a));
    return made;
  };
  const row = (node) => {
    const made = element("tr"), first = element("td", undefined, "main"), told = element("td", undefined, "graph-ties");
    made.dataset.id = node.id;
    first.append(link(node));
    const shown = new Set(seenTies.length === ties.size ? node.near : node.near.filter((tie) => tie.a.shown && tie.b.shown && (!filter.word || tie.word === filter.word)));
    const items = [...shown];
    const listing = (some) => {
      const list = element("ul", undefined, "refers");
      list.append(...some.map((tie) => relation(node, tie)));
      return list;
    };
    if (items.length) told.append(listing(items.slice(0, AT_ONCE)));
    if (items.length > AT_ONCE) {
      const rest = element("details");
      rest.append(element("summary", say(words.more, { n: number(items.length - AT_ONCE) })));
      rest.addEventListener("toggle", () => { if (rest.open && rest.children.length === 1) rest.append(listing(items.slice(AT_ONCE))); });
      told.append(rest);
    }
    const names = node.sources.map(sourceName).join(", "), source = element("td", undefined, "source");
    source.title = names;
    source.append(element("bdi", names));
    made.append(first, element("td", typeName(node.type), "nowrap"), told, source, element("td", Number.isNaN(node.at) ? "–" : new Date(node.at).toISOString().slice(0, 10), "nowrap"));
    return made;
  };
  let lists = 0;
  const list = () => {
    clearTimeout(lists);
    lists = setTimeout(() => {
      table.replaceChildren(...seen.map(row));
      limits.textContent = say(words.shown, { n: number(seen.length), m: number(seenTies.length) });
      root.dataset.listed = String(seen.length);
    }, 60);
  };

  // The state, in the address

  let ready = false;
  const keep = () => {
    if (!ready) return;
    const state = new URLSearchParams();
    const ids = (some) => some.slice(0, 40).map((node) => node.id).join(",");
    const all = [...nodes.values()];
    if (chosen) state.set("chosen", chosen.id);
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
    for (const id of several("open")) if (nodes.has(id)) await expand(nodes.get(id), true);
    for (const id of several("hide")) if (nodes.has(id)) nodes.get(id).hidden = true;
    for (const each of several("pin")) {
      const [id, x, y] = each.split(":"), node = nodes.get(id);
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
    const starts = [...nodes.values()].filter((node) => node.start);
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
    if (wish && nodes.get(wish)?.shown) chosen = nodes.get(wish);
    describe();
    ready = true;
  };

  new ResizeObserver(resize).observe(canvas);
  const again = () => { theme(); draw(); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  document.fonts?.ready.then(again);

  // What a test or a curious person may look at: copies, never the graph itself.
  root.look = () => ({
    scale: view.scale, frame, chosen: chosen && chosen.id, labels: [...(root.labels || [])], laid: root.dataset.laid,
    nodes: seen.map((node) => ({ id: node.id, x: node.x, y: node.y, r: node.r, name: node.name, type: node.type, pinned: node.pinned, sx: node.x * view.scale + view.x, sy: node.y * view.scale + view.y })),
    ties: seenTies.length,
  });
  begin();
})();
