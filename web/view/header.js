// What stands above a room: its name, its topic, and what can be opened about it. Knows no messages.

import * as store from "../model/store.js";
import { act, Behaviour, h } from "./dom.js";
import { icon } from "./icons.js";

export class Header extends Behaviour {
  /** @param {AbortSignal} signal */
  start(signal) {
    this.session.on((touched) => {
      if (["open", "rooms", "people"].some((topic) => touched.has(topic))) this.show();
    }, signal);
    this.show();
  }

  show() {
    const room = this.session.here();
    const person = room?.with && this.session.state.people.get(room.with.id);
    const presence = person ? (person.online ? (person.away ? `away: ${person.away}` : "here") : "not here") : "";
    const facts = JSON.stringify([room?.key, room?.name, room?.topic, room?.access, room?.total, room?.members, room?.role, presence]);
    if (facts === this.dataset.facts) return;
    this.dataset.facts = facts;
    const button = (/** @type {Parameters<typeof icon>[0]} */ name, /** @type {string} */ label, /** @type {string} */ what, /** @type {any} */ more = undefined) =>
      h("button", { type: "button", class: "plain", title: label, "aria-label": label, data: { what }, on: { click: (/** @type {Event} */ event) => act(this, what, event.currentTarget) } }, icon(name), more);
    const back = button("back", "All rooms", "rooms-pane");
    back.classList.add("back");
    if (!room) return this.replaceChildren(h("header", { class: "head" }, back, h("h2", null, "Chatroom")));
    const count = room.total || room.members || 0;
    const sign = room.with ? "at" : room.access === "public" || !room.access ? "hash" : "lock";
    const topic = room.direct ? presence : room.topic;
    const title = h("div", { class: "title" }, h("h2", null, icon(sign), h("bdi", null, room.name)),
      (topic || (!room.direct && store.inside(room))) &&
        h("button", { type: "button", class: "topic", title: topic || "Set a topic", dir: "auto", on: { click: () => (room.direct ? act(this, "person", room.name) : act(this, "about-room")) } }, topic || "No topic yet"));
    this.replaceChildren(h("header", { class: "head" }, back, title,
      ...(store.inside(room) ? [button("search", "Search here", "search"), button("pin", "Pinned", "pins")] : []),
      !room.direct && button("people", `People, ${count}`, "members", h("span", { class: "count" }, count)),
      !room.direct && button("more", "About this room", "room-menu")));
  }
}

customElements.define("chat-header", Header);
