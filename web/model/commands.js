// What a line means that was written: words to say, or a command and what is to be asked for it. Never asks itself.

import { seg } from "./api.js";
import { minutes } from "./time.js";

/** @import { Command, Key } from "./types.js" */

/**
 * @typedef {{ say: string, action?: boolean, reply?: number } | { error: string } | { ui: string, args: string[] }
 *   | { ask: [method: string, path: string, body?: unknown], done?: string }} Plan
 * @typedef {{ room: Key | null, name: string, last: number }} Where
 */

/** Commands of this page that the server's table has not. */
const OWN = [
  ["query", "<user>", "open a conversation"],
  ["slow", "<seconds>", "between two messages of one person"],
  ["settings", "", "name, look, password"],
];

/** The table that is completed from: the server's, as far as this page has the command, and the page's own. @param {Command[]} served @returns {Command[]} */
export function table(served) {
  const known = served.filter(({ name }) => name in commands);
  const more = OWN.filter(([name]) => !known.some((one) => one.name === name));
  const own = more.map(([name = "", usage = "", help = ""]) => ({ name, usage, help }));
  return [...known, ...own].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const need = (/** @type {string} */ usage) => ({ error: `That is: ${usage}` });

/** First words, then the rest as one. @param {string} text @param {number} count @returns {string[]} */
function words(text, count) {
  const out = [];
  let rest = text.trim();
  while (out.length < count && rest) {
    const [word = ""] = rest.split(/\s/, 1);
    out.push(word);
    rest = rest.slice(word.length).trimStart();
  }
  return [...out, ...Array(count - out.length).fill(""), rest];
}

const bare = (/** @type {string} */ name) => name.replace(/^[@#]/, "").replace(/[:,]$/, "");
const ROLES = ["member", "voice", "moderator", "owner"];

/** A message's id, else the last one. @param {string} args @param {Where} where @returns {[number, string]} */
function which(args, where) {
  const [first = "", rest = ""] = words(args, 1);
  return /^\d+$/.test(first) ? [Number(first), rest] : [where.last, args.trim()];
}

/** @param {string} kind @param {string} args @param {string} room @param {boolean} lift @returns {Plan} */
function sanction(kind, args, room, lift) {
  const [user = "", second = "", rest = ""] = words(args, 2);
  if (!user) return need(`/${lift ? "un" : ""}${kind} <user>${lift ? "" : " [30m] [why]"}`);
  const path = `${room}/sanctions/${kind}/${seg(bare(user))}`;
  if (lift) return { ask: ["DELETE", path], done: `${bare(user)}: no ${kind} any more` };
  const time = minutes(second);
  const reason = time === undefined ? `${second} ${rest}`.trim() : rest;
  return { ask: ["PUT", path, { reason: reason || undefined, minutes: time }], done: `${bare(user)}: ${kind}` };
}

const ui = (/** @type {string} */ name, /** @type {string[]} */ ...args) => ({ ui: name, args });

/** @type {Record<string, (args: string, room: string, where: Where) => Plan>} */
const commands = {
  me: (args) => (args ? { say: args, action: true } : need("/me <action>")),
  join(args) {
    const [name = "", password = ""] = words(args, 1);
    return name ? ui("join", bare(name), password) : ui("browse");
  },
  leave: (args) => ui("leave", bare(args.trim())),
  create(args) {
    const [name = "", access = ""] = words(args, 1);
    return name ? ui("create", bare(name), access || "public") : ui("browse");
  },
  msg(args) {
    const [user = "", text = ""] = words(args, 1);
    return user && text ? ui("direct", bare(user), text) : need("/msg <user> <text>");
  },
  query: (args) => (args.trim() ? ui("direct", bare(args.trim()), "") : need("/query <user>")),
  topic: (args, room) => (args ? { ask: ["PATCH", room, { topic: args }] } : ui("topic")),
  nick: (args) => (args.trim() ? { ask: ["PATCH", "/me", { name: args.trim() }] } : need("/nick <name>")),
  away: (args) => ({ ask: ["PATCH", "/me", { away: args.trim() || "Away" }], done: "You are away" }),
  back: () => ({ ask: ["PATCH", "/me", { away: null }], done: "Welcome back" }),
  invite(args, room, where) {
    const [user = "", other = ""] = words(args, 1);
    if (!user) return need("/invite <user> [room]");
    const path = other ? `/rooms/${seg(`#${bare(other)}`)}` : room;
    return { ask: ["POST", `${path}/invites`, { user: bare(user) }], done: `${bare(user)} is asked into ${other ? bare(other) : where.name}` };
  },
  kick(args, room) {
    const [user = "", reason = ""] = words(args, 1);
    if (!user) return need("/kick <user> [why]");
    return { ask: ["DELETE", `${room}/members/${seg(bare(user))}${reason ? `?reason=${seg(reason)}` : ""}`] };
  },
  ban: (args, room) => sanction("ban", args, room, false),
  unban: (args, room) => sanction("ban", args, room, true),
  mute: (args, room) => sanction("mute", args, room, false),
  unmute: (args, room) => sanction("mute", args, room, true),
  role(args, room) {
    const [user = "", role = ""] = words(args, 1);
    if (!user || !ROLES.includes(role)) return need(`/role <user> ${ROLES.join("|")}`);
    return { ask: ["PUT", `${room}/members/${seg(bare(user))}`, { role }] };
  },
  bans: () => ui("sanctions"),
  audit: () => ui("audit"),
  purge: (args) => (args.trim() ? ui("purge", bare(args.trim())) : need("/purge <user>")),
  slow: (args, room) => (/^\d+$/.test(args.trim()) ? { ask: ["PATCH", room, { slow: Number(args) }] } : need("/slow <seconds>")),
  react(args, room, where) {
    const [seq, emoji] = which(args, where);
    return seq && emoji ? { ask: ["PUT", `${room}/messages/${seq}/reactions/${seg(emoji)}`] } : need("/react [id] <emoji>");
  },
  reply(args, _room, where) {
    const [seq, text] = which(args, where);
    return seq && text ? { say: text, reply: seq } : need("/reply [id] <text>");
  },
  edit(args, room) {
    const [seq = "", text = ""] = words(args, 1);
    if (!seq && !text) return ui("edit-last");
    return /^\d+$/.test(seq) && text ? { ask: ["PATCH", `${room}/messages/${seq}`, { text }] } : need("/edit <id> <text>");
  },
  delete(args, room) {
    const [seq = "", reason = ""] = words(args, 1);
    if (!/^\d+$/.test(seq)) return need("/delete <id>");
    return { ask: ["DELETE", `${room}/messages/${seq}${reason ? `?reason=${seg(reason)}` : ""}`] };
  },
  pin: (args, room, where) => ({ ask: ["PUT", `${room}/messages/${which(args, where)[0]}/pin`] }),
  unpin: (args, room, where) => ({ ask: ["DELETE", `${room}/messages/${which(args, where)[0]}/pin`] }),
  ignore: (args) => (args.trim() ? { ask: ["PUT", `/me/ignored/${seg(bare(args.trim()))}`] } : need("/ignore <user>")),
  unignore: (args) => (args.trim() ? { ask: ["DELETE", `/me/ignored/${seg(bare(args.trim()))}`] } : need("/unignore <user>")),
  whois: (args) => (args.trim() ? ui("person", bare(args.trim())) : need("/whois <user>")),
  search: (args) => ui("search", args.trim()),
  pins: () => ui("pins"),
  rooms: () => ui("browse"),
  users: () => ui("members"),
  who: () => ui("members"),
  names: () => ui("members"),
  history: () => ui("top"),
  help: () => ui("help"),
  settings: () => ui("settings"),
  register: () => ui("settings"),
  login: () => ui("logout"),
  quit: () => ui("logout"),
};

/** Commands that need an open room. */
const INDOORS = new Set("me topic kick ban unban bans audit mute unmute role purge slow react reply edit delete pin unpin pins".split(" "));

/** What a line means. @param {string} line @param {Where} where @param {Command[]} served @returns {Plan} */
export function plan(line, where, served) {
  if (line.startsWith("//")) return { say: line.slice(1) };
  const found = /^\/(\w+)(?:\s+([\s\S]*))?$/.exec(line);
  if (!line.startsWith("/")) return { say: line };
  const name = (found?.[1] ?? "").toLowerCase();
  const run = commands[name];
  if (!run || !Object.hasOwn(commands, name)) {
    if (served.some((one) => one.name === name)) return { error: `/${name} is for nc and the terminal; this page does not have it` };
    return { error: `There is no command /${name || "…"}. To say it as it stands, begin with //` };
  }
  if (INDOORS.has(name) && where.room === null) return { error: `/${name} needs a room: open one first` };
  return run(found?.[2]?.trim() ?? "", `/rooms/${seg(where.room ?? "")}`, where);
}
