// Makes one line of a room's log. Knows what it shows, and asks the page around for all that can be done with it.

import { list, sentence } from "../model/rows.js";
import * as time from "../model/time.js";
import { act, avatar, h, hue } from "./dom.js";
import { icon } from "./icons.js";
import { spans } from "./spans.js";

/** @import { Message, Row } from "../model/types.js" */
/** @typedef {{ me: import("../model/types.js").User, now: number, self: (message: Message) => boolean }} About */

/** @param {Row} row @param {About} about @returns {HTMLLIElement} */
export function line(row, about) {
  if (row.kind === "day") {
    return h("li", { class: "day" }, h("time", { dateTime: new Date(row.time).toISOString() }, time.day(row.time, about.now)));
  }
  if (row.kind === "line") return h("li", { class: "unread-line" }, h("span", null, "New"));
  if (row.kind === "start") return h("li", { class: "start" }, "This is where it began.");
  if (row.kind === "notes") return h("li", { class: "notes", dir: "auto", title: list([...new Set(row.notes.map(({ user }) => user.name))]) }, sentence(row.notes));
  if (row.kind === "waiting") return waiting(row, about);
  return said(row, about);
}

/** @param {Extract<Row, { kind: "message" }>} row @param {About} about */
function said({ message, follows, quoted }, about) {
  const { author } = message;
  const classes = ["message", message.kind, follows && "follows", about.self(message) && "means-me", message.redacted && "gone"];
  const node = h("li", { class: classes.filter(Boolean).join(" "), tabIndex: -1, hue: hue(author.id), data: { seq: message.seq } });
  const stamp = h("time", { dateTime: new Date(message.time).toISOString() }, follows || message.kind === "action" ? time.brief(message.time) : time.clock(message.time));
  if (message.reply) node.append(quote(message.reply, quoted));
  const name = h("button", { type: "button", class: "author", tabIndex: -1, on: { click: person(author.name) } }, h("bdi", null, author.name));
  if (message.kind === "action") {
    node.append(h("div", { class: "head" }, stamp), h("p", { class: "text", dir: "auto" }, name, " ", ...body(message, about)));
  } else {
    node.append(follows ? h("span", { class: "quiet" }, `${author.name}: `) : avatar(author));
    const tags = [author.bot && "bot", author.operator && "operator", message.kind === "imported" && "imported", message.kind === "notice" && "notice"];
    node.append(h("div", { class: "head" }, !follows && name, ...tags.map((tag) => !follows && tag && h("span", { class: "tag" }, tag)), stamp));
    node.append(h("div", { class: `text${big(message.text) ? " big" : ""}`, dir: "auto" }, ...body(message, about)));
  }
  if (message.reactions?.length) node.append(reactions(message));
  return node;
}

/** @param {Message} message @param {About} about @returns {(Node | string)[]} */
function body(message, about) {
  if (message.redacted) return [h("em", { class: "muted" }, "taken back")];
  /** @type {(Node | string)[]} */
  const out = message.spans ? spans(message.spans, about.me.name) : [message.text];
  if (message.edited) out.push(" ", h("span", { class: "edited" }, "(edited)"));
  return out;
}

/** Up to three emoji alone are shown large. @param {string} text */
const big = (text) => text.length < 24 && /^(?:\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\u200d|\ufe0f)*\s*){1,3}$/u.test(text) && !/\d/.test(text);

/** @param {string} name */
const person = (name) => (/** @type {Event} */ event) => act(/** @type {Element} */ (event.currentTarget), "person", name);

/** @param {number} seq @param {Message | null} quoted */
function quote(seq, quoted) {
  const jump = (/** @type {Event} */ event) => act(/** @type {Element} */ (event.currentTarget), "jump", seq);
  const words = quoted?.redacted ? "taken back" : quoted?.text.replace(/\s+/g, " ").slice(0, 160);
  return h("button", { type: "button", class: "quoted", tabIndex: -1, on: { click: jump }, hue: quoted ? hue(quoted.author.id) : undefined },
    icon("reply"), quoted && h("bdi", { class: "author" }, quoted.author.name), h("span", { dir: "auto" }, words ?? "an earlier message"));
}

/** @param {Message} message */
function reactions(message) {
  const buttons = (message.reactions ?? []).map(({ emoji, count, mine }) => {
    const toggle = (/** @type {Event} */ event) => act(/** @type {Element} */ (event.currentTarget), "react", message, emoji);
    const label = `${emoji}, ${count}${mine ? ", yours too" : ""}`;
    return h("button", { type: "button", class: "reaction", tabIndex: -1, "aria-pressed": String(!!mine), "aria-label": label, on: { click: toggle } },
      h("span", null, emoji), h("span", { class: "count" }, count));
  });
  return h("div", { class: "reactions", role: "group", "aria-label": "Reactions" }, buttons);
}

/** @param {Extract<Row, { kind: "waiting" }>} row @param {About} about */
function waiting({ entry, follows }, about) {
  const refused = entry.state === "refused";
  const node = h("li", { class: `message waiting${follows ? " follows" : ""}${refused ? " refused" : ""}`, tabIndex: -1, hue: hue(about.me.id) });
  node.append(follows ? h("span", { class: "quiet" }, `${about.me.name}: `) : avatar(about.me));
  node.append(h("div", { class: "head" }, !follows && h("span", { class: "author" }, h("bdi", null, about.me.name)),
    h("span", { class: "state" }, refused ? "not sent" : "sending…")));
  const text = entry.kind === "action" ? `${about.me.name} ${entry.text}` : entry.text;
  node.append(h("div", { class: "text", dir: "auto" }, text));
  const ask = (/** @type {string} */ what) => ({ click: (/** @type {Event} */ event) => act(/** @type {Element} */ (event.currentTarget), what, entry) });
  node.append(h("div", { class: "fate" }, refused && h("span", { class: "why" }, entry.why ?? ""),
    refused && h("button", { type: "button", class: "small", on: ask("resend") }, "Try again"),
    refused && h("button", { type: "button", class: "small", on: ask("reword") }, "Change"),
    h("button", { type: "button", class: "small", on: ask("unsend") }, "Cancel")));
  return node;
}
