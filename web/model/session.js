// One person's time here: what is known, the stream that keeps it true, and all that can be done. Never knows an element.

import { problem, seg } from "./api.js";
import { History } from "./history.js";
import { Outbox } from "./outbox.js";
import * as store from "./store.js";
import { Sync } from "./sync.js";
import { clock } from "./time.js";
import * as timeline from "./timeline.js";

/** @import { Call, Change, Command, Happening, Key, Message, Person, Room, RoomFacts, Waiting } from "./types.js" */

/**
 * @typedef {object} Around
 * @property {Call} call
 * @property {(after: number) => import("./sync.js").Socket} open
 * @property {import("./sync.js").Timers} timers
 * @property {(run: () => void) => () => void} frame runs it before the page is next drawn, or soon where it is not; gives back what calls it off
 * @property {() => number} now
 * @property {() => number} random
 * @property {() => string} id a fresh UUID
 * @property {import("./outbox.js").Around["kept"]} kept
 * @property {(code: string) => void} onGone nobody is logged in any more
 */

/** What is not seen at once is asked for when what is has come, in ms. */
const LATER = 150;
/** Before a room counts as read, and between two signs of writing, in ms. */
const READ = 500;
const TYPING = 3_000;
const TYPED = 6_000;
const COMINGS = new Set(["joined", "left", "came_online", "went_offline"]);

export class Session {
  state = store.empty();
  /** @type {Set<(touched: Set<string>) => void>} */
  listeners = new Set();
  /** @type {Set<(room: Room, message: Message) => void>} */
  hearers = new Set();
  /** @type {Set<string>} */
  touched = new Set();
  /** @type {Command[]} */
  served = [];
  link = "connecting";
  /** Calls off what will tell of all that changed. @type {(() => void) | null} */
  noticing = null;
  /** @type {Map<Key, any>} */
  reading = new Map();
  /** @type {any} */
  resting = null;
  /** Times somebody came or went. */
  comings = 0;
  typedAt = 0;
  /** In which room it was told that one writes. @type {Key | null} */
  typedIn = null;
  ended = false;

  /** @param {Around} around */
  constructor(around) {
    const { timers, random } = around;
    this.around = around;
    this.history = new History({
      call: this.call, timers, changed: (topic) => this.changed(topic), room: (key) => this.state.rooms.get(key),
    });
    this.sync = new Sync({
      open: around.open, timers, random,
      onEvent: (event) => this.happened(event),
      onSignal: (signal) => this.signalled(signal),
      onHello: () => this.outbox?.flush(),
      onGap: () => this.refresh(),
      onState: (state) => {
        this.link = state;
        this.changed("link");
      },
      onEnd: (code) => (this.sync.state === "stopped" ? this.gone(code) : undefined),
      // A closed door and a broken line look the same from a socket: ask.
      onRefused: () => void this.call("GET", "/me").catch(() => undefined),
    });
    /** @type {Outbox | null} */
    this.outbox = null;
  }

  /** Asks, and notices when nobody is logged in any more. @type {Call} */
  call = async (method, path, body, extra) => {
    try {
      return await this.around.call(method, path, body, extra);
    } catch (error) {
      const { status } = /** @type {{ status?: number }} */ (error);
      if (status === 401) this.gone("unauthenticated");
      throw error;
    }
  };

  /** Learns who one is and what there is, then listens from there. @param {string} [first] the room that will be looked at first */
  async start(first) {
    const me = await this.call("GET", "/me");
    if (first) this.history.ahead(first);
    store.setMe(this.state, me);
    const { kept, timers, random } = this.around;
    this.outbox = new Outbox({
      kept, timers, random, prefix: `chatroom.out.${me.user.id}.`,
      send: (entry) => this.send(entry),
      onChange: () => this.changed("log"),
    });
    const more = (/** @type {string} */ path) => this.call("GET", path).catch(() => ({}));
    // What is seen at once is waited for; the rest comes while one reads.
    const asked = Promise.all([more("/me/ignored"), this.rooms()]);
    // Made while the server answers, and not when the first message is to be drawn: it takes a browser up to 30 ms.
    clock(this.around.now());
    const [{ ignored = [] }] = await asked;
    for (const user of ignored) if (user?.id) this.state.ignored.add(user.id);
    this.sync.start(me.position);
    this.resting = timers.after(LATER, async () => {
      const [{ commands = [] }, { users = [] }] = await Promise.all([more("/commands"), more("/users?online=true")]);
      this.served = commands;
      for (const person of users) store.know(this.state, person);
      this.changed("rooms", "log", "people");
    });
  }

