// Lists that are looked at now and then: whom a room keeps out, what its keepers did, where one is logged in. Each is asked for anew when it is opened.

import { seg } from "../model/api.js";
import * as time from "../model/time.js";
import { h } from "./dom.js";
import { dialog } from "./dialog.js";

/** @import { Session } from "../model/session.js" */
/** @import { Room } from "../model/types.js" */
/** @typedef {{ text: string, about: string, button?: string, run?: () => Promise<unknown> }} Row */

/** @param {Element} home @param {string} title @param {() => Promise<Row[]>} load @param {string} [none] */
function list(home, title, load, none = "Nothing yet.") {
  const says = h("p", { class: "says muted", role: "status" }, "…");
  const rows = h("ul", { class: "found-rooms" });
  const tell = (/** @type {Error} */ { message }) => { says.textContent = message; };
  const show = async () => {
    const found = await load();
    says.textContent = found.length ? "" : none;
    rows.replaceChildren(...found.map(({ text, about, button, run }) => h("li", { class: "found-room" },
      h("span", { class: "what" }, h("bdi", { class: "name" }, text), h("span", { class: "muted", dir: "auto" }, about)),
      run && h("button", { type: "button", "aria-label": `${button}: ${text}`, on: { click: () => run().then(show).catch(tell) } }, button))));
  };
  dialog(home, title, () => [says, rows]);
  void show().catch(tell);
}

/** @param {Element} home @param {Session} session @param {Room} room */
export function sanctions(home, session, room) {
  const path = `/rooms/${seg(room.key)}/sanctions`;
  list(home, `Bans and mutes in ${room.name}`, async () => {
    const now = session.around.now();
    const told = await session.call("GET", path);
    return told.sanctions.map((/** @type {any} */ { kind, mask, by, reason, until }) => ({
      text: mask, about: [kind, by && `by ${by}`, reason, until && `until ${time.when(until, now)}`].filter(Boolean).join(" · "),
      button: "Lift", run: () => session.call("DELETE", `${path}/${kind}/${seg(mask)}`),
    }));
  }, "Nobody is banned or muted here.");
}

/** @param {Element} home @param {Session} session @param {Room} room */
export function audit(home, session, room) {
  list(home, `What was done in ${room.name}`, async () => {
    const now = session.around.now();
    const told = await session.call("GET", `/rooms/${seg(room.key)}/audit?limit=200`);
    return told.entries.reverse().map((/** @type {any} */ entry) => ({ text: entry.text, about: time.when(entry.time, now) }));
  });
}

/** @param {Element} home @param {Session} session */
export function keys(home, session) {
  list(home, "Where you are logged in", async () => {
    const now = session.around.now();
    const told = await session.call("GET", "/sessions");
    return told.keys.map((/** @type {any} */ { id, label, made, scopes, current }) => ({
      text: label, about: [current ? "this browser" : scopes.length < 4 && scopes.join(", "), `since ${time.when(made, now)}`].filter(Boolean).join(" · "),
      button: "Revoke", run: current ? undefined : () => session.call("DELETE", `/sessions/${seg(id)}`),
    }));
  });
}
