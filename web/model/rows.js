// What stands in a room's log, line by line: days, the unread line, who came and went, messages, what waits to be sent. Knows no element.

import { dayOf } from "./time.js";

/** @import { Item, Message, Note, Row, Waiting } from "./types.js" */

/** Messages of one author closer than this stand under one name, in ms. */
const TOGETHER = 300_000;

/**
 * @param {Item[]} items what is shown, in order
 * @param {{ line?: number, me: number, ignored: Set<number>, start: boolean, waiting: Waiting[], quoted: (seq: number) => Message | null }} about
 * @returns {Row[]}
 */
export function rows(items, { line, me, ignored, start, waiting, quoted }) {
  /** @type {Row[]} */
  const out = start ? [{ key: "start", kind: "start" }] : [];
  let day = 0;
  /** @type {Message | null} */
  let above = null;
  let lined = false;
  for (const item of items) {
    const time = item.message?.time ?? item.note?.time ?? 0;
    if (dayOf(time) > day) {
      day = dayOf(time);
      out.push({ key: `d${day}`, kind: "day", time });
      above = null;
    }
    if (item.note) {
      gather(out, item.note, item.id);
      above = null;
      continue;
    }
    const { message } = item;
    if (ignored.has(message.author.id)) continue;
    if (!lined && line !== undefined && message.seq > line) {
      lined = true;
      // Where the first one shown is past the line already, the line is further up; and one's own are not unread.
      if (message.author.id !== me && (item !== items[0] || start)) {
        out.push({ key: "line", kind: "line" });
        above = null;
      }
    }
    const follows = !message.reply && together(above, message);
    out.push({ key: `m${message.seq}`, kind: "message", message, follows, quoted: message.reply ? quoted(message.reply) : null });
    above = message.redacted ? null : message;
  }
  for (const [at, entry] of waiting.entries()) {
    const follows = !entry.reply && (at > 0 || above?.author.id === me);
    out.push({ key: `w${entry.id}`, kind: "waiting", entry, state: entry.state, follows });
  }
  return out;
}

/** @param {Message | null} above @param {Message} message */
function together(above, message) {
  return (
    !!above && above.author.id === message.author.id && above.author.name === message.author.name && above.kind === message.kind &&
    message.kind !== "action" && message.time - above.time < TOGETHER
  );
}

/** Notes after one another are one line. @param {Row[]} out @param {Note} note @param {number} id */
function gather(out, note, id) {
  const before = out.at(-1);
  if (before?.kind === "notes") {
    before.notes.push(note);
    before.count += 1;
  } else {
    out.push({ key: `n${id}`, kind: "notes", notes: [note], count: 1 });
  }
}

/** One quiet sentence about who came and went, and what else happened. @param {Note[]} notes */
export function sentence(notes) {
  /** @type {Map<string, string[]>} */
  const moves = new Map();
  /** @type {string[]} */
  const others = [];
  /** @type {Map<string, string>} */
  const way = new Map();
  for (const { what, user, text } of notes) {
    if (what !== "came" && what !== "left") others.push(`${user.name} ${text ?? what}`);
    // Who came and went again is no news twice.
    else if (way.get(user.name) && way.get(user.name) !== what) way.set(user.name, "came and went");
    else if (!way.has(user.name)) way.set(user.name, what);
  }
  for (const [name, what] of way) moves.set(what, [...(moves.get(what) ?? []), name]);
  return [...[...moves].map(([what, names]) => `${list(names)} ${what}`), ...others].join(" · ");
}

/** “ann, bob and 3 others”. @param {string[]} names */
export function list(names) {
  if (names.length <= 1) return names[0] ?? "";
  if (names.length <= 3) return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return `${names.slice(0, 2).join(", ")} and ${names.length - 2} others`;
}
