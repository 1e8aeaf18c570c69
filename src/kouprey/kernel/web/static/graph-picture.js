// The picture of the graph on its canvas: where things are, and how they look.
import { graph, view } from "./graph-model.js";
import { root, spoken } from "./graph-words.js";

export const canvas = root.querySelector("canvas");
const pen = canvas.getContext("2d");
const LABELS = 140;
const FEW = 12;
const NARROW = 480;

// Drawing

const colours = {};
let probe = null;
export const theme = () => {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ink", "ink-2", "ink-3", "panel", "edge", "edge-strong", "accent", "accent-strong", "bad", "warn", "info"]) {
    colours[name] = style.getPropertyValue(`--${name}`).trim();
  }
  colours.actor = colours.bad; colours.means = colours.warn; colours.indicator = colours.accent;
  colours.observed = colours.info; colours.account = colours["ink-3"];
  probe = `500 12.5px ${style.getPropertyValue("--sans")}`;
  for (const node of graph.nodes.values()) node.wide = 0;
};
export const resize = () => {
  const box = canvas.getBoundingClientRect(), dots = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(box.width * dots));
  canvas.height = Math.max(1, Math.round(box.height * dots));
  for (const node of graph.nodes.values()) node.wide = 0;
  if (!view.moved) fit();
  draw();
};
export const screen = () => {
  const dots = window.devicePixelRatio || 1;
  return { wide: canvas.width / dots, high: canvas.height / dots, dots };
};
export const fit = () => {
  const { wide, high } = screen();
  let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
  for (const node of graph.seen) {
    if (Number.isNaN(node.x)) continue;
    left = Math.min(left, node.x - node.r); right = Math.max(right, node.x + node.r);
    top = Math.min(top, node.y - node.r); bottom = Math.max(bottom, node.y + node.r);
  }
  if (left > right) return;
  // A few are drawn large, with room for their names on both sides; on a narrow screen names stand above and below.
  const few = graph.seen.length <= FEW, beside = few ? (wide < NARROW ? wide * 0.3 : Math.min(360, wide * 0.6)) : 120;
  view.scale = Math.min(few ? 2.8 : 1.6, Math.max(0.02, Math.min((wide - beside) / (right - left), (high - 80) / (bottom - top))));
  view.whole = view.scale;
  view.x = wide / 2 - (left + right) / 2 * view.scale;
  view.y = high / 2 - (top + bottom) / 2 * view.scale;
};

let wanted = 0;
export const draw = () => { if (!wanted) wanted = requestAnimationFrame(paint); };
const shape = (path, kind, x, y, r) => {
  if (kind === "means") path.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
  else if (kind === "indicator") { path.moveTo(x, y - r); path.lineTo(x + r, y + r * 0.8); path.lineTo(x - r, y + r * 0.8); path.closePath(); }
  else if (kind === "observed") { path.moveTo(x, y - r); path.lineTo(x + r, y); path.lineTo(x, y + r); path.lineTo(x - r, y); path.closePath(); }
  else { path.moveTo(x + r, y); path.arc(x, y, r, 0, 6.2832); }
};

// Where a relation points to, on the edge of the disc; how long the line is.
const arrow = (to, tie, ax, ay, bx, by, scale) => {
  const far = Math.hypot(bx - ax, by - ay), back = tie.b.r * Math.max(0.55, Math.min(scale, 1.4)) + 3;
  if (far <= back + 12) return 0;
  const ux = (bx - ax) / far, uy = (by - ay) / far, px = bx - ux * back, py = by - uy * back;
  to.moveTo(px - ux * 7 - uy * 4, py - uy * 7 + ux * 4);
  to.lineTo(px, py);
  to.lineTo(px - ux * 7 + uy * 4, py - uy * 7 - ux * 4);
  return far;
};

