// Where the objects of a graph lie: forces on a quadtree (Barnes and Hut), then room for each disc.
//
// Takes { run, x, y, r, held, ends, warm, still }: places (NaN where there is none yet), radii, whether a place is kept,
// and pairs of indices; `warm` when most of it lies well already. Gives { run, x, y, done }; with `still` only once.
"use strict";
(() => {
  const NEAR = 0.81; // The square of how wide a cell may be, as a part of its distance, to count as one.
  const REPEL = 1600;
  const LENGTH = 78;
  const GAP = 12;
  let latest = 0;

  self.onmessage = (event) => {
    latest = event.data.run;
    lay(event.data);
  };

  const lay = (given) => {
    const { run, x, y, r, held, ends, still, warm } = given;
    const n = x.length;
    scatter(x, y, ends);
    const vx = new Float64Array(n), vy = new Float64Array(n);
    const degree = new Uint32Array(n);
    for (const end of ends) degree[end] += 1;
    let alpha = warm ? 0.35 : 1;
    const cool = 1 - Math.pow(0.004, 1 / (n > 1200 ? 160 : 260));
    const step = () => {
      const begun = performance.now();
      while (alpha > 0.004) {
        pull(x, y, vx, vy, ends, degree, alpha);
        push(x, y, vx, vy, r, alpha);
        for (let i = 0; i < n; i += 1) {
          if (held[i]) { vx[i] = vy[i] = 0; continue; }
          vx[i] = (vx[i] - x[i] * 0.03 * alpha) * 0.6;
          vy[i] = (vy[i] - y[i] * 0.03 * alpha) * 0.6;
          x[i] += vx[i];
          y[i] += vy[i];
        }
        if (alpha < 0.3) part(x, y, r, held, 1);
        alpha *= 1 - cool;
        // Between two pieces newer questions are heard.
        if (performance.now() - begun > 40) {
          if (!still) send(run, x, y, false);
          setTimeout(() => { if (run === latest) step(); }, 0);
          return;
        }
      }
      settle(x, y, r, held);
      send(run, x, y, true);
    };
    step();
  };

  const send = (run, x, y, done) => self.postMessage({ run, x: Float64Array.from(x), y: Float64Array.from(y), done });

  // What has no place begins beside what it hangs on, or on a spiral: the same graph always lies the same way.
  const scatter = (x, y, ends) => {
    const beside = new Map();
    for (let i = 0; i < ends.length; i += 2) {
      const [a, b] = [ends[i], ends[i + 1]];
      if (Number.isNaN(x[a]) && !Number.isNaN(x[b])) beside.set(a, b);
      if (Number.isNaN(x[b]) && !Number.isNaN(x[a])) beside.set(b, a);
    }
    for (let i = 0; i < x.length; i += 1) {
      if (!Number.isNaN(x[i])) continue;
      const near = beside.get(i), turn = i * 2.399963;
      const far = near === undefined ? 14 * Math.sqrt(i + 0.5) : LENGTH * 0.6 + Math.sqrt(i);
      x[i] = (near === undefined ? 0 : x[near]) + far * Math.cos(turn);
      y[i] = (near === undefined ? 0 : y[near]) + far * Math.sin(turn);
    }
  };

  const pull = (x, y, vx, vy, ends, degree, alpha) => {
    for (let i = 0; i < ends.length; i += 2) {
      const a = ends[i], b = ends[i + 1];
      let dx = x[b] + vx[b] - x[a] - vx[a], dy = y[b] + vy[b] - y[a] - vy[a];
      const far = Math.sqrt(dx * dx + dy * dy) || 1;
      const few = Math.min(degree[a], degree[b]);
      const length = LENGTH + 3 * Math.sqrt(Math.max(degree[a], degree[b]));
      const by = (far - length) / far * alpha / few * 0.9;
      dx *= by; dy *= by;
      const part = degree[a] / (degree[a] + degree[b]);
      vx[b] -= dx * part; vy[b] -= dy * part;
      vx[a] += dx * (1 - part); vy[a] += dy * (1 - part);
    }
  };

  // One tree of flat arrays: four children a cell, the mass and the middle of each.
  let child = new Int32Array(0), mass = new Float64Array(0), mx = mass, my = mass;
  const grow = (cells) => {
    if (mass.length >= cells) return;
    child = new Int32Array(4 * cells);
    mass = new Float64Array(cells);
    mx = new Float64Array(cells);
    my = new Float64Array(cells);
  };

  const push = (x, y, vx, vy, r, alpha) => {
    const n = x.length;
    let low = Infinity, left = Infinity, high = -Infinity, right = -Infinity;
    for (let i = 0; i < n; i += 1) {
      if (x[i] < left) left = x[i];
      if (x[i] > right) right = x[i];
      if (y[i] < low) low = y[i];
      if (y[i] > high) high = y[i];
    }
    const size = Math.max(right - left, high - low, 1) * 1.001;
    grow(12 * n + 64);
    let cells = 1;
    child.fill(-1, 0, 4);
    mass[0] = mx[0] = my[0] = 0;
    const bodies = -2; // A leaf holds the body i as -2 - i.
    const next = new Int32Array(n).fill(-1);
    for (let i = 0; i < n; i += 1) {
      let cell = 0, cx = left, cy = low, wide = size;
      for (let depth = 0; ; depth += 1) {
        wide /= 2;
        const at = (x[i] >= cx + wide ? 1 : 0) + (y[i] >= cy + wide ? 2 : 0);
        if (at & 1) cx += wide;
        if (at & 2) cy += wide;
        const slot = 4 * cell + at, found = child[slot];
        if (found === -1) { child[slot] = bodies - i; break; }
        if (found >= 0) { cell = found; continue; }
        // Bodies on nearly one spot share a leaf.
        if (depth > 40 || cells + 4 >= mass.length) { next[i] = bodies - found; child[slot] = bodies - i; break; }
        const made = cells;
        cells += 1;
        child.fill(-1, 4 * made, 4 * made + 4);
        mass[made] = mx[made] = my[made] = 0;
        const other = bodies - found, half = wide / 2;
        child[4 * made + (x[other] >= cx + half ? 1 : 0) + (y[other] >= cy + half ? 2 : 0)] = found;
        child[slot] = made;
        cell = made;
      }
    }
    // Children are made after their parents.
    for (let cell = cells - 1; cell >= 0; cell -= 1) {
      let m = 0, sx = 0, sy = 0;
      for (let at = 0; at < 4; at += 1) {
        const found = child[4 * cell + at];
        if (found >= 0) { m += mass[found]; sx += mx[found] * mass[found]; sy += my[found] * mass[found]; }
        for (let i = found <= bodies ? bodies - found : -1; i >= 0; i = next[i]) { m += 1; sx += x[i]; sy += y[i]; }
      }
      mass[cell] = m;
      mx[cell] = m ? sx / m : 0;
      my[cell] = m ? sy / m : 0;
    }
    const stack = [], widths = [];
    for (let i = 0; i < n; i += 1) {
      stack.length = widths.length = 0;
      stack.push(0); widths.push(size);
      let fx = 0, fy = 0;
      while (stack.length) {
        const cell = stack.pop(), wide = widths.pop();
        const dx = x[i] - mx[cell], dy = y[i] - my[cell], far = dx * dx + dy * dy;
        if (far > 1 && wide * wide < NEAR * far) {
          const by = REPEL * mass[cell] / far;
          fx += dx * by / Math.sqrt(far); fy += dy * by / Math.sqrt(far);
          continue;
        }
        for (let at = 0; at < 4; at += 1) {
          const found = child[4 * cell + at];
          if (found >= 0) { stack.push(found); widths.push(wide / 2); }
          for (let j = found <= bodies ? bodies - found : -1; j >= 0; j = next[j]) {
            if (j === i) continue;
            let ox = x[i] - x[j], oy = y[i] - y[j], apart = ox * ox + oy * oy;
            if (apart < 1) { ox = Math.cos(i); oy = Math.sin(i); apart = 1; }
            const by = REPEL / Math.max(apart, 36) / Math.sqrt(apart);
            fx += ox * by; fy += oy * by;
          }
        }
      }
      vx[i] += fx * alpha * 0.09; vy[i] += fy * alpha * 0.09;
    }
  };

  // Discs that touch are moved apart, `times` over; true when none touched.
  const part = (x, y, r, held, times) => {
    const n = x.length;
    let widest = 1;
    for (let i = 0; i < n; i += 1) if (r[i] > widest) widest = r[i];
    const wide = 2 * widest + GAP;
    for (let turn = 0; turn < times; turn += 1) {
      const cells = new Map();
      for (let i = 0; i < n; i += 1) {
        const key = Math.floor(x[i] / wide) * 73856093 ^ Math.floor(y[i] / wide) * 19349663;
        const listed = cells.get(key);
        if (listed) listed.push(i); else cells.set(key, [i]);
      }
      let touched = false;
      for (let i = 0; i < n; i += 1) {
        const cx = Math.floor(x[i] / wide), cy = Math.floor(y[i] / wide);
        for (let ox = -1; ox <= 1; ox += 1) {
          for (let oy = -1; oy <= 1; oy += 1) {
            const listed = cells.get((cx + ox) * 73856093 ^ (cy + oy) * 19349663);
            if (!listed) continue;
            for (const j of listed) {
              if (j <= i || (held[i] && held[j])) continue;
              let dx = x[j] - x[i], dy = y[j] - y[i];
              const room = r[i] + r[j] + GAP;
              let far = dx * dx + dy * dy;
              if (far >= room * room) continue;
              touched = true;
              if (far < 1e-6) { dx = Math.cos(i + j); dy = Math.sin(i + j); far = 1; }
              far = Math.sqrt(far);
              const by = (room - far) / far * 0.52;
              const mine = held[i] ? 0 : held[j] ? 2 : 1, theirs = held[j] ? 0 : held[i] ? 2 : 1;
              x[i] -= dx * by * mine; y[i] -= dy * by * mine;
              x[j] += dx * by * theirs; y[j] += dy * by * theirs;
            }
          }
        }
      }
      if (!touched) return true;
    }
    return false;
  };

  // What is packed too tightly to part is drawn out, until everything has its room.
  const settle = (x, y, r, held) => {
    for (let round = 0; round < 40; round += 1) {
      if (part(x, y, r, held, 60)) return;
      for (let i = 0; i < x.length; i += 1) if (!held[i]) { x[i] *= 1.08; y[i] *= 1.08; }
    }
  };
})();
