// The graph as a table, which says the same as the picture.
import { filter, graph } from "./graph-model.js";
import { number, root, say, sourceName, spoken, typeName, words } from "./graph-words.js";

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
  const shown = new Set(graph.seenTies.length === graph.ties.size ? node.near : node.near.filter((tie) => tie.a.shown && tie.b.shown && (!filter.word || tie.word === filter.word)));
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
export const list = () => {
  clearTimeout(lists);
  lists = setTimeout(() => {
    table.replaceChildren(...graph.seen.map(row));
    limits.textContent = say(words.shown, { n: number(graph.seen.length), m: number(graph.seenTies.length) });
    root.dataset.listed = String(graph.seen.length);
  }, 60);
};