export const render = (to, wide, high, dots, at) => {
  to.setTransform(dots, 0, 0, dots, 0, 0);
  to.fillStyle = colours.panel;
  to.fillRect(0, 0, wide, high);
  const { x: ox, y: oy, scale } = at;
  const near = graph.chosen || graph.over;
  const lit = new Set(near ? near.near : []);
  // Lines: all in one stroke, those of the chosen one above.
  to.lineWidth = 1;
  to.strokeStyle = graph.seenTies.length > 600 ? colours["edge-strong"] : colours["ink-3"];
  to.globalAlpha = graph.seenTies.length > 600 ? 0.5 : 0.7;
  to.beginPath();
  const said = [];
  for (const tie of graph.seenTies) {
    if (lit.has(tie)) continue;
    const ax = tie.a.x * scale + ox, ay = tie.a.y * scale + oy, bx = tie.b.x * scale + ox, by = tie.b.y * scale + oy;
    if ((ax < 0 && bx < 0) || (ay < 0 && by < 0) || (ax > wide && bx > wide) || (ay > high && by > high)) continue;
    to.moveTo(ax, ay);
    to.lineTo(bx, by);
    // Where there are few, each says what it is and where it points; of many only those of the chosen object.
    if (graph.seenTies.length <= FEW && arrow(to, tie, ax, ay, bx, by, scale) > 90) said.push([tie, (ax + bx) / 2, (ay + by) / 2]);
  }
  to.stroke();
  to.globalAlpha = 1;
  if (lit.size) {
    to.strokeStyle = colours.accent;
    to.lineWidth = 1.75;
    to.beginPath();
    for (const tie of graph.seenTies) {
      if (!lit.has(tie)) continue;
      const ax = tie.a.x * scale + ox, ay = tie.a.y * scale + oy, bx = tie.b.x * scale + ox, by = tie.b.y * scale + oy;
      to.moveTo(ax, ay);
      to.lineTo(bx, by);
      if (arrow(to, tie, ax, ay, bx, by, scale) > 90) said.push([tie, (ax + bx) / 2, (ay + by) / 2]);
    }
    to.stroke();
  }
  // Objects: one path for each kind.
  const shown = { actor: [], means: [], indicator: [], observed: [], account: [] };
  const visible = [];
  for (const node of graph.seen) {
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
    if (node === graph.chosen || node === graph.over) main.push(where);
  }
  ring(colours.ink, [], 3, begun);
  ring(colours["ink-3"], [3, 3], 5.5, pinned);
  ring(colours.accent, [], 4, main);
  label(to, visible, said, near, wide, high);
};