  end() {
    this.ended = true;
    this.sync.stop();
    this.outbox?.stop();
    this.noticing?.();
    for (const timer of [...this.reading.values(), this.resting]) this.around.timers.cancel(timer);
    this.listeners.clear();
    this.hearers.clear();
  }

  /** @param {string} code */
  gone(code) {
    if (this.ended) return;
    this.end();
    this.around.onGone(code);
  }

  async rooms() {
    const { rooms } = /** @type {{ rooms: RoomFacts[] }} */ (await this.call("GET", "/rooms"));
    const there = new Set(rooms.map((room) => store.setRoom(this.state, room).key));
    for (const [key, room] of this.state.rooms) if (!there.has(key) && !room.direct) this.state.rooms.delete(key);
    this.changed("rooms", "log", "people");
  }

  /** Reads everything afresh: what happened meanwhile was not told. */
  async refresh() {
    for (const room of this.state.rooms.values()) room.people = null;
    try {
      await this.rooms();
      for (const room of this.state.rooms.values()) if (room.key !== this.state.open) room.timeline = timeline.empty();
      const room = this.here();
      if (!room) return;
      await Promise.all([this.reload(room), this.members(room)]);
    } catch {
      this.around.timers.after(TYPING, () => (this.ended ? undefined : this.refresh()));
    }
  }

  /** Reads again what is shown of a room. @param {Room} room */
  async reload(room) {
    if (!store.inside(room)) return;
    const { timeline: t } = room;
    const middle = t.items[(t.lo + t.hi) >> 1]?.seq;
    await (t.end || middle === undefined ? this.history.latest(room) : this.history.near(room, middle));
  }

  // What is heard.

  /** @param {(touched: Set<string>) => void} tell @param {AbortSignal} signal */
  on(tell, signal) {
    this.listeners.add(tell);
    signal.addEventListener("abort", () => this.listeners.delete(tell));
  }

  /** @param {(room: Room, message: Message) => void} hear @param {AbortSignal} signal */
  onMessage(hear, signal) {
    this.hearers.add(hear);
    signal.addEventListener("abort", () => this.hearers.delete(hear));
  }

  /** @param {string[]} topics */
  changed(...topics) {
    for (const topic of topics) this.touched.add(topic);
    if (this.noticing || this.ended) return;
    this.noticing = this.around.frame(() => {
      const { touched } = this;
      [this.noticing, this.touched] = [null, new Set()];
      for (const tell of this.listeners) tell(touched);
    });
  }

  /** @param {Happening} event */
  happened(event) {
    if (COMINGS.has(event.event)) this.comings += 1;
    const before = this.state.open;
    const change = store.apply(this.state, event);
    if (event.message) this.outbox?.settled(event.message.client_id);
    if (event.seq && ["edited", "redacted", "reacted"].includes(event.event)) this.history.changed(event.room ?? 0, event.seq);
    this.changed(...change.touched);
    if (before !== this.state.open) this.moved(before);
    void this.ask(change);
    if (event.event !== "message" || !event.message) return;
    const room = this.state.rooms.get(event.message.room);
    if (room && !this.state.ignored.has(event.message.author.id)) for (const hear of this.hearers) hear(room, event.message);
  }

