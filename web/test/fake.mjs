// A stand-in for the server while the page is made: the API from memory, on loopback. To be deleted once the real one answers.

import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { seed } from "./seed.mjs";
import { served } from "./served.mjs";

const WEB = fileURLToPath(new URL("..", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json" };
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const COMMANDS = [["join", "/join <room>", "come into a room"], ["leave", "/leave [room]", "go out of a room"], ["me", "/me <action>", "do something"], ["msg", "/msg <user> <text>", "talk to one person"], ["topic", "/topic [text]", "see or set the topic"], ["nick", "/nick <name>", "take another name"], ["away", "/away [text]", "be away"], ["invite", "/invite <user>", "ask somebody in"], ["kick", "/kick <user> [why]", "put somebody out"], ["ban", "/ban <user>", "keep somebody out"], ["unban", "/unban <user>", "let somebody in again"], ["mute", "/mute <user>", "let somebody not speak"], ["role", "/role <user> <role>", "give a role"], ["search", "/search <words>", "look for words"], ["create", "/create <room>", "make a room"], ["react", "/react <id> <emoji>", "react to a message"], ["edit", "/edit <id> <text>", "change a message"], ["delete", "/delete <id>", "take a message back"], ["help", "/help", "what there is"], ["simulate", "/simulate crash", "for the curious"]].map(([name, usage, help]) => ({ name, usage, help }));

class Refusal extends Error {
  constructor(status, code, detail) {
    super(detail);
    Object.assign(this, { status, code });
  }
}
const refuse = (status, code, detail) => { throw new Refusal(status, code, detail); };

export function world(now = Date.now) {
  const w = { position: 1, users: [], rooms: [], keys: new Map(), log: [], streams: new Set(), ids: new Map(), base: 0 };
  const who = (user) => ({ id: user.id, name: user.name, ...(user.account && { account: user.account }), ...(user.operator && { operator: true }), ...(user.bot && { bot: true }) });
  w.user = (name, more = {}) => {
    const user = { id: w.users.length + 1, name, online: true, ignored: new Set(), seen: now(), ...more };
    w.users.push(user);
    return user;
  };
  w.room = (name, more = {}) => {
    const room = { id: w.rooms.length + 1, name, access: "public", topic: "", members: new Map(), messages: [], seq: 0, pins: new Set(), reads: new Map(), muted: new Set(), banned: new Set(), sanctions: [], ...more };
    w.rooms.push(room);
    return room;
  };
  const hears = (user, e) => {
    const room = w.rooms.find(({ id }) => id === (e.room ?? e.message?.room));
    if (e.only !== undefined) return e.only === user.id;
    return !room || room.members.has(user.id) || (e.event === "left" && e.user?.id === user.id) || e.event === "room_created" && room.access === "public";
  };
  const shown = (user, e) => {
    const { only, ...rest } = e;
    if (e.message) {
      const room = w.rooms.find(({ id }) => id === e.message.room);
      rest.message = told(room, e.message, user);
      if (room.direct) rest.with = who(other(room, user));
      else rest.name = room.name;
    }
    return { type: "event", ...rest };
  };
  w.tell = (e, same = false) => {
    const event = { position: same ? w.position : ++w.position, time: now(), ...e };
    w.log.push(event);
    for (const stream of w.streams) if (hears(stream.user, event)) stream.send(shown(stream.user, event));
    return event;
  };
  const other = (room, user) => w.users.find(({ id }) => room.members.has(id) && id !== user.id) ?? user;
  const told = (room, m, user) => ({
    room: room.id, seq: m.seq, position: m.position, time: m.time, author: who(m.author), kind: m.kind, text: m.redacted ? "" : m.text,
    ...(m.spans && !m.redacted && { spans: m.spans }), ...(m.reply && { reply: m.reply }), ...(m.edited && { edited: true }), ...(m.redacted && { redacted: true }), ...(m.mentions?.length && { mentions: m.mentions }),
    ...(m.reactions?.size && !m.redacted && { reactions: [...m.reactions].filter(([, set]) => set.size).map(([emoji, set]) => ({ emoji, count: set.size, ...(set.has(user.id) && { mine: true }) })) }),
    ...(m.author.id === user.id && m.client_id && { client_id: m.client_id }),
  });
  const facts = (room, user) => {
    const read = room.reads.get(user.id) ?? 0;
    const fresh = room.messages.filter((m) => m.seq > read && m.author.id !== user.id);
    const base = { id: room.id, topic: room.topic, members: room.members.size, unread: 0, mentions: 0, read, last: room.seq };
    if (room.members.has(user.id)) Object.assign(base, { unread: fresh.length, mentions: fresh.filter((m) => m.mentions?.some((id) => id === 0 || id === user.id)).length });
    if (room.direct) return { ...base, name: other(room, user).name, direct: true, with: who(other(room, user)) };
    return { ...base, name: room.name, access: room.access, role: room.members.get(user.id), ...(room.muted.has(user.id) && { muted: true }), ...(room.archived && { archived: true }), ...(room.slow && { slow: room.slow }) };
  };
  w.say = (room, author, text, more = {}) => {
    const mentions = w.users.filter(({ name }) => text.toLowerCase().includes(`@${name.toLowerCase()}`)).map(({ id }) => id);
    if (/@all\b/.test(text)) mentions.push(0);
    const m = { seq: ++room.seq, position: w.position + 1, time: now(), author, text, kind: "said", mentions, reactions: new Map(), ...more };
    m.room = room.id;
    const found = spans(text);
    if (found) m.spans = found;
    room.messages.push(m);
    if (!more.silent) w.tell({ event: "message", message: m });
    return m;
  };
  w.facts = facts;

  // The API.
  const roomOf = (user, name) => {
    const low = decodeURIComponent(name).toLowerCase();
    if (low.startsWith("@")) {
      const them = w.users.find((one) => one.name.toLowerCase() === low.slice(1)) ?? refuse(404, "no-such-user", `There is nobody called ${low.slice(1)}`);
      return w.rooms.find((room) => room.direct && room.members.has(user.id) && room.members.has(them.id) && (them !== user || room.members.size === 1))
        ?? w.room("", { direct: true, access: undefined, members: new Map([[user.id, "member"], [them.id, "member"]]) });
    }
    const room = w.rooms.find((one) => !one.gone && (String(one.id) === low || (!one.direct && one.name.toLowerCase() === low.replace(/^#/, ""))));
    if (!room || ((room.direct || room.access !== "public") && !room.members.has(user.id) && !room.asked?.has(user.id))) refuse(404, "no-such-room", "There is no such room, or it is not for you");
    return room;
  };
  const userOf = (name) => w.users.find((one) => one.name.toLowerCase() === decodeURIComponent(name).toLowerCase()) ?? refuse(404, "no-such-user", `There is nobody called ${decodeURIComponent(name)}`);
  const messageOf = (room, seq) => room.messages.find((m) => m.seq === Number(seq)) ?? refuse(404, "no-such-message", "There is no such message");
  const keeps = (room, user) => ["moderator", "owner"].includes(room.members.get(user.id)) || user.operator || refuse(403, "not-allowed", "Only a moderator may do that");
  const goodName = (name) => (/^[^\s@#:,/<>"'&][^\s@#:,/<>"'&]{0,31}$/u.test(name ?? "") ? name : refuse(400, "bad-request", "A name has 1 to 32 letters, digits and the like, and no space"));
  const me = (user) => ({ user: who(user), profile: user.profile ?? "", ...(user.away && { away: user.away }), position: w.position });

  w.enter = ({ name, password, register }) => {
    goodName(name);
    let user = w.users.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (password && !register) {
      if (!user?.account || user.password !== password) refuse(403, "wrong-password", "That is not the name and password of anybody");
    } else if (user) refuse(409, "name-in-use", "Somebody has that name already.");
    user ??= w.user(name, register ? { account: name, password } : {});
    const key = randomUUID();
    w.keys.set(key, { id: w.keys.size + 1, user });
    w.joinAll?.(user);
    return { key, id: w.keys.get(key).id, user: who(user) };
  };
  w.ask = (user, method, path, body = {}, idempotency = undefined) => {
    const [bare, query = ""] = path.split("?");
    const q = new URLSearchParams(query);
    const [, a, b, c, d, e, f] = bare.split("/");
    const on = method === "PUT";
    if (a === "me" && !b) {
      if (method === "PATCH") {
        if (body.name && body.name !== user.name) {
          if (w.users.some((one) => one !== user && one.name.toLowerCase() === goodName(body.name).toLowerCase())) refuse(409, "name-in-use", "Somebody has that name already.");
          const from = user.name;
          user.name = body.name;
          w.tell({ event: "renamed", user: who(user), from });
        }
        if (body.away !== undefined) {
          user.away = body.away || undefined;
          w.tell({ event: "away", user: who(user), text: user.away ?? null });
        }
        if (body.profile !== undefined) user.profile = body.profile;
      }
      return me(user);
    }
    if (a === "me" && b === "password") {
      Object.assign(user, { account: user.name, password: body.password });
      w.tell({ event: "account", user: who(user) });
      return;
    }
    if (a === "me" && b === "ignored") {
      if (!c) return { ignored: w.users.filter(({ id }) => user.ignored.has(id)).map(who) };
      const them = userOf(c);
      user.ignored[on ? "add" : "delete"](them.id);
      w.tell({ event: "ignored", user: who(them), on, only: user.id });
      return;
    }
    if (a === "users" && !b) return { users: w.users.filter((one) => one.online).map((one) => ({ ...who(one), online: true, ...(one.away && { away: one.away }) })) };
    if (a === "users") {
      const them = userOf(b);
      return { ...who(them), online: them.online, profile: them.profile ?? "", ...(them.away && { away: them.away }), last_seen: them.seen, last_active: them.seen };
    }
    if (a === "commands") return { commands: COMMANDS };
    if (a === "search") {
      const word = (q.get("q") ?? "").toLowerCase();
      const rooms = w.rooms.filter((room) => room.members.has(user.id) && (!q.get("room") || String(room.id) === q.get("room")));
      const hits = rooms.flatMap((room) => room.messages.filter((m) => !m.redacted && m.text.toLowerCase().includes(word)).map((m) => {
        const at = m.text.toLowerCase().indexOf(word);
        return { message: told(room, m, user), name: room.direct ? other(room, user).name : room.name, marks: [[at, at + word.length]] };
      })).sort((x, y) => y.message.time - x.message.time);
      return { hits: hits.slice(0, 50), ...(hits.length > 50 && { more: true }) };
    }
    if (a !== "rooms") refuse(404, "nothing-here", "There is nothing here");
    if (!b && method === "GET") return { rooms: w.rooms.filter((room) => !room.gone && (room.members.has(user.id) || room.access === "public")).map((room) => facts(room, user)) };
    if (!b) {
      if (w.rooms.some((room) => !room.direct && room.name.toLowerCase() === goodName(body.name).toLowerCase())) refuse(409, "name-in-use", "There is a room of that name already");
      const room = w.room(body.name, { access: body.access ?? "public", members: new Map([[user.id, "owner"]]) });
      w.tell({ event: "room_created", room: room.id, name: room.name, access: room.access, by: who(user) });
      w.tell({ event: "joined", room: room.id, name: room.name, user: who(user), role: "owner" }, true);
      return facts(room, user);
    }
    const room = roomOf(user, b);
    const inside = room.members.has(user.id);
    if (!c && method === "PATCH") {
      keeps(room, user);
      for (const [setting, value] of Object.entries(body)) {
        room[setting] = value;
        w.tell({ event: "room_set", room: room.id, setting, value, by: who(user) });
      }
    }
    if (!c && method === "DELETE") {
      w.tell({ event: "room_deleted", room: room.id, by: who(user) });
      room.gone = true;
      return;
    }
    if (!c) return facts(room, user);
    if (c === "membership" && on) {
      if (room.banned.has(user.name)) refuse(403, "not-allowed", "You are banned here");
      if (!inside) {
        room.members.set(user.id, "member");
        room.reads.set(user.id, room.seq);
        w.tell({ event: "joined", room: room.id, name: room.name, user: who(user), role: "member" });
      }
      return facts(room, user);
    }
    if (c === "membership") {
      w.tell({ event: "left", room: room.id, user: who(user) });
      room.members.delete(user.id);
      return;
    }
    if (c === "members" && !d) {
      const all = [...room.members].map(([id, role]) => ({ ...who(w.users[id - 1]), online: w.users[id - 1].online, role, ...(w.users[id - 1].away && { away: w.users[id - 1].away }) }));
      return { members: all, total: all.length };
    }
    if (c === "members") {
      keeps(room, user);
      const them = userOf(d);
      if (on) {
        room.members.set(them.id, body.role);
        w.tell({ event: "role_set", room: room.id, user: who(them), role: body.role, by: who(user) });
      } else {
        w.tell({ event: "left", room: room.id, user: who(them), by: who(user), reason: q.get("reason") ?? undefined });
        room.members.delete(them.id);
      }
      return;
    }
    if (!inside && method !== "GET") refuse(403, "not-allowed", "Come in first");
    if (c === "invites") {
      const them = userOf(body.user);
      room.asked ??= new Set();
      room.asked.add(them.id);
      w.tell({ event: "invited", room: room.id, name: room.name, user: who(them), by: who(user) });
      return;
    }
    if (c === "messages" && !d && method === "GET") {
      const limit = Math.min(100, Number(q.get("limit") ?? 50));
      const all = room.messages.filter((m) => !m.hidden);
      let list = all.slice(-limit);
      if (q.has("before")) list = all.filter((m) => m.seq < Number(q.get("before"))).slice(-limit);
      if (q.has("after")) list = all.filter((m) => m.seq > Number(q.get("after"))).slice(0, limit);
      if (q.has("around")) {
        const at = all.findIndex((m) => m.seq >= Number(q.get("around")));
        list = all.slice(Math.max(0, at - limit / 2), at + limit / 2);
      }
      return { messages: list.map((m) => told(room, m, user)), first: list[0]?.seq, last: list.at(-1)?.seq };
    }
    if (c === "messages" && !d) {
      const known = idempotency && w.ids.get(user.id + idempotency);
      if (known) return told(room, known, user);
      if (room.muted.has(user.name)) refuse(403, "not-allowed", "You are muted here");
      if (!body.text?.trim()) refuse(400, "bad-request", "There is nothing in it");
      if (body.text.includes("refuse me")) refuse(403, "not-allowed", "The room does not want that");
      const m = w.say(room, user, body.text, { kind: body.kind ?? "said", reply: body.reply, client_id: idempotency });
      if (idempotency) w.ids.set(user.id + idempotency, m);
      return told(room, m, user);
    }
    if (c === "messages") {
      const m = messageOf(room, d);
      if (e === "reactions") {
        const emoji = decodeURIComponent(f);
        const set = m.reactions.get(emoji) ?? new Set();
        m.reactions.set(emoji, set);
        if (set.has(user.id) !== on) {
          set[on ? "add" : "delete"](user.id);
          w.tell({ event: "reacted", room: room.id, seq: m.seq, user: who(user), emoji, on });
        }
        return;
      }
      if (e === "pin") {
        room.pins[on ? "add" : "delete"](m.seq);
        w.tell({ event: "pinned", room: room.id, seq: m.seq, by: who(user), on });
        return;
      }
      if (method === "PATCH") {
        if (m.author !== user) refuse(403, "not-allowed", "It is not yours");
        Object.assign(m, { text: body.text, spans: spans(body.text) ?? undefined, edited: true });
        w.tell({ event: "edited", room: room.id, seq: m.seq, user: who(user), text: m.text, spans: m.spans });
      }
      if (method === "DELETE") {
        if (m.author !== user) keeps(room, user);
        m.redacted = true;
        w.tell({ event: "redacted", room: room.id, seq: m.seq, by: who(user) });
        return;
      }
      return told(room, m, user);
    }
    if (c === "pins") return { messages: room.messages.filter((m) => room.pins.has(m.seq)).map((m) => told(room, m, user)) };
    if (c === "read") {
      room.reads.set(user.id, Math.max(room.reads.get(user.id) ?? 0, body.seq));
      w.tell({ event: "read", room: room.id, seq: body.seq, only: user.id });
      return;
    }
    if (c === "typing") {
      for (const stream of w.streams) if (stream.user !== user && room.members.has(stream.user.id)) stream.send({ type: "typing", room: room.id, user: who(user), state: body.state });
      return;
    }
    if (c === "sanctions") {
      keeps(room, user);
      const set = { ban: room.banned, mute: room.muted }[d];
      const mask = decodeURIComponent(e ?? "");
      set?.[on ? "add" : "delete"](mask);
      w.tell({ event: "sanctioned", room: room.id, kind: d, mask, by: who(user), ...(!on && { lifted: true }) });
      return;
    }
    if (c === "purges") {
      keeps(room, user);
      const list = room.messages.filter((m) => m.author.name === body.user && !m.hidden);
      if (body.count) return { count: list.length };
      if (method === "DELETE") for (const m of room.messages) m.hidden = false;
      else for (const m of list) m.hidden = true;
      w.tell({ event: method === "DELETE" ? "purge_undone" : "purged", room: room.id, purge: 1, by: who(user) });
      return { id: 1, count: list.length };
    }
    refuse(404, "nothing-here", "There is nothing here");
  };

  /** What one may see after a position, then what happens. */
  w.listen = (user, after, send) => {
    const stream = { user, send };
    const resumed = after !== undefined && after >= w.base;
    send({ type: "hello", user: who(user), position: w.position, resumed, server: "fake" });
    if (resumed) for (const e of w.log) if (e.position > after && hears(user, e)) send(shown(user, e));
    w.streams.add(stream);
    return stream;
  };
  return w;
}

/** A small reading of what the server reads for real. */
function spans(text) {
  const rules = [
    [/```(?:\w*\n)?([\s\S]+?)```/, (m) => ({ code: m[1].includes("\n") ? m[1] : `${m[1]}\n` })], [/`([^`\n]+)`/, (m) => ({ code: m[1] })],
    [/\b(?:https?:\/\/|javascript:|mailto:)[^\s<>"]+[^\s<>".,)]/, (m) => ({ link: m[0], shown: [m[0]] })], [/\*\*([^*\n]+)\*\*/, (m) => ({ strong: read(m[1]) })],
    [/~~([^~\n]+)~~/, (m) => ({ strike: read(m[1]) })], [/\*([^*\n]+)\*/, (m) => ({ emphasis: read(m[1]) })], [/(?:^|\n)> ([^\n]+)\n?/, (m) => ({ quote: read(m[1]) })],
    [/@([\p{L}\p{N}_-]+)/u, (m) => ({ mention: m[1] })], [/#([\p{L}_][\p{L}\p{N}_-]*)/u, (m) => ({ room: m[1] })],
  ];
  function read(rest) {
    const out = [];
    for (;;) {
      const found = rules.map(([rule, make]) => ({ m: rule.exec(rest), make })).filter(({ m }) => m).sort((a, b) => a.m.index - b.m.index)[0];
      if (!found) break;
      if (found.m.index) out.push(rest.slice(0, found.m.index));
      out.push(found.make(found.m));
      rest = rest.slice(found.m.index + found.m[0].length);
    }
    return rest ? [...out, rest] : out;
  }
  const all = read(text);
  return all.length === 1 && typeof all[0] === "string" ? null : all;
}

/** Writes one WebSocket frame of text. */
function frame(text) {
  const body = Buffer.from(text);
  const n = body.length;
  const head = n < 126 ? Buffer.from([0x81, n]) : n < 65536 ? Buffer.from([0x81, 126, n >> 8, n & 255]) : Buffer.alloc(10);
  if (n >= 65536) {
    head.set([0x81, 127]);
    head.writeBigUInt64BE(BigInt(n), 2);
  }
  return Buffer.concat([head, body]);
}

export async function serve({ port = 0, start = seed } = {}) {
  const w = world();
  start(w);
  const sockets = new Set();
  const userOf = (request) => w.keys.get(/(?:^|;\s*)chatroom=([^;]+)/.exec(request.headers.cookie ?? "")?.[1])?.user;
  const server = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url, "http://localhost");
    const headers = { "content-security-policy": POLICY, "x-content-type-options": "nosniff", "cache-control": "no-store" };
    const json = (status, value, more = {}) => {
      response.writeHead(status, { ...headers, "content-type": "application/json", ...more });
      response.end(value === undefined ? undefined : JSON.stringify(value));
    };
    if (!pathname.startsWith("/api/v1/")) {
      const path = pathname === "/" ? "index.html" : normalize(pathname.replace(/^\/assets\/[^/]+\//, ""));
      try {
        if (path.startsWith("..") || path.startsWith("test")) throw new Error("no");
        let body = /\.(js|css)$/.test(path) ? await served(join(WEB, path)) : await readFile(join(WEB, path));
        if (path === "index.html") body = String(body).replaceAll("BUILD", "abc123");
        response.writeHead(200, { ...headers, "content-type": TYPES[extname(path)] ?? "text/plain" });
        return response.end(body);
      } catch {
        return json(404, { code: "nothing-here", detail: "There is nothing here" });
      }
    }
    let text = "";
    for await (const chunk of request) text += chunk;
    try {
      const body = text ? JSON.parse(text) : {};
      const path = pathname.slice("/api/v1".length);
      if (path === "/sessions" && request.method === "POST") {
        const made = w.enter(body);
        return json(201, { id: made.id, user: made.user }, { "set-cookie": `chatroom=${made.key}; HttpOnly; SameSite=Strict; Path=/` });
      }
      const user = userOf(request) ?? refuse(401, "unauthenticated", "Log in first");
      if (path === "/sessions") return json(200, { keys: [{ id: 7, current: true }] });
      if (path.startsWith("/sessions/")) {
        for (const [key, one] of w.keys) if (one.user === user) w.keys.delete(key);
        return json(204, undefined);
      }
      const answer = w.ask(user, request.method, path + search, body, request.headers["idempotency-key"]);
      json(answer === undefined ? 204 : request.method === "POST" ? 201 : 200, answer);
    } catch (error) {
      if (!(error instanceof Refusal)) console.error(error);
      json(error.status ?? 500, { title: "No", status: error.status ?? 500, code: error.code ?? "fault", detail: error.message });
    }
  });
  server.on("upgrade", (request, socket) => {
    const user = userOf(request);
    if (!user || w.down) return socket.destroy();
    const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    sockets.add(socket);
    const after = new URL(request.url, "http://localhost").searchParams.get("after");
    const stream = w.listen(user, after === null ? undefined : Number(after), (said) => socket.write(frame(JSON.stringify(said))));
    socket.on("data", (data) => {
      if ((data[0] & 15) === 8) return socket.end(Buffer.from([0x88, 0]));
      stream.send({ type: "answer", id: 1, status: 200, body: {} });
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      w.streams.delete(stream);
    });
  });
  await new Promise((ready) => server.listen(port, "127.0.0.1", ready));
  return {
    world: w, base: `http://127.0.0.1:${server.address().port}`,
    cut: () => { for (const socket of sockets) socket.destroy(); },
    stop: () => new Promise((done) => { for (const socket of sockets) socket.destroy(); server.close(done); server.closeAllConnections(); }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await serve({ port: Number(process.argv[2] ?? 9090) })).base);
