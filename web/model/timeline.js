// What is known of one room's past, without holes, and which part of it is shown. Never knows where it comes from.

import * as part from "./window.js";

/** @import { Item, Message, Note, Page, Timeline } from "./types.js" */

/** @returns {Timeline} */
export function empty() {
  return { items: [], start: false, end: false, loaded: false, lo: 0, hi: 0, turn: 0, heard: [] };
}

/** Where the first item is that stands after a seq. @param {Timeline} t @param {number} seq */
export function after(t, seq) {
  let [lo, hi] = [0, t.items.length];
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (/** @type {Item} */ (t.items[mid]).seq <= seq) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/** Where a message is, or -1. @param {Timeline} t @param {number} seq */
export function find(t, seq) {
  for (let at = after(t, seq) - 1; at >= 0 && t.items[at]?.seq === seq; at--) if (t.items[at]?.message) return at;
  return -1;
}

/** @param {Timeline} t @param {number} seq @returns {Message | null} */
export function message(t, seq) {
  return t.items[find(t, seq)]?.message ?? null;
}

/** The seq of the first or last thing held. @param {Timeline} t */
export const first = (t) => t.items[0]?.seq ?? 0;
/** @param {Timeline} t */
export const last = (t) => t.items.at(-1)?.seq ?? 0;

/** @param {Timeline} t @param {part.Part} next */
function show(t, next) {
  [t.lo, t.hi] = [next.lo, next.hi];
}

/** How many of those just said are kept for when a page that was asked for before comes after. */
const HEARD = 100;

/** What was heard while the end was not known is now in its place. @param {Timeline} t */
function catchUp(t) {
  if (!t.end) return;
  for (const said of t.heard) if (said.seq > last(t)) t.items.push({ seq: said.seq, message: said });
  t.heard = [];
}

/** Starts over from a page. @param {Timeline} t @param {Page} page @param {{ end: boolean, start?: boolean, around?: number }} about */
export function begin(t, page, { end, start = false, around }) {
  Object.assign(t, { items: page.messages.map((message) => item(message, page)), start, end, loaded: true, turn: t.turn + 1 });
  catchUp(t);
  show(t, around === undefined ? part.end(t.items.length) : part.around(Math.max(0, after(t, around) - 1), t.items.length));
}

/** A page of what was before; an empty one says that this is the start. @param {Timeline} t @param {Page} page */
export function prepend(t, page) {
  const items = page.messages.filter((one) => !t.items.length || one.seq < first(t)).map((message) => item(message, page));
  if (!items.length) t.start = true;
  t.items.unshift(...items);
  show(t, part.inserted(t, 0, items.length));
}

/** A page of what came later. @param {Timeline} t @param {Page} page @param {boolean} end whether nothing is after it */
export function append(t, page, end) {
  const known = last(t);
  for (const one of page.messages) if (one.seq > known) t.items.push(item(one, page));
  t.end = end;
  catchUp(t);
}

/** @param {Message} message @param {Page} page @returns {Item} */
function item(message, page) {
  return { seq: message.seq, message, asOf: page.position ?? message.position };
}

/** A message that was just said. It belongs here only where the end is known; one that is here already may have changed since. @param {Timeline} t @param {Message} said @param {boolean} follows */
export function put(t, said, follows) {
  if (message(t, said.seq)) return;
  if (t.loaded && t.end) {
    const place = after(t, said.seq);
    t.items.splice(place, 0, { seq: said.seq, message: said });
    if (place === t.items.length - 1) show(t, part.appended(t, t.items.length, follows));
    else show(t, part.inserted(t, place, 1));
  } else {
    t.heard = [...t.heard.slice(1 - HEARD), said];
  }
}

/** A line about what happened, after all that is there. @param {Timeline} t @param {Note} note @param {number} id @param {boolean} follows */
export function note(t, note, id, follows) {
  if (!t.loaded || !t.end) return;
  t.items.push({ seq: last(t), note, id });
  show(t, part.appended(t, t.items.length, follows));
}

/** Puts another in a message's place. @param {Timeline} t @param {number} seq @param {number} position of what changes it @param {(old: Message) => Message} change */
export function alter(t, seq, position, change) {
  const at = find(t, seq);
  const old = t.items[at];
  if (!old?.message || position < (old.asOf ?? 0)) return false;
  t.items[at] = { ...old, message: change(old.message) };
  return true;
}

/** The older ones are gone. @param {Timeline} t @param {number} upto */
export function drop(t, upto) {
  const count = after(t, upto);
  t.items.splice(0, count);
  show(t, part.dropped(t, count));
  if (count) t.start = true;
}
