// What the page does when one of its parts asks: opens, says, changes, keeps order. Knows what each wish means, not who had it.

import { seg } from "../model/api.js";
import { plan } from "../model/commands.js";
import { hash } from "../model/text.js";
import * as store from "../model/store.js";
import * as timeline from "../model/timeline.js";
import { confirm, menu, picker } from "./dialog.js";
import * as dialogs from "./dialogs.js";
import { narrow } from "./dom.js";
import * as lists from "./lists.js";
import * as people from "./people.js";
import * as prefs from "./prefs.js";
import { switcher } from "./switcher.js";

/** @import { Key, Message, Person, Room, Waiting } from "../model/types.js" */
/** @import { Shell } from "./shell.js" */

/** Does it, and says what went wrong. @param {Shell} shell @param {string} what @param {any[]} args */
export async function perform(shell, what, args) {
  try {
    await actions[what]?.(shell, ...args);
  } catch (error) {
    shell.toast(/** @type {Error} */ (error).message);
  }
}

/** @param {Shell} shell @returns {Room} */
function here(shell) {
  const room = shell.session.here();
  if (!room) throw new Error("Open a room first");
  return room;
}

/** @param {Shell} shell @param {Key} key @param {number} [at] */
async function open(shell, key, at) {
  const { session } = shell;
  const room = session.state.rooms.get(key);
  if (!room) return;
  const already = session.state.open === key;
  if (typeof key === "number") prefs.set("room", String(key));
  prefs.set("last", store.inside(room) && !room.direct ? `#${room.name}` : "");
  const address = hash(room);
  if (location.hash !== address) history[already ? "replaceState" : "pushState"](null, "", address);
  shell.pane("room");
  const { activeElement } = document;
  if (narrow() && activeElement instanceof HTMLElement) activeElement.blur();
  // Who has just come gets it below: now it would lay out a page that is still empty.
  if (!narrow() && activeElement !== document.body) shell.composer.field.focus();
  await session.open(key);
  if (!narrow() && document.activeElement === document.body) shell.composer.field.focus();
  if (at !== undefined) await shell.log.go(at);
}

/** @param {Shell} shell @param {"pins" | "search" | "members"} mode @param {string} [query] @param {boolean} [everywhere] */
function aside(shell, mode, query, everywhere) {
  shell.sideOpen(true);
  shell.pane("side");
  shell.side.show(mode, query, everywhere);
}

/** @param {Shell} shell @param {string} name @param {boolean} [toggle] */
function showMembers(shell, name, toggle = false) {
  const shown = !shell.side.hidden && shell.side.mode === name && (!narrow() || shell.dataset.pane === "side");
  if (shown && toggle) return actions["close-side"]?.(shell);
  prefs.set("side", "");
  aside(shell, /** @type {"members"} */ (name));
}

/** @param {Shell} shell @param {Message} message */
const pathOf = (shell, message) => `/rooms/${seg(message.room ?? here(shell).key)}/messages/${message.seq}`;