  /** @param {Change} change */
  async ask({ want, reload }) {
    for (const key of want) await this.room(key).catch(() => undefined);
    for (const key of reload) {
      const room = this.state.rooms.get(key);
      if (room && key === this.state.open) await this.reload(room).catch(() => undefined);
      else if (room) room.timeline = timeline.empty();
    }
  }

  /** The open conversation has another key, or the open room is gone. @param {Key | null} before */
  moved(before) {
    if (before !== null && this.state.open !== null) this.outbox?.moved(before, this.state.open);
    this.changed("open");
  }

  /** @param {{ type: string, room: number, user: Person, state: string }} signal */
  signalled(signal) {
    const room = this.state.rooms.get(signal.room);
    if (signal.type !== "typing" || !room || signal.user.id === this.state.me?.id) return;
    if (signal.state === "active") room.typing.set(signal.user.id, { user: signal.user, until: this.around.now() + TYPED });
    else room.typing.delete(signal.user.id);
    this.changed("typing");
  }

  // What is looked at.

  /** The open room. */
  here() {
    return this.state.open === null ? undefined : this.state.rooms.get(this.state.open);
  }

  /** What the server says of one room now. @param {Key} key */
  async room(key) {
    const facts = await this.call("GET", `/rooms/${seg(key)}`);
    const before = this.state.open;
    const room = store.setRoom(this.state, facts);
    if (before !== this.state.open) this.moved(before);
    this.changed("rooms", "people", "log");
    return room;
  }

  /** The room of a name, `@name` for a conversation. @param {string} name */
  async named(name) {
    const low = name.toLowerCase();
    for (const room of this.state.rooms.values()) {
      if ((room.direct ? `@${room.name}` : room.name).toLowerCase() === low) return room;
    }
    // With its sign, that a name of digits is no id.
    if (!low.startsWith("@")) return this.room(`#${name}`);
    // A conversation that has no message yet is nothing the server knows of.
    const user = await this.call("GET", `/users/${seg(name.slice(1))}`);
    return store.setRoom(this.state, { id: 0, name: user.name, direct: true, with: user });
  }

  /** Looks at a room, at its end or at a place. @param {Key | null} key @param {number} [at] */
  async open(key, at) {
    const { state } = this;
    if (state.open !== key) {
      const before = this.here();
      if (before) state.line.delete(before.key);
      if (before?.timeline.end && before.timeline.items.length > 400) before.timeline = timeline.empty();
      state.open = key;
      state.following = true;
      this.changed("open", "rooms", "log", "people", "typing");
    }
    const room = this.here();
    if (!room) return;
    room.stirred = false;
    if (room.unread && !state.line.has(room.key)) state.line.set(room.key, room.read);
    if (!store.inside(room)) return this.members(room);
    const work = [];
    if (at !== undefined && timeline.find(room.timeline, at) < 0) work.push(this.history.near(room, at));
    else if (!room.timeline.loaded) work.push(this.history.latest(room));
    if (!room.people) work.push(this.members(room));
    await Promise.all(work);
  }

  /** @param {Room} room */
  async members(room) {
    if (typeof room.key === "string" || (!store.inside(room) && room.access !== "public")) return;
    try {
      let [before, told] = [-1, /** @type {any} */ (null)];
      // Who came or went while the list was asked for may not be in it.
      for (let n = 0; n < 3 && before !== this.comings; n++) {
        before = this.comings;
        told = await this.call("GET", `/rooms/${seg(room.key)}/members`);
      }
      const { members, total } = told;
      const now = this.state.rooms.get(room.key);
      if (!now) return;
      now.people = new Map(members.map((/** @type {Person} */ person) => [person.id, store.know(this.state, person)]));
      now.total = total ?? members.length;
      this.changed("people");
    } catch {
      // Not told to whoever is outside: the list stays empty.
    }
  }

