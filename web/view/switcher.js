// Goes to a room or a person by a few letters of its name. Knows names, and nothing else of where it goes.

import { fitting } from "../model/complete.js";
import { rove } from "../model/keys.js";
import * as store from "../model/store.js";
import { act, avatar, h } from "./dom.js";
import { dialog } from "./dialog.js";
import { icon } from "./icons.js";
import { isQuiet } from "./prefs.js";

/** @import { Person, Room } from "../model/types.js" */
/** @typedef {{ name: string, room?: Room, user?: Person }} Place */

const LEVELS = { mention: 0, message: 1, activity: 2, none: 3 };

/** @param {Element} home @param {import("../model/session.js").Session} session */
export function switcher(home, session) {
  const { state } = session;
  const rooms = [...state.rooms.values()].filter((room) => !room.direct || room.last > 0).map((room) => ({ name: room.name, room, user: undefined }));
  const level = (/** @type {Room} */ room) => LEVELS[store.badge(room, isQuiet(room.key))] + (store.inside(room) ? 0 : 4);
  rooms.sort((a, b) => level(a.room) - level(b.room));
  const spoken = new Set(rooms.map(({ room }) => room.with?.id));
  /** @type {Place[]} */
  let places = rooms;
  const addPeople = (/** @type {Iterable<Person>} */ people) => {
    const more = [...people].filter(({ id, name }) => name && id !== state.me?.id && !spoken.has(id));
    for (const { id } of more) spoken.add(id);
    places = [...places, ...more.map((user) => ({ name: user.name, user }))];
  };
  addPeople(state.people.values());

  const field = h("input", { class: "field", type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "places", "aria-autocomplete": "list", "aria-label": "Room or person", placeholder: "Room or person", autocomplete: "off", spellcheck: false });
  const list = h("div", { class: "places", role: "listbox", id: "places", "aria-label": "Rooms and people" });
  const none = h("p", { class: "muted", role: "status" });
  /** @type {Place[]} */
  let found = [];
  let at = 0;
  const node = dialog(home, "Go to", () => [field, list, none], "bare switcher");

  const go = (/** @type {Place | undefined} */ place) => {
    if (!place) return;
    node.close();
    act(home, "go", place.user ? `@${place.name}` : place.room?.direct ? `@${place.name}` : place.name);
  };
  const point = () => {
    for (const [n, option] of [...list.children].entries()) option.setAttribute("aria-selected", String(n === at));
    list.children[at]?.scrollIntoView({ block: "nearest" });
    if (found.length) field.setAttribute("aria-activedescendant", `place-${at}`);
    else field.removeAttribute("aria-activedescendant");
  };
  const show = () => {
    found = fitting(field.value.replace(/^[@#]/, ""), places, ({ name }) => name, 40);
    at = 0;
    list.hidden = found.length === 0;
    none.textContent = found.length ? "" : "Nobody and no room of that name.";
    list.replaceChildren(...found.map((place, n) => {
      const { room, user } = place;
      const person = user ?? (room?.with && state.people.get(room.with.id));
      const mark = room ? store.badge(room, isQuiet(room.key)) : "none";
      const more = room?.direct || user ? (person?.online ? "here" : "") : room && !store.inside(room) ? "not joined" : room?.topic;
      return h("div", { role: "option", id: `place-${n}`, class: `option is-${mark}`, on: { click: () => go(place) } },
        person ? avatar(person, "small") : icon(room?.access === "public" ? "hash" : "lock"), h("bdi", { class: "name" }, place.name),
        h("span", { class: "more", dir: "auto" }, more || ""), room?.unread ? h("span", { class: "badge" }, room.unread > 99 ? "99+" : room.unread) : null);
    }));
    point();
  };
  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      go(found[at]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      at = rove(event.key, at, found.length);
      point();
    }
  });
  show();
  void session.call("GET", "/users?online=true").then(({ users }) => {
    addPeople(users);
    if (node.open && field.value) show();
  }, () => undefined);
}