/** @type {Record<string, (shell: Shell, ...args: any[]) => any>} */
const actions = {
  open,
  toast: (shell, text, button, run) => shell.toast(text, button, run),
  ask: (shell, asked) => shell.session.call(.../** @type {[string, string, unknown]} */ (asked)),

  async go(shell, name, at, first = false) {
    const { session } = shell;
    const room = await session.named(name);
    if (first) {
      for (const [key, seq] of JSON.parse(prefs.brief.getItem("chatroom.line") ?? "[]")) session.state.line.set(key, seq);
    }
    await open(shell, room.key, at);
  },
  async jump(shell, seq, key) {
    if (key !== undefined && key !== shell.session.state.open) await actions.open?.(shell, key);
    if (narrow()) shell.pane("room");
    await shell.log.go(seq);
  },
  "rooms-pane": (shell) => {
    shell.pane("rooms");
    history.pushState(null, "", "#");
  },
  members: (shell) => showMembers(shell, "members", true),
  pins: (shell) => showMembers(shell, "pins", true),
  search: (shell, from) => aside(shell, "search", typeof from === "string" ? from : ""),
  "search-all": (shell) => aside(shell, "search", "", true),
  "close-side": (shell) => {
    if (shell.side.mode !== "members" && matchMedia("(min-width: 1100px)").matches && prefs.get("side") !== "no") shell.side.show("members");
    else {
      if (shell.side.mode === "members" && !narrow()) prefs.set("side", "no");
      shell.sideOpen(false);
    }
    if (narrow()) shell.pane("room");
    else shell.composer.field.focus();
  },

  switch: (shell) => switcher(shell, shell.session),
  browse: (shell) => dialogs.browse(shell, shell.session),
  settings: (shell) => dialogs.settings(shell, shell.session),
  help: (shell) => dialogs.help(shell),
  sanctions: (shell) => lists.sanctions(shell, shell.session, here(shell)),
  audit: (shell) => lists.audit(shell, shell.session, here(shell)),
  keys: (shell) => lists.keys(shell, shell.session),
  // The list of rooms tells less of each.
  "about-room": async (shell) => dialogs.aboutRoom(shell, shell.session, await shell.session.room(here(shell).key)),
  logout(shell) {
    const { me } = shell.session.state;
    if (me?.account) return shell.session.logout();
    confirm(shell, "Log out?", `You are a guest: nobody keeps the name ${me?.name} for you. To come back as the same person, keep the name first.`, "Log out", () =>
      void shell.session.logout().catch((error) => shell.toast(error.message)));
  },

  async join(shell, name, password) {
    const { session } = shell;
    const room = await session.named(name).catch((error) => {
      // A room that is hidden is asked for by its name alone.
      if (!password) throw error;
      return /** @type {Room} */ ({ key: `#${name}`, name });
    });
    try {
      const before = session.state.open;
      const joined = store.inside(room) ? room : await session.join(room, password || undefined);
      // Who went elsewhere meanwhile stays there.
      if (session.state.open === before) await open(shell, joined.key);
    } catch (error) {
      const { code, detail } = /** @type {import("../model/types.js").Problem} */ (error);
      if (!/password/i.test(`${code} ${detail}`)) throw error;
      dialogs.ask(shell, `Join ${name}`, "Password of the room", "Join", async (value) => open(shell, (await session.join(room, value)).key), { type: "password" });
    }
  },
  leave: async (shell, name) => shell.session.leave(name ? await shell.session.named(name) : here(shell)),
  async create(shell, name, access) {
    await open(shell, (await shell.session.create(name, access)).key);
  },
  async direct(shell, name, text) {
    const room = await shell.session.named(`@${name}`);
    if (text) shell.session.say(room.key, text);
    await open(shell, room.key);
  },

  "room-menu"(shell, from) {
    const { session } = shell;
    const room = here(shell);
    const quiet = prefs.isQuiet(room.key);
    menu(shell, from, `About ${room.name}`, [
      { label: session.may(room, "moderator") ? "Topic and settings…" : "About this room", icon: "gear", run: () => void perform(shell, "about-room", []) },
      store.inside(room) && { label: "Ask somebody in…", icon: "people", run: () => dialogs.ask(shell, "Ask somebody in", "Name", "Ask", (name) => session.call("POST", `/rooms/${seg(room.key)}/invites`, { user: name.trim() })) },
      session.may(room, "moderator") && { label: "Bans and mutes…", run: () => perform(shell, "sanctions", []) },
      session.may(room, "moderator") && { label: "What was done here…", run: () => perform(shell, "audit", []) },
      { label: quiet ? "Tell me of messages" : "Be quiet about messages", icon: quiet ? "bell" : "mute", run: () => { prefs.toggleQuiet(room.key); session.changed("rooms"); } },
      store.inside(room) && { label: "Leave", icon: "back", run: () => perform(shell, "leave", []) },
      session.may(room, "owner") && { label: "End this room…", danger: true, run: () =>
        confirm(shell, `End ${room.name}?`, "The room and all that was said in it are gone for everybody.", "End it", () => void perform(shell, "ask", [["DELETE", `/rooms/${seg(room.key)}`]])) },
    ]);
  },

  // People.

  person: (shell, name) => people.about(shell, shell.session, name),
  "person-menu"(shell, name, from) {
    const person = [...shell.session.state.people.values()].find((one) => one.name === name);
    if (person) people.personMenu(shell, shell.session, person, from);
  },
  mention(shell, name) {
    if (narrow()) shell.pane("room");
    shell.composer.insert(shell.composer.field.value ? `@${name} ` : `${name}: `);
  },
  purge: (shell, name) => people.purge(shell, shell.session, here(shell), name),

  // Messages.

  reply: (shell, message) => shell.composer.reply(message),
  edit(shell, message) {
    if (message.author.id === shell.session.state.me?.id && message.kind === "said") shell.composer.edit(message);
  },
  react: (shell, message, emoji) => shell.session.react(here(shell), message, emoji),
  pick: (shell, message, from) => picker(shell, from, (emoji) => void perform(shell, "react", [message, emoji])),
  emoji: (shell, from) => picker(shell, from, (emoji) => shell.composer.insert(emoji)),
  delete(shell, message) {
    const { session } = shell;
    if (message.author.id !== session.state.me?.id && !session.may(here(shell), "moderator")) return;
    confirm(shell, "Take it back?", message.text.slice(0, 300), "Take back", () => void perform(shell, "ask", [["DELETE", pathOf(shell, message)]]));
  },
  async menu(shell, message, from, x, y) {
    const { session } = shell;
    const room = here(shell);
    const own = message.author.id === session.state.me?.id;
    const may = store.inside(room) && (session.may(room, "moderator") || !!room.direct);
    const pinned = room.pins?.has(message.seq);
    const copy = (/** @type {string} */ text) => navigator.clipboard?.writeText(text).then(() => shell.toast("Copied"), () => shell.toast("The browser did not let it be copied"));
    menu(shell, from, "Message", [
      store.inside(room) && { label: "React…", icon: "smile", run: () => void perform(shell, "pick", [message, from.isConnected ? from : shell.log]) },
      store.inside(room) && { label: "Reply", icon: "reply", run: () => shell.composer.reply(message) },
      own && message.kind === "said" && { label: "Edit", icon: "edit", run: () => shell.composer.edit(message) },
      may && { label: pinned ? "Unpin" : "Pin", icon: "pin", run: () => void perform(shell, "pin", [message, !pinned]) },
      !!navigator.clipboard && { label: "Copy text", run: () => void copy(message.text) },
      !!navigator.clipboard && { label: "Copy link", run: () => void copy(new URL(hash(room, message.seq), location.href).href) },
      (own || session.may(room, "moderator")) && { label: "Take back…", danger: true, run: () => void perform(shell, "delete", [message]) },
      ...people.orderly(shell, session, room, /** @type {Person} */ (message.author)),
    ], x === undefined ? undefined : { x, y });
  },
  async pin(shell, message, on) {
    await shell.session.call(on ? "PUT" : "DELETE", `${pathOf(shell, message)}/pin`);
    const room = here(shell);
    room.pins ??= new Set();
    if (on) room.pins.add(message.seq);
    else room.pins.delete(message.seq);
    shell.toast(on ? "Pinned" : "Unpinned", on ? "Show pins" : undefined, () => showMembers(shell, "pins"));
  },
  resend: (shell, /** @type {Waiting} */ entry) => shell.session.outbox?.retry(entry.id),
  unsend: (shell, /** @type {Waiting} */ entry) => shell.session.outbox?.cancel(entry.id),
  reword(shell, /** @type {Waiting} */ entry) {
    shell.session.outbox?.cancel(entry.id);
    shell.composer.write(entry.kind === "action" ? `/me ${entry.text}` : entry.text);
    shell.composer.changed();
    shell.composer.field.focus();
  },

  // What was written.

  async submit(shell, { text, editing, replying }) {
    const { session } = shell;
    const room = here(shell);
    if (editing) {
      try {
        if (text !== editing.text) await session.call("PATCH", pathOf(shell, editing), { text });
      } catch (error) {
        shell.composer.edit(editing);
        shell.composer.write(text);
        throw error;
      }
      return;
    }
    const made = plan(text, { room: room.key, name: room.name, last: timeline.last(room.timeline) }, session.served);
    if ("say" in made) {
      session.say(room.key, made.say, { reply: made.reply ?? replying?.seq, kind: made.action ? "action" : undefined });
      session.state.line.delete(room.key);
      session.typing("done");
      shell.log.toPresent();
    } else if ("error" in made) {
      shell.composer.write(text);
      shell.toast(made.error);
    } else if ("ui" in made) {
      await actions[made.ui]?.(shell, ...made.args);
    } else {
      await session.call(...made.ask);
      if (made.done) shell.toast(made.done);
    }
  },
  topic: (shell) => actions["about-room"]?.(shell),
  "edit-last"(shell) {
    const message = shell.session.ownLast();
    if (message) shell.composer.edit(message);
  },
  top: (shell) => shell.log.scroller.scrollTo({ top: 0 }),
};
