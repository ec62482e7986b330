// Shows what a message says: words, code, links, mentions. Every text is a text node; addresses that are none stay words.

import { safe } from "../model/text.js";
import { act, h } from "./dom.js";

/** @import { Span } from "../model/types.js" */

const TAGS = /** @type {const} */ ({ emphasis: "em", strong: "strong", strike: "s", quote: "blockquote" });

/** @param {Span[]} spans @param {string} me @returns {Node[]} */
export function spans(spans, me) {
  return spans.map((span, at) => (typeof span === "string" ? document.createTextNode(beside(span, spans[at - 1], spans[at + 1])) : one(span, me)));
}

/** What stands apart from the words around it needs no line break of theirs. @param {Span | undefined} span */
const apart = (span) => typeof span === "object" && (!!span.quote || !!span.code?.includes("\n"));

/** @param {string} words @param {Span | undefined} before @param {Span | undefined} after */
function beside(words, before, after) {
  const begun = apart(before) ? words.replace(/^\n/, "") : words;
  return apart(after) ? begun.replace(/\n$/, "") : begun;
}

/** @param {Span} span @param {string} me @returns {Node} */
function one(span, me) {
  if (typeof span === "string") return document.createTextNode(span);
  if (span.code !== undefined) {
    if (span.code.includes("\n")) return h("pre", { dir: "ltr" }, h("code", null, span.code.replace(/\n$/, "")));
    return h("code", { dir: "ltr" }, span.code);
  }
  if (span.mention !== undefined) return mention(span.mention, me);
  if (span.room !== undefined) {
    const { room } = span;
    return h("button", { type: "button", class: "ref", on: { click: open("go", room) } }, `#${room}`);
  }
  if (span.link !== undefined) {
    const href = safe(span.link);
    const shown = span.shown?.length ? spans(span.shown, me) : [span.link];
    if (!href) return h("span", null, ...shown);
    return h("a", { href, target: "_blank", rel: "noopener noreferrer", title: href }, ...shown);
  }
  for (const [kind, tag] of Object.entries(TAGS)) {
    const inner = span[/** @type {keyof typeof TAGS} */ (kind)];
    if (inner) return h(tag, null, ...spans(inner, me));
  }
  return document.createTextNode("");
}

/** @param {string} name @param {string} me */
function mention(name, me) {
  const self = name.toLowerCase() === me.toLowerCase() || /^(all|everyone|room|here|channel)$/i.test(name);
  return h("button", { type: "button", class: self ? "ref self" : "ref", on: { click: open("person", name) } }, `@${name}`);
}

/** @param {string} what @param {string} name */
const open = (what, name) => (/** @type {Event} */ event) => {
  event.stopPropagation();
  act(/** @type {Element} */ (event.currentTarget), what, name);
};
