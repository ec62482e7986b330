// What can be done with a person: talk, look, keep order where one may. Knows no messages.

import { seg } from "../model/api.js";
import * as time from "../model/time.js";
import { act, avatar, h } from "./dom.js";
import { confirm, dialog, menu } from "./dialog.js";
import { choice, form, row } from "./dialogs.js";
import { ROLES } from "./side.js";

/** @import { Session } from "../model/session.js" */
/** @import { Person, Room } from "../model/types.js" */

/** What keeps order, for menus about somebody. @param {Element} home @param {Session} session @param {Room} room @param {Person} person @returns {import("./dialog.js").Entry[]} */
export function orderly(home, session, room, person) {
  if (room.direct || person.id === session.state.me?.id || !session.may(room, "moderator")) return [];
  const { name } = person;
  const there = room.people?.has(person.id);
  return [
    session.may(room, "owner") && there && { label: "Give a role…", run: () => giveRole(home, session, room, person) },
    there && { label: "Put out…", danger: true, run: () => sanction(home, session, room, name, "kick") },
    { label: "Mute…", danger: true, run: () => sanction(home, session, room, name, "mute") },
    { label: "Ban…", danger: true, run: () => sanction(home, session, room, name, "ban") },
    { label: "Hide what they wrote…", danger: true, run: () => purge(home, session, room, name) },
  ];
}

/** @param {Element} home @param {Session} session @param {Person} person @param {Element} from */
export function personMenu(home, session, person, from) {
  const room = session.here();
  const self = person.id === session.state.me?.id;
  const ignored = session.state.ignored.has(person.id);
  menu(home, from, person.name, [
    !self && { label: "Message", icon: "at", run: () => act(home, "go", `@${person.name}`) },
    !self && { label: "Mention", icon: "reply", run: () => act(home, "mention", person.name) },
    { label: "About", icon: "people", run: () => act(home, "person", person.name) },
    !self && { label: ignored ? "Hear again" : "Ignore", icon: "mute", run: () => act(home, "ask", [ignored ? "DELETE" : "PUT", `/me/ignored/${seg(person.name)}`]) },
    ...(room ? orderly(home, session, room, person) : []),
  ]);
}

/** @param {Element} home @param {Session} session @param {string} name */
export async function about(home, session, name) {
  const person = await session.call("GET", `/users/${seg(name)}`);
  const now = session.around.now();
  const self = person.id === session.state.me?.id;
  const room = session.here();
  const seen = person.online ? (person.away ? `away: ${person.away}` : "here now") : person.last_seen ? `last here ${time.ago(person.last_seen, now)}` : "not here";
  const kind = [person.bot ? "bot" : person.account ? "keeps this name" : "guest", person.operator && "operator", room?.people?.get(person.id)?.role].filter(Boolean).join(" · ");
  dialog(home, person.name, (close) => [
    h("div", { class: "card" }, avatar(person, "large"), h("div", null, h("p", { dir: "auto" }, seen), h("p", { class: "muted" }, kind))),
    person.profile && h("p", { class: "wide-text", dir: "auto" }, person.profile),
    !self && h("div", { class: "buttons" },
      room && !room.direct && h("button", { type: "button", on: { click: () => { close(); act(home, "mention", person.name); } } }, "Mention"),
      h("button", { type: "button", class: "main", on: { click: () => { close(); act(home, "go", `@${person.name}`); } } }, "Message")),
  ], "small");
}

/** @param {Element} home @param {Session} session @param {Room} room @param {Person} person */
function giveRole(home, session, room, person) {
  const role = choice(ROLES.map((one) => [one, one]), room.people?.get(person.id)?.role ?? "member");
  dialog(home, `A role for ${person.name}`, (close) => [
    form("Give", [row("Role", role)], () => session.call("PUT", `/rooms/${seg(room.key)}/members/${seg(person.name)}`, { role: role.value }), close),
  ], "small");
}

/** @type {[string, string][]} */
const TIMES = [["10", "10 minutes"], ["60", "an hour"], ["1440", "a day"], ["10080", "a week"], ["", "until it is lifted"]];

/** @param {Element} home @param {Session} session @param {Room} room @param {string} name @param {"kick" | "mute" | "ban"} kind */
function sanction(home, session, room, name, kind) {
  const reason = h("input", { maxLength: 200, dir: "auto" });
  const lasts = choice(TIMES, "60");
  const path = `/rooms/${seg(room.key)}`;
  const title = { kick: `Put ${name} out`, mute: `Mute ${name}`, ban: `Ban ${name}` }[kind];
  dialog(home, title, (close) => [
    form(title, [kind !== "kick" && row("For", lasts), row("Why (others see it)", reason)], () => {
      const why = reason.value.trim();
      if (kind === "kick") return session.call("DELETE", `${path}/members/${seg(name)}${why ? `?reason=${seg(why)}` : ""}`);
      return session.call("PUT", `${path}/sanctions/${kind}/${seg(name)}`, { reason: why || undefined, minutes: Number(lasts.value) || undefined });
    }, close, true),
  ], "small");
}

/** Counts first, then asks, then hides; and can bring it back. @param {Element} home @param {Session} session @param {Room} room @param {string} name */
export function purge(home, session, room, name) {
  const since = choice([["60", "of the last hour"], ["1440", "of the last day"], ["", "all of it"]], "60");
  const path = `/rooms/${seg(room.key)}/purges`;
  dialog(home, `Hide what ${name} wrote`, (close) => [
    form("Count", [row("Messages", since)], async () => {
      const body = { user: name, minutes: Number(since.value) || undefined };
      const { count } = await session.call("POST", path, { ...body, count: true });
      close();
      if (!count) return act(home, "toast", `There is nothing of ${name}'s to hide`);
      confirm(home, "Hide them?", `${count} messages of ${name} in ${room.name} are hidden from everybody.`, `Hide ${count}`, async () => {
        try {
          const { id } = await session.call("POST", path, body);
          act(home, "toast", `Hidden: ${count}`, "Bring back", () => act(home, "ask", ["DELETE", `${path}/${seg(id)}`]));
        } catch (error) {
          act(home, "toast", /** @type {Error} */ (error).message);
        }
      });
    }, () => undefined, true),
  ], "small");
}
