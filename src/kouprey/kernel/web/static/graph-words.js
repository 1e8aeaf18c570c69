// The words of the graph, as its page brings them.
export const root = document.getElementById("graph");
export const words = JSON.parse(root.dataset.words);
export const find = (selector) => root.querySelector(selector);

export const say = (text, values) => text.replace(/%\((\w)\)s/g, (_, name) => values[name]);
const language = document.documentElement.lang;
export const number = (n) => n.toLocaleString(language);
// As the server writes it: what could mislead a reader stands as its code point.
export const plain = (text) => text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, (char) =>
  "\n\t\u200b\u200c\u200d".includes(char) ? char : `⟨U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
// A type or a source may be called as what every object of JavaScript has.
const told = (texts, name) => (Object.hasOwn(texts, name) ? texts[name] : plain(name));
export const typeName = (type) => told(words.types, type);
export const sourceName = (name) => told(words.sources, name);
export const spoken = (word) => {
  const stem = word.replace(/_refs?$/, "").replace(/_/g, "-");
  return words.verbs[stem] || plain(stem.replace(/-/g, " "));
};
