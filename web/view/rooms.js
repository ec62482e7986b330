// The sidebar: rooms and conversations with what is new in them. Knows no messages.

import * as store from "../model/store.js";
import { hash } from "../model/text.js";
import { act, avatar, Behaviour, h, keyed } from "./dom.js";
import { icon } from "./icons.js";
import { isQuiet } from "./prefs.js";

/** @import { Room } from "../model/types.js" */

export class Rooms extends Behaviour {
  rooms = h("ul", null);
  direct = h("ul", null);
  self = h("button", { type: "button", class: "self", title: "You, and settings" });
  link = h("span", { class: "link", role: "img" });

  /** @param {AbortSignal} signal */
  start(signal) {
    const doing = (/** @type {string} */ what) => ({ click: () => act(this, what) });
    const small = (/** @type {Parameters<typeof icon>[0]} */ name, /** @type {string} */ label, /** @type {string} */ what) =>
      h("button", { type: "button", class: "plain", title: label, "aria-label": label, on: doing(what) }, icon(name));
    const brand = h("div", { class: "brand" }, h("span", { class: "name" }, "Chatroom"), this.link, small("search", "Search everywhere (Ctrl Shift F)", "search-all"));
    const jump = h("button", { type: "button", class: "switch", on: doing("switch") }, "Go to…", h("kbd", null, "Ctrl K"));
    const list = h("div", { class: "lists" },
      h("div", { class: "title" }, h("h2", { id: "rooms-title" }, "Rooms"), small("plus", "Find or make a room", "browse")), this.rooms,
      h("div", { class: "title" }, h("h2", { id: "direct-title" }, "People"), small("plus", "Talk to somebody", "switch")), this.direct);
    this.rooms.setAttribute("aria-labelledby", "rooms-title");
    this.direct.setAttribute("aria-labelledby", "direct-title");
    this.self.addEventListener("click", () => act(this, "settings"), { signal });
    this.append(h("nav", { "aria-label": "Rooms and people" }, brand, jump, list, this.self));
    this.session.on((touched) => {
      if (["rooms", "people", "me", "open", "link"].some((topic) => touched.has(topic))) this.show();
    }, signal);
    this.show();
  }

  show() {
    const { state, link } = this.session;
    const { rooms, direct } = store.listed(state);
    for (const [node, list] of /** @type {const} */ ([[this.rooms, rooms], [this.direct, direct]])) {
      keyed(node, list, (room) => String(room.key), (room, old) => this.entry(room, old));
    }
    this.link.className = `link ${link}`;
    this.link.setAttribute("aria-label", link === "live" ? "Connected" : "Not connected");
    const { me } = state;
    if (!me || this.self.dataset.as === JSON.stringify([me, state.away])) return;
    this.self.dataset.as = JSON.stringify([me, state.away]);
    const more = state.away !== null ? `away: ${state.away}` : me.account ? "" : "guest, keep this name";
    this.self.replaceChildren(avatar(me), h("span", { class: "who" }, h("bdi", { class: "name" }, me.name), h("span", { class: "muted", dir: "auto" }, more)), icon("gear"));
  }

  /** @param {Room} room @param {HTMLElement | undefined} old */
  entry(room, old) {
    const open = this.session.state.open === room.key;
    const quiet = isQuiet(room.key);
    const level = store.badge(room, quiet);
    const person = room.with && this.session.state.people.get(room.with.id);
    const facts = JSON.stringify([room.name, room.access, open, level, room.unread, room.mentions, quiet, person?.online, person?.away, store.inside(room)]);
    if (old?.dataset.facts === facts) return old;
    const count = level === "mention" ? (room.direct ? room.unread : room.mentions) : room.unread;
    const said = { none: "", activity: ", something happened", message: `, ${count} unread`, mention: `, ${count} for you` }[level];
    const presence = person?.online ? (person.away ? "away" : "online") : "offline";
    const sign = room.with
      ? h("span", { class: "sign" }, avatar(room.with, "small"), h("span", { class: `dot ${presence}` }))
      : h("span", { class: "sign" }, icon(room.access === "public" || !room.access ? "hash" : "lock"));
    const link = h("a", { href: hash(room), class: `entry is-${level}${quiet ? " hushed" : ""}` },
      sign, h("bdi", { class: "name" }, room.name),
      (level === "message" || level === "mention") && h("span", { class: "badge", "aria-hidden": "true" }, count > 99 ? "99+" : count),
      level === "activity" && h("span", { class: "badge", "aria-hidden": "true" }),
      h("span", { class: "quiet" }, `${said}${room.with ? `, ${presence}` : ""}`));
    if (open) link.setAttribute("aria-current", "page");
    const node = old ?? h("li", null);
    // The link that has the focus stays the one that has it.
    const focused = node.contains(document.activeElement);
    node.replaceChildren(link);
    if (focused) link.focus();
    node.dataset.facts = facts;
    return node;
  }
}

customElements.define("chat-rooms", Rooms);
