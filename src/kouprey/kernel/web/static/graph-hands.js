// Mouse, touch and keys on the picture of the graph.
import { graph, undos, view } from "./graph-model.js";
import { at, canvas, draw, moved, zoom } from "./graph-picture.js";
import { find } from "./graph-words.js";

// `deeds`: what the page does: `act` by name, and `changed`, `choose`, `describe`, `expand`.
export const listen = (deeds) => {
  mouse(deeds);
  keyboard(deeds);
};

const point = (event) => {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};

const mouse = ({ changed, choose, describe, expand }) => {
  const fingers = new Map();
  let held = null;
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
      if (now !== graph.over) {
        graph.over = now;
        canvas.classList.toggle("over", graph.over !== null);
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
        moved();
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
    const { node, moved: dragged, from } = held;
    held = null;
    if (dragged && node) {
      undos.push(() => { [node.x, node.y, node.pinned] = from; });
      describe();
      changed(true);
    } else if (!dragged && event.type === "pointerup") {
      choose(node);
    }
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => { graph.over = null; draw(); });
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
};

// The one to choose when an arrow points so: one that it is related with, else any.
const towards = (dx, dy) => {
  if (!graph.chosen) return graph.seen.find((node) => node.start) || graph.seen[0] || null;
  const linked = graph.chosen.near.map((tie) => (tie.a === graph.chosen ? tie.b : tie.a)).filter((node) => node.shown);
  const among = (some, narrow) => {
    let best = null, least = Infinity;
    for (const node of some) {
      if (node === graph.chosen) continue;
      const ox = node.x - graph.chosen.x, oy = node.y - graph.chosen.y, far = Math.hypot(ox, oy) || 1;
      const along = (ox * dx + oy * dy) / far;
      if (along < narrow) continue;
      const cost = far * (2.2 - along);
      if (cost < least) { best = node; least = cost; }
    }
    return best;
  };
  return among(linked, 0.35) || among(graph.seen, 0.5);
};

const keyboard = ({ act, choose }) => {
  const move = (dx, dy) => {
    const next = towards(dx, dy);
    if (next || !graph.chosen) choose(next);
  };
  const keys = {
    ArrowLeft: () => move(-1, 0), ArrowRight: () => move(1, 0), ArrowUp: () => move(0, -1), ArrowDown: () => move(0, 1),
    "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "−": () => zoom(0.8),
    0: () => act.fit(), e: () => act.expand(), h: () => act.hide(), p: () => act.pin(), u: () => act.undo(),
    Enter: () => { if (graph.chosen) find(".graph-side h2").focus(); },
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
};
