// The page's own dialogs about rooms and oneself: finding and making rooms, what a room is set to, settings, help. Knows no messages.

import { seg } from "../model/api.js";
import { fitting } from "../model/complete.js";
import { HELP } from "../model/keys.js";
import * as store from "../model/store.js";
import { act, h } from "./dom.js";
import { dialog } from "./dialog.js";
import { icon } from "./icons.js";
import * as prefs from "./prefs.js";

/** @import { Session } from "../model/session.js" */
/** @import { Room } from "../model/types.js" */

let ids = 0;

/** A field under its name. @param {string} label @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} field @param {string} [hint] */
export function row(label, field, hint) {
  field.id ||= `field-${++ids}`;
  if (!(field instanceof HTMLInputElement && field.type === "checkbox")) field.classList.add("field");
  else return h("label", { class: "check" }, field, label);
  return h("div", { class: "row" }, h("label", { for: field.id }, label), field, hint && h("p", { class: "muted" }, hint));
}

/** A choice. @param {[string, string][]} options @param {string} value */
export function choice(options, value) {
  return h("select", null, options.map(([name, label]) => h("option", { value: name, selected: name === value }, label)));
}

/** A form that asks the server, says what went wrong, and closes when it is done. @param {string} button @param {(Node | null | false)[]} rows @param {() => Promise<unknown>} run @param {() => void} done @param {boolean} [danger] */
export function form(button, rows, run, done, danger = false) {
  const says = h("p", { class: "says wrong", role: "status" });
  const submit = h("button", { type: "submit", class: danger ? "main danger" : "main" }, button);
  const node = h("form", { class: "rows" }, ...rows, h("div", { class: "buttons" }, says, submit));
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    says.textContent = "";
    try {
      await run();
      done();
    } catch (error) {
      says.textContent = /** @type {Error} */ (error).message;
    } finally {
      submit.disabled = false;
    }
  });
  return node;
}

/** @type {[string, string][]} */
const ACCESS = [["public", "Everybody may come in"], ["hidden", "Who knows its name"], ["invite-only", "Who is asked in"], ["private", "Who is asked in; nobody else sees it"]];