  /** The end of the open room is in sight: it counts as read. */
  seen() {
    const room = this.here();
    if (!room || !store.inside(room)) return;
    const seq = Math.max(room.last, timeline.last(room.timeline));
    if (!store.read(this.state, room.key, seq)) return;
    this.changed("rooms");
    if (typeof room.key !== "number") return;
    this.around.timers.cancel(this.reading.get(room.key));
    const put = () => void this.call("PUT", `/rooms/${room.key}/read`, { seq: Math.max(room.last, seq) }).catch(() => undefined);
    this.reading.set(room.key, this.around.timers.after(READ, put));
  }

  // What is done.

  /** @param {Key} room @param {string} text @param {{ reply?: number, kind?: "action" }} [more] */
  say(room, text, more = {}) {
    this.outbox?.add({ id: this.around.id(), room, text, ...more, at: this.around.now(), state: "waiting" });
    this.typedIn = null;
  }

  /** @param {Waiting} entry */
  async send(entry) {
    const body = { text: entry.text, reply: entry.reply, kind: entry.kind };
    const message = await this.call("POST", `/rooms/${seg(entry.room)}/messages`, body, { key: entry.id });
    if (typeof entry.room === "string") await this.room(message.room || entry.room).catch(() => undefined);
    const room = this.state.rooms.get(message.room ?? entry.room);
    if (room) timeline.put(room.timeline, message, true);
    this.changed("log");
  }

  /** A sign that one writes, now and then. @param {"active" | "done"} sign */
  typing(sign) {
    const { open } = this.state;
    const now = this.around.now();
    const active = sign === "active";
    if (typeof open !== "number" || (active ? now - this.typedAt < TYPING : this.typedIn !== open)) return;
    this.typedIn = active ? open : null;
    if (active) this.typedAt = now;
    void this.call("POST", `/rooms/${open}/typing`, { state: sign }).catch(() => undefined);
  }

  /** @param {Room} room @param {string} [password] */
  async join(room, password) {
    const facts = await this.call("PUT", `/rooms/${seg(room.key)}/membership`, password ? { password } : {});
    const now = store.setRoom(this.state, facts);
    now.people = null;
    this.changed("rooms", "log", "people");
    return now;
  }

  /** @param {Room} room */
  async leave(room) {
    await this.call("DELETE", `/rooms/${seg(room.key)}/membership`);
    const now = this.state.rooms.get(room.key);
    if (now) {
      now.role = undefined;
      if (now.access !== "public") this.state.rooms.delete(now.key);
    }
    this.changed("rooms", "people");
  }

  /** @param {string} name @param {string} access */
  async create(name, access) {
    return store.setRoom(this.state, await this.call("POST", "/rooms", { name, access }));
  }

  /** @param {Room} room @param {Message} message @param {string} emoji */
  react(room, message, emoji) {
    const mine = message.reactions?.some((one) => one.emoji === emoji && one.mine);
    return this.call(mine ? "DELETE" : "PUT", `/rooms/${seg(room.key)}/messages/${message.seq}/reactions/${seg(emoji)}`);
  }

  /** A message, from what is known or from the server. @param {Room} room @param {number} seq @returns {Promise<Message>} */
  async message(room, seq) {
    return timeline.message(room.timeline, seq) ?? this.call("GET", `/rooms/${seg(room.key)}/messages/${seq}`);
  }

  /** The last message of one's own that can still be changed. */
  ownLast() {
    const items = this.here()?.timeline.items ?? [];
    const own = items.findLast(({ message: one }) => one?.author.id === this.state.me?.id && !one?.redacted && one?.kind === "said");
    return own?.message;
  }

  /** Whether one's role here is at least that. @param {Room} room @param {"moderator" | "owner"} role */
  may(room, role) {
    return !!this.state.me?.operator || room.role === "owner" || (role === "moderator" && room.role === "moderator");
  }

  async logout() {
    const { keys = [] } = await this.call("GET", "/sessions").catch(() => ({}));
    const current = keys.find((/** @type {{ current?: boolean }} */ key) => key.current);
    if (!current) throw problem(0, "offline", "The server cannot be reached");
    await this.call("DELETE", `/sessions/${seg(current.id)}`);
    this.gone("logged-out");
  }
}
