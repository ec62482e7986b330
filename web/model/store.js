// What the page knows, and what each event changes in it. Never knows the clock, the network or the page.

import * as timeline from "./timeline.js";

/** @import { Change, Happening, Key, Me, Message, Note, Person, Room, RoomFacts, State, User } from "./types.js" */

/** @returns {State} */
export function empty() {
  return {
    me: null, away: null, profile: "", rooms: new Map(), people: new Map(), open: null, following: true, ignored: new Set(),
    line: new Map(), notes: 0,
  };
}

/** @returns {Change} */
export const nothing = () => ({ touched: new Set(), want: new Set(), reload: new Set() });

/** @param {State} state @param {Me} me */
export function setMe(state, me) {
  state.me = me.user;
  state.away = me.away ?? null;
  state.profile = me.profile ?? "";
  know(state, { ...me.user, online: true, away: me.away ?? null });
}

/** @param {State} state @param {Person} person */
export function know(state, person) {
  const whole = { ...state.people.get(person.id), ...person };
  state.people.set(person.id, whole);
  return whole;
}

/** A room's name without its sign: the page shows the sign as it shows who may come in. @param {string} name */
export const bare = (name) => name.replace(/^#/, "");

/** Takes in what the server says of a room; what was heard of it stays. @param {State} state @param {RoomFacts} facts @returns {Room} */
export function setRoom(state, facts) {
  const key = facts.id || `@${facts.with?.name ?? facts.name}`;
  let old = state.rooms.get(key);
  if (facts.with) {
    know(state, facts.with);
    // A conversation that had no id yet has one now.
    for (const [other, room] of state.rooms) {
      if (other === key || room.with?.id !== facts.with.id || typeof other === "number") continue;
      state.rooms.delete(other);
      old ??= room;
      if (state.open === other) state.open = key;
    }
  }
  /** @type {Room} */
  const room = {
    people: null, total: 0, typing: new Map(), spoke: new Map(), pins: null, stirred: false, timeline: timeline.empty(),
    ...old, role: undefined, archived: undefined, muted: undefined, moderated: undefined, slow: undefined, limit: undefined, keep: undefined, keep_days: undefined, topic: "",
    ...facts, key, name: bare(facts.name), unread: facts.unread ?? 0, mentions: facts.mentions ?? 0, read: facts.read ?? 0, stub: false,
    last: Math.max(facts.last ?? 0, old?.last ?? 0),
  };
  // What came in the meantime is not in what was told.
  if (old && old.last > (facts.last ?? 0)) [room.unread, room.mentions, room.read] = [old.unread, old.mentions, old.read];
  state.rooms.set(key, room);
  return room;
}

/** Whether one is inside; a conversation one always is. @param {Room} room */
export const inside = (room) => !!room.direct || !!room.role;

/** none, activity, message or mention. @param {Room} room @param {boolean} quiet */
export function badge(room, quiet) {
  if (!inside(room)) return "none";
  if (room.mentions || (room.direct && room.unread)) return "mention";
  if (room.unread) return quiet ? "activity" : "message";
  return room.stirred ? "activity" : "none";
}

/** @type {Intl.Collator | undefined} */
let names;

/** As the reader's language has it. @param {{ name: string }} a @param {{ name: string }} b */
export function byName(a, b) {
  names ??= new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
  return names.compare(a.name, b.name);
}

/** Rooms as the sidebar lists them: rooms one is in by name, then conversations, last spoken in first. @param {State} state */
export function listed(state) {
  const own = [...state.rooms.values()].filter((room) => inside(room) || room.key === state.open);
  const rooms = own.filter((room) => !room.direct).sort(byName);
  const direct = own
    .filter((room) => room.direct && (room.last > 0 || room.key === state.open))
    .sort((a, b) => Math.min(b.unread, 1) - Math.min(a.unread, 1) || byName(a, b));
  return { rooms, direct };
}

/** Whether a message means one: by name, everybody, or alone with one. @param {State} state @param {Message} message */
export const means = (state, message) =>
  !!state.me && message.author.id !== state.me.id && !!message.mentions?.some((id) => id === 0 || id === state.me?.id);

/** @param {State} state @param {Key} key @param {number} seq */
export function read(state, key, seq) {
  const room = state.rooms.get(key);
  if (!room || (seq <= room.read && !room.unread)) return false;
  room.read = Math.max(room.read, seq);
  if (seq >= room.last) [room.unread, room.mentions] = [0, 0];
  return true;
}

/** @param {State} state @param {Room} room @param {string} what @param {User} user @param {number} time @param {string} [text] */
function note(state, room, what, user, time, text) {
  /** @type {Note} */
  const made = { what, user, time, text };
  timeline.note(room.timeline, made, ++state.notes, room.key !== state.open || state.following);
}

/** What each event does. @type {Record<string, (state: State, e: Happening, room: Room, change: Change) => void>} */
const reducers = {
  message(state, e, room) {
    const message = /** @type {Message} */ (e.message);
    const fresh = message.seq > room.last;
    room.last = Math.max(room.last, message.seq);
    room.typing.delete(message.author.id);
    room.spoke.set(message.author.id, message.seq);
    know(state, message.author);
    if (fresh && message.author.id !== state.me?.id && !state.ignored.has(message.author.id)) {
      room.unread += 1;
      if (means(state, message)) room.mentions += 1;
    }
    timeline.put(room.timeline, message, room.key !== state.open || state.following);
  },
  edited(_state, e, room) {
    timeline.alter(room.timeline, e.seq ?? 0, e.position, (old) => ({ ...old, text: e.text ?? "", spans: e.spans, edited: true }));
  },
  redacted(_state, e, room) {
    timeline.alter(room.timeline, e.seq ?? 0, e.position, (old) => ({
      ...old, text: "", spans: undefined, reactions: undefined, mentions: undefined, redacted: true,
    }));
    room.pins?.delete(e.seq ?? 0);
  },
  reacted(state, e, room) {
    timeline.alter(room.timeline, e.seq ?? 0, e.position, (old) => {
      const mine = e.user?.id === state.me?.id;
      const known = old.reactions ?? [];
      const own = known.find((one) => one.emoji === e.emoji);
      const count = (own?.count ?? 0) + (e.on ? 1 : -1);
      const changed = { emoji: e.emoji ?? "", count, mine: mine ? !!e.on : !!own?.mine };
      const list = own ? known.map((one) => (one === own ? changed : one)) : [...known, changed];
      return { ...old, reactions: list.filter((one) => one.count > 0) };
    });
  },
  pinned(state, e, room) {
    if (e.on) room.pins?.add(e.seq ?? 0);
    else room.pins?.delete(e.seq ?? 0);
    if (e.by) note(state, room, "pinned", e.by, e.time, e.on ? "pinned a message" : "unpinned a message");
  },
  joined(state, e, room, change) {
    if (!e.user) return;
    const person = know(state, e.user);
    if (e.user.id === state.me?.id) {
      change.want.add(room.key);
      room.role = e.role ?? room.role ?? "member";
      if (!room.timeline.loaded) change.reload.add(room.key);
    }
    if (room.people && !room.people.has(person.id)) room.total += 1;
    room.people?.set(person.id, { ...person, role: e.role ?? "member" });
    note(state, room, "came", e.user, e.time);
  },
  left(state, e, room) {
    if (!e.user) return;
    if (room.people?.delete(e.user.id)) room.total -= 1;
    room.typing.delete(e.user.id);
    const why = e.reason ? ` (${e.reason})` : "";
    if (e.by && e.by.id !== e.user.id) note(state, room, "put-out", e.user, e.time, `was put out by ${e.by.name}${why}`);
    else note(state, room, "left", e.user, e.time);
    if (e.user.id !== state.me?.id || room.direct) return;
    Object.assign(room, { role: undefined, unread: 0, mentions: 0, stirred: false, people: null, pins: null });
    // What one may no longer see is not kept.
    room.timeline = timeline.empty();
    if (room.access !== "public" && state.open !== room.key) state.rooms.delete(room.key);
  },
  role_set(state, e, room) {
    if (!e.user || !e.role) return;
    const person = room.people?.get(e.user.id);
    if (person) room.people?.set(person.id, { ...person, role: e.role });
    if (e.user.id === state.me?.id) room.role = e.role;
    note(state, room, "role", e.user, e.time, `is ${e.role} now`);
  },
  room_created(_state, _e, room, change) {
    change.want.add(room.key);
  },
  room_set(state, e, room, change) {
    const known = ["topic", "name", "access", "slow", "moderated", "archived"];
    if (e.setting && known.includes(e.setting)) Object.assign(room, { [e.setting]: e.value ?? (e.setting === "topic" ? "" : undefined) });
    else change.want.add(room.key);
    room.name = bare(room.name);
    if (!e.by) return;
    const said = e.setting === "topic" ? (e.value ? `set the topic: ${e.value}` : "cleared the topic") : `changed ${e.setting}`;
    note(state, room, "set", e.by, e.time, said);
  },
  room_deleted(state, _e, room) {
    state.rooms.delete(room.key);
    if (state.open === room.key) state.open = null;
  },
  invited(state, e, room, change) {
    if (e.user?.id === state.me?.id) change.want.add(room.key);
    else if (e.user && e.by) note(state, room, "invited", e.by, e.time, `asked ${e.user.name} in`);
  },
  sanctioned(state, e, room, change) {
    change.want.add(room.key);
    const what = { ban: "banned", mute: "muted" }[e.kind ?? ""];
    if (e.by && what) note(state, room, "set", e.by, e.time, `${e.lifted ? `no longer ${e.kind}s` : what} ${e.mask ?? "an address"}`);
  },
  purged: (_state, _e, room, change) => void change.reload.add(room.key),
  purge_undone: (_state, _e, room, change) => void change.reload.add(room.key),
  purge_done() {},
  dropped: (_state, e, room) => timeline.drop(room.timeline, e.upto ?? 0),
  read(state, e, room, change) {
    read(state, room.key, e.seq ?? 0);
    if ((e.seq ?? 0) < room.last && room.unread) change.want.add(room.key);
  },
};

/** @type {Record<string, (state: State, e: Happening & { user: User }) => void>} */
const people = {
  renamed(state, e) {
    everywhere(state, e.user, { name: e.user.name });
    for (const room of state.rooms.values()) {
      if (room.with?.id === e.user.id) Object.assign(room, { with: e.user, name: e.user.name });
      if (room.people?.has(e.user.id)) note(state, room, "renamed", { ...e.user, name: e.from ?? "" }, e.time, `is ${e.user.name} now`);
    }
    if (state.me?.id === e.user.id) state.me = { ...state.me, ...e.user };
  },
  account(state, e) {
    everywhere(state, e.user, e.user);
    if (state.me?.id === e.user.id) state.me = { ...state.me, ...e.user };
  },
  came_online: (state, e) => everywhere(state, e.user, { online: true }),
  went_offline: (state, e) => everywhere(state, e.user, { online: false }),
  away(state, e) {
    everywhere(state, e.user, { away: e.text ?? null });
    if (state.me?.id === e.user.id) state.away = e.text ?? null;
  },
  profile_set(state, e) {
    everywhere(state, e.user, { profile: e.text ?? "" });
    if (state.me?.id === e.user.id) state.profile = e.text ?? "";
  },
  ignored(state, e) {
    if (e.on) state.ignored.add(e.user.id);
    else state.ignored.delete(e.user.id);
  },
  metadata() {},
};

/** @param {State} state @param {User} user @param {Partial<Person>} facts */
function everywhere(state, user, facts) {
  know(state, { ...user, ...facts });
  for (const { people } of state.rooms.values()) {
    const person = people?.get(user.id);
    if (person) people?.set(user.id, { ...person, ...facts });
  }
}

/** Events that are no reason to look into a room one does not look at. */
const UNMOVED = new Set(["message", "joined", "left", "read", "purge_done", "dropped", "sanctioned"]);

/** Lets an event happen. @param {State} state @param {Happening} e @returns {Change} */
export function apply(state, e) {
  const change = nothing();
  const about = people[e.event];
  // Somebody's metadata is not of a room, though it may name one.
  if (about) {
    const user = typeof e.user === "number" ? state.people.get(e.user) ?? { id: e.user, name: "" } : e.user;
    if (user) about(state, { ...e, user });
    for (const topic of ["rooms", "people", "me", "log"]) change.touched.add(topic);
    return change;
  }
  const reduce = reducers[e.event];
  const id = e.room ?? e.message?.room;
  if (!reduce || id === undefined) return change;
  let room = state.rooms.get(id);
  if (!room) {
    if (e.event === "room_deleted" || e.event === "left") return change;
    room = setRoom(state, { id, name: e.name ?? e.with?.name ?? "", direct: e.with ? true : undefined, with: e.with });
    room.stub = true;
    change.want.add(id);
  }
  reduce(state, e, room, change);
  if (room.key !== state.open && inside(room) && !UNMOVED.has(e.event)) room.stirred = true;
  for (const topic of ["rooms", "people", "log"]) change.touched.add(topic);
  return change;
}