/** @param {Element} home @param {Session} session */
export function browse(home, session) {
  const filter = h("input", { type: "search", placeholder: "Find a room, or name a new one", "aria-label": "Find a room, or name a new one", class: "field", dir: "auto", maxLength: 64 });
  const list = h("ul", { class: "found-rooms" });
  const access = choice(ACCESS, "public");
  dialog(home, "Rooms", (close) => {
    const go = (/** @type {Room} */ room) => {
      close();
      act(home, store.inside(room) ? "go" : "join", room.name);
    };
    const show = () => {
      const rooms = [...session.state.rooms.values()].filter((room) => !room.direct).sort((a, b) => (b.members ?? 0) - (a.members ?? 0));
      const found = fitting(filter.value.replace(/^#/, "").trim(), rooms, ({ name }) => name, 100);
      list.replaceChildren(...found.map((room) => h("li", null,
        h("button", { type: "button", class: "found-room", on: { click: () => go(room) } },
          icon(room.access === "public" ? "hash" : "lock"),
          h("span", { class: "what" }, h("bdi", { class: "name" }, room.name), h("span", { class: "muted", dir: "auto" }, room.topic || "")),
          h("span", { class: "muted count" }, icon("people"), room.members ?? 0), h("span", { class: "act" }, store.inside(room) ? "Open" : "Join")))));
    };
    filter.addEventListener("input", show);
    show();
    const make = form("Make a new room", [row("Who may come in", access)], async () => {
      const name = filter.value.replace(/^#/, "").trim();
      if (!name) throw new Error("Write its name above first");
      act(home, "go", (await session.create(name, access.value)).name);
    }, close);
    return [filter, list, make];
  }, "browse");
}

/** @param {Element} home @param {Session} session @param {Room} room */
export function aboutRoom(home, session, room) {
  const may = session.may(room, "moderator");
  const owns = session.may(room, "owner");
  const topic = h("textarea", { rows: 3, value: room.topic ?? "", dir: "auto", maxLength: 1000 });
  const name = h("input", { value: room.name, maxLength: 64, dir: "auto" });
  const access = choice(ACCESS, room.access ?? "public");
  const number = (/** @type {"slow" | "limit" | "keep" | "keep_days"} */ of, least = 1) => h("input", { type: "number", min: String(least), value: String(room[of] ?? (least ? "" : 0)) });
  const [slow, limit, keep, days] = [number("slow", 0), number("limit"), number("keep"), number("keep_days")];
  const moderated = h("input", { type: "checkbox", checked: !!room.moderated });
  const archived = h("input", { type: "checkbox", checked: !!room.archived });
  const password = h("input", { type: "password", autocomplete: "off", maxLength: 64 });
  dialog(home, `About ${room.name}`, (close) => {
    if (!may) return [h("p", { class: "wide-text", dir: "auto" }, room.topic || "No topic yet."), h("p", { class: "muted" }, `${room.members ?? 0} people · ${room.access ?? "public"}`)];
    const save = async () => {
      const or = (/** @type {HTMLInputElement} */ field) => (field.value ? Number(field.value) : null);
      const wanted = owns
        ? { topic: topic.value, name: name.value, access: access.value, slow: Number(slow.value), moderated: moderated.checked, archived: archived.checked, limit: or(limit), keep: or(keep), keep_days: or(days) }
        : { topic: topic.value };
      const had = { ...room, slow: room.slow ?? 0, moderated: !!room.moderated, archived: !!room.archived };
      /** @type {Record<string, unknown>} */
      const changed = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => value !== (/** @type {any} */ (had)[key] ?? null)));
      if (password.value) changed.password = password.value === "-" ? null : password.value;
      if (Object.keys(changed).length) store.setRoom(session.state, await session.call("PATCH", `/rooms/${seg(room.key)}`, changed));
      session.changed("rooms", "open");
    };
    const rows = !owns ? [] : [row("Name", name), row("Who may come in", access), row("Password", password, "Empty: as it is. A dash: none."), row("Seconds between two messages of one person", slow),
      row("People at most", limit, "Empty: as many as come."), row("Messages kept", keep, "Empty: all. Older ones are deleted for good."), row("Days they are kept", days, "Empty: for ever."), row("Only those with voice may speak", moderated), row("Archived: read only", archived)];
    return [form("Save", [row("Topic", topic), ...rows], save, close)];
  });
}

/** @param {Element} home @param {string} title @param {string} label @param {string} button @param {(value: string) => Promise<unknown>} run @param {{ value?: string, type?: string }} [props] */
export function ask(home, title, label, button, run, props = {}) {
  const field = h("input", { dir: "auto", maxLength: 300, ...props });
  dialog(home, title, (close) => [form(button, [row(label, field)], () => run(field.value), close)], "small");
}

/** @param {Element} home @param {Session} session */
export function settings(home, session) {
  const { state } = session;
  const { me } = state;
  if (!me) return;
  const theme = choice([["", "As the system has it"], ["light", "Light"], ["dark", "Dark"]], prefs.get("theme"));
  theme.addEventListener("change", () => prefs.setTheme(theme.value));
  const notify = h("input", { type: "checkbox", checked: prefs.get("notify") === "yes" });
  const refused = h("p", { class: "muted", role: "status" });
  notify.addEventListener("change", async () => {
    const may = notify.checked && "Notification" in window ? await Notification.requestPermission() : "denied";
    if (notify.checked && may !== "granted") {
      notify.checked = false;
      refused.textContent = "This browser does not allow it for this page.";
    }
    prefs.set("notify", notify.checked ? "yes" : "");
  });
  const name = h("input", { value: me.name, required: true, maxLength: 64, dir: "auto", autocomplete: "username" });
  const away = h("input", { value: state.away ?? "", placeholder: "Here", maxLength: 200, dir: "auto" });
  const profile = h("textarea", { value: state.profile, rows: 2, maxLength: 500, dir: "auto" });
  const password = h("input", { type: "password", required: true, autocomplete: "new-password", maxLength: 1024 });
  dialog(home, "You", (close) => [
    form("Save", [row("Name", name), row("Away", away), row("About you", profile)], async () => {
      const wanted = { name: name.value.trim(), away: away.value.trim() || null, profile: profile.value };
      const had = { name: me.name, away: state.away, profile: state.profile };
      const changed = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => value !== (/** @type {any} */ (had)[key])));
      if (!Object.keys(changed).length) return;
      store.setMe(state, await session.call("PATCH", "/me", changed));
      session.changed("me", "rooms", "people");
    }, close),
    h("h3", null, me.account ? "Password" : "Keep this name"),
    form(me.account ? "Change password" : "Keep this name", [
      row(me.account ? "New password" : "Password", password, me.account ? "" : "So that you are known again, and nobody else can take the name."),
    ], async () => {
      await session.call("PUT", "/me/password", { password: password.value });
      store.setMe(state, await session.call("GET", "/me"));
      session.changed("me", "rooms");
    }, close),
    h("h3", null, "This browser"),
    h("div", { class: "rows" }, row("Look", theme), row("Tell me when somebody means me", notify), refused),
    h("div", { class: "buttons" },
      h("button", { type: "button", on: { click: () => { close(); act(home, "help"); } } }, "Keys"),
      h("button", { type: "button", on: { click: () => { close(); act(home, "keys"); } } }, "Where you are logged in"),
      h("button", { type: "button", class: "danger", on: { click: () => { close(); act(home, "logout"); } } }, "Log out")),
  ]);
}

/** @param {Element} home */
export function help(home) {
  dialog(home, "Keys", () => [
    h("table", { class: "keys" }, h("tbody", null, HELP.map(([keys = "", what]) => h("tr", null, h("th", { scope: "row" }, h("kbd", null, keys)), h("td", null, what))))),
    h("p", { class: "muted" }, "Write / for commands, @ for people, # for rooms. **strong**, *emphasis*, ~~strike~~, `code`, and ``` around lines of code."),
  ]);
}