// Names, the most telling first; none covers another one or a disc of a chosen object.
const label = (to, visible, said, near, wide, high) => {
  const taken = new Map();
  const take = (x, y, w, h) => {
    const made = [x, y, w, h];
    for (let cx = Math.floor(x / 40); cx <= Math.floor((x + w) / 40); cx += 1) {
      for (let cy = Math.floor(y / 18); cy <= Math.floor((y + h) / 18); cy += 1) {
        const key = cx * 4096 + cy, listed = taken.get(key);
        if (listed) listed.push(made); else taken.set(key, [made]);
      }
    }
  };
  const free = (x, y, w, h) => {
    const x0 = Math.floor(x / 40), x1 = Math.floor((x + w) / 40), y0 = Math.floor(y / 18), y1 = Math.floor((y + h) / 18);
    for (let cx = x0; cx <= x1; cx += 1) {
      for (let cy = y0; cy <= y1; cy += 1) {
        for (const box of taken.get(cx * 4096 + cy) || []) {
          if (x < box[0] + box[2] && box[0] < x + w && y < box[1] + box[3] && box[1] < y + h) return false;
        }
      }
    }
    take(x, y, w, h);
    return true;
  };
  const close = new Set(near ? near.near.map((tie) => (tie.a === near ? tie.b : tie.a)) : []);
  const listed = [], alike = new Map();
  for (let i = 0; i < visible.length; i += 4) alike.set(visible[i].type, (alike.get(visible[i].type) || 0) + 1);
  for (let i = 0; i < visible.length; i += 4) {
    const node = visible[i];
    const rank = node === graph.chosen ? 1e6 : node === graph.over ? 9e5 : node.start ? 8e5 : close.has(node) ? 5e5 : alike.get(node.type) === 1 ? 1e5 : 0;
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
  // Of a few a name keeps clear of the whole disc, of many of its middle.
  const clear = listed.length <= 60 ? 2 : 1;
  if (listed.length <= 700) for (const [, i] of listed) free(visible[i + 1] - visible[i + 3] * clear / 2, visible[i + 2] - visible[i + 3] * clear / 2, visible[i + 3] * clear, visible[i + 3] * clear);
  for (const [rank, i] of few) {
    if (drawn >= (listed.length > 700 ? 30 : LABELS)) break;
    const node = visible[i], x = visible[i + 1], y = visible[i + 2], r = visible[i + 3];
    if (!node.wide) {
      node.label = cut(node.name, Math.min(listed.length <= FEW ? 60 : 34, Math.max(14, Math.floor(wide / 10))));
      node.wide = to.measureText(node.label).width;
    }
    // Letters that hang below one another need more.
    const w = node.wide + 8, h = ["km", "lo", "my", "th"].includes(document.documentElement.lang) ? 22 : 17;
    // Away from what it hangs on, where lines do not run.
    let ox = 0, oy = 0;
    for (let k = 0; k < Math.min(node.near.length, 24); k += 1) {
      const other = node.near[k].a === node ? node.near[k].b : node.near[k].a;
      if (!other.shown) continue;
      const far = Math.hypot(other.x - node.x, other.y - node.y) || 1;
      ox -= (other.x - node.x) / far;
      oy -= (other.y - node.y) / far;
    }
    const middle = Math.max(0, Math.min(x - w / 2, wide - w));
    const sideways = [[x + r + 3, y - h / 2], [x - r - 3 - w, y - h / 2]], upright = [[middle, y + r + 3], [middle, y - r - 3 - h]];
    if (ox < -0.05) sideways.reverse();
    if (oy < -0.05) upright.reverse();
    const places = Math.abs(oy) > 3 * Math.abs(ox) ? [upright[0], ...sideways, upright[1]] : [sideways[0], ...upright, sideways[1]];
    // Of a few each has its name: where there is no room at the disc, a little further off.
    if (listed.length <= FEW) places.push([middle, y + r + 3 + h], [middle, y - r - 3 - 2 * h], [middle, y + r + 3 + 2 * h], [middle, y - r - 3 - 3 * h]);
    let place = places.find(([lx, ly]) => lx >= 0 && lx + w <= wide && ly >= 0 && ly + h <= high && free(lx, ly, w, h));
    // What the picture is about has its name in any case, inside the picture.
    if (!place && rank >= 8e5) {
      place = [Math.max(0, Math.min(upright[0][0], wide - w)), Math.min(upright[0][1], high - h)];
      take(...place, w, h);
    }
    if (!place) continue;
    boxes.push(place[0], place[1], w, h);
    texts.push(node.label, place[0] + 4, place[1] + h / 2 + 0.5, rank >= 8e5, node.wide);
    drawn += 1;
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
const cut = (text, most) => {
  const line = text.replace(/\s+/g, " ").trim();
  const letters = [...line.slice(0, 120)];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : line;
};
// How long the last one took, in milliseconds.
export let frame = 0;
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
export const moved = () => { grid = null; };
export const at = (sx, sy) => {
  const x = (sx - view.x) / view.scale, y = (sy - view.y) / view.scale;
  if (!grid) {
    grid = new Map();
    for (const node of graph.seen) {
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
export const zoom = (by, sx, sy) => {
  const { wide, high } = screen();
  const x = sx ?? wide / 2, y = sy ?? high / 2;
  const scale = Math.min(6, Math.max(view.whole * 0.6, view.scale * by));
  view.x = x - (x - view.x) * scale / view.scale;
  view.y = y - (y - view.y) * scale / view.scale;
  view.scale = scale;
  view.moved = true;
  draw();
};

export const show = (node) => {
  const { wide, high } = screen();
  const x = node.x * view.scale + view.x, y = node.y * view.scale + view.y;
  if (x > 40 && y > 30 && x < wide - 40 && y < high - 30) return;
  view.x += wide / 2 - x;
  view.y += high / 2 - y;
  view.moved = true;
};
