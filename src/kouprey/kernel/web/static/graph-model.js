// The graph itself: what is known of it, and what the filters leave. Nothing here changes the page.
import { plain, root, words } from "./graph-words.js";

const KINDS = {
  actor: ["threat-actor", "intrusion-set", "campaign", "incident"],
  means: ["malware", "tool", "infrastructure", "attack-pattern", "vulnerability", "malware-analysis"],
  indicator: ["indicator"],
  account: ["report", "grouping", "note", "opinion", "sighting", "relationship", "identity", "location", "course-of-action"],
};
const kindOf = Object.create(null);
for (const [kind, types] of Object.entries(KINDS)) for (const type of types) kindOf[type] = kind;

// `nodes` and `ties` are everything known, `seen` and `seenTies` what the filters leave; `over` is under the mouse.
export const graph = { nodes: new Map(), ties: new Map(), seen: [], seenTies: [], chosen: null, over: null };
export const most = Number(root.dataset.most);
export const filter = { off: new Set(), source: "", word: "", from: null, to: null };
export const undos = [];
export const view = { x: 0, y: 0, scale: 1, whole: 1, moved: false };

export const add = (given, starts) => {
  const added = [], joined = [];
  for (const each of given.objects) {
    if (graph.nodes.has(each.id) || graph.nodes.size >= most) continue;
    const node = {
      id: each.id, type: each.type, kind: kindOf[each.type] || "observed", name: words.titles[each.id] || plain(each.title),
      at: Date.parse(each.at), sources: each.sources, start: starts && each.distance === 0,
      x: NaN, y: NaN, r: 7, near: [], pinned: false, hidden: false, expanded: false, next: "", left: 0, wide: 0, shown: false,
    };
    graph.nodes.set(each.id, node);
    added.push(node);
  }
  for (const each of given.relations) {
    const key = `${each.source} ${each.word} ${each.target}`;
    if (graph.ties.has(key) || each.source === each.target) continue;
    const a = graph.nodes.get(each.source), b = graph.nodes.get(each.target);
    if (!a || !b) continue;
    const tie = { key, a, b, word: each.word, by: each.by };
    graph.ties.set(key, tie);
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
export const remove = ({ added, joined }) => {
  for (const tie of joined) {
    graph.ties.delete(tie.key);
    for (const node of [tie.a, tie.b]) node.near = node.near.filter((each) => each !== tie);
  }
  for (const node of added) {
    graph.nodes.delete(node.id);
    if (graph.chosen === node) graph.chosen = null;
  }
  for (const tie of joined) for (const node of [tie.a, tie.b]) size(node);
};

const matches = (node) => {
  if (node.hidden) return false;
  if (node.start) return true;
  if (filter.off.has(node.type)) return false;
  if (filter.source && !node.sources.includes(filter.source)) return false;
  if (filter.from !== null && node.at < filter.from) return false;
  return !(filter.to !== null && node.at >= filter.to + 86400000);
};
export const sift = () => {
  for (const node of graph.nodes.values()) node.shown = matches(node);
  graph.seenTies = [...graph.ties.values()].filter((tie) => tie.a.shown && tie.b.shown && (!filter.word || tie.word === filter.word));
  if (filter.word) {
    const joined = new Set(graph.seenTies.flatMap((tie) => [tie.a, tie.b]));
    for (const node of graph.nodes.values()) node.shown = node.shown && (node.start || joined.has(node));
  }
  graph.seen = [...graph.nodes.values()].filter((node) => node.shown);
  if (graph.chosen && !graph.chosen.shown) graph.chosen = null;
};
