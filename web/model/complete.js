// What a half-written word may become, and which name is meant by a few letters. Never knows the field it is written in.

/** @typedef {{ from: number, to: number, sign: string, word: string }} Start what is being completed, and where */

/** The word before the caret that can be completed. @param {string} text @param {number} caret @returns {Start | null} */
export function start(text, caret) {
  const found = /(^|\s)(\S*)$/.exec(text.slice(0, caret));
  const word = found?.[2] ?? "";
  const from = caret - word.length;
  const sign = word[0] ?? "";
  if (sign === "/" && from === 0 && word[1] !== "/") return { from, to: caret, sign, word: word.slice(1) };
  if (sign === "@" || sign === "#") return { from, to: caret, sign, word: word.slice(1) };
  return word ? { from, to: caret, sign: "", word } : null;
}

/** How well letters fit a name: 0 not at all; the start of it best, then starts of its words, then the letters in order. @param {string} query @param {string} name */
export function score(query, name) {
  const [q, n] = [query.toLowerCase(), name.toLowerCase()];
  if (!q) return 1;
  if (n === q) return 1000;
  if (n.startsWith(q)) return 800 - n.length;
  const at = n.indexOf(q);
  if (at > 0) return (/[^\p{L}\p{N}]/u.test(n[at - 1] ?? "") ? 600 : 400) - at;
  let [sum, from] = [0, 0];
  for (const letter of q) {
    const next = n.indexOf(letter, from);
    if (next < 0) return 0;
    sum += next === from ? 3 : 1;
    from = next + 1;
  }
  return Math.min(sum, 300);
}

/** Those that fit, best first; equals stay in their order. @template T @param {string} query @param {T[]} all @param {(one: T) => string} name @param {number} [limit] */
export function fitting(query, all, name, limit = 8) {
  return all
    .map((one, at) => ({ one, at, fit: score(query, name(one)) }))
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit || a.at - b.at)
    .slice(0, limit)
    .map(({ one }) => one);
}

/** The text with a word completed, and where the caret goes. @param {string} text @param {Start} at @param {string} name */
export function put(text, at, name) {
  // Who is spoken to at the start of a line is set off as people do it.
  const tail = at.sign === "" && at.from === 0 ? ": " : " ";
  const rest = text.slice(at.to);
  const whole = at.sign + name + (rest.startsWith(" ") && tail === " " ? "" : tail);
  return { text: text.slice(0, at.from) + whole + rest, caret: at.from + whole.length };
}
