// What each event changes in what the page knows.

import assert from "node:assert/strict";
import test from "node:test";
import * as store from "../model/store.js";
import * as timeline from "../model/timeline.js";

const [me, ann] = [{ id: 1, name: "me" }, { id: 2, name: "ann" }];
const message = (seq, more = {}) => ({ room: 3, seq, position: seq, time: 0, author: ann, kind: "said", text: "x", ...more });
let position = 100;
const event = (name, more) => ({ event: name, position: ++position, time: 5, room: 3, ...more });
const say = (seq, more) => event("message", { message: message(seq, more), name: "tea", room: undefined });

function world() {
  const state = store.empty();
  store.setMe(state, { user: me, position: 0 });
  store.setRoom(state, { id: 3, name: "#tea", access: "public", role: "member", unread: 2, mentions: 0, read: 8, last: 10 });
  return state;
}
const tea = (state) => state.rooms.get(3);

test("a message makes a room unread; one that was counted already does not", () => {
  const state = world();
  store.apply(state, say(10));
  assert.equal(tea(state).unread, 2);
  store.apply(state, say(11));
  store.apply(state, say(12, { mentions: [1] }));
  assert.deepEqual([tea(state).unread, tea(state).mentions, tea(state).last], [4, 1, 12]);
  assert.equal(store.badge(tea(state), false), "mention");
});

test("the badge has four levels, and a quiet room two less", () => {
  const state = world();
  assert.equal(store.badge(tea(state), false), "message");
  assert.equal(store.badge(tea(state), true), "activity");
  store.read(state, 3, 10);
  assert.equal(store.badge(tea(state), false), "none");
  store.apply(state, event("room_set", { setting: "topic", value: "green", by: ann }));
  assert.equal(store.badge(tea(state), false), "activity");
  assert.equal(tea(state).topic, "green");
});

test("one's own message is not unread, and everybody means one too", () => {
  const state = world();
  store.apply(state, say(11, { author: me }));
  assert.equal(tea(state).unread, 2);
  store.apply(state, say(12, { mentions: [0] }));
  assert.equal(tea(state).mentions, 1);
});

test("reading elsewhere counts here", () => {
  const state = world();
  store.apply(state, event("read", { seq: 10 }));
  assert.deepEqual([tea(state).unread, tea(state).read], [0, 10]);
});

test("edits, reactions and redactions change the message", () => {
  const state = world();
  timeline.begin(tea(state).timeline, { messages: [message(9), message(10)] }, { end: true });
  store.apply(state, event("edited", { seq: 9, user: ann, text: "y" }));
  store.apply(state, event("reacted", { seq: 9, user: ann, emoji: "🍵", on: true }));
  store.apply(state, event("reacted", { seq: 9, user: me, emoji: "🍵", on: true }));
  assert.deepEqual(timeline.message(tea(state).timeline, 9), { ...message(9), text: "y", spans: undefined, edited: true, reactions: [{ emoji: "🍵", count: 2, mine: true }] });
  store.apply(state, event("reacted", { seq: 9, user: me, emoji: "🍵", on: false }));
  assert.deepEqual(timeline.message(tea(state).timeline, 9).reactions, [{ emoji: "🍵", count: 1, mine: false }]);
  store.apply(state, event("redacted", { seq: 9, by: ann }));
  const gone = timeline.message(tea(state).timeline, 9);
  assert.deepEqual([gone.text, gone.reactions, gone.redacted], ["", undefined, true]);
});

test("whoever is put out keeps nothing of the room", () => {
  const state = world();
  timeline.begin(tea(state).timeline, { messages: [message(9)] }, { end: true });
  store.apply(state, event("left", { user: me, by: ann, reason: "noise" }));
  assert.equal(store.inside(tea(state)), false);
  assert.equal(tea(state).timeline.items.length, 0);
  tea(state).access = "private";
  store.apply(state, event("left", { user: me }));
  assert.equal(state.rooms.has(3), false);
});

test("a message of an unknown room makes it known and asks for it", () => {
  const state = world();
  const change = store.apply(state, { event: "message", position: 1, time: 1, message: { ...message(1), room: 8 }, with: ann });
  assert.deepEqual([...change.want], [8]);
  assert.equal(state.rooms.get(8).name, "ann");
  assert.equal(store.badge(state.rooms.get(8), false), "mention");
});

test("a conversation that gets its id stays the one that is open", () => {
  const state = world();
  store.setRoom(state, { id: 0, name: "ann", direct: true, with: ann });
  state.open = "@ann";
  store.setRoom(state, { id: 9, name: "ann", direct: true, with: ann });
  assert.equal(state.open, 9);
  assert.equal(state.rooms.has("@ann"), false);
});

test("what came while rooms were asked for is not forgotten", () => {
  const state = world();
  store.apply(state, say(11));
  store.setRoom(state, { id: 3, name: "tea", access: "public", role: "member", unread: 2, read: 8, last: 10 });
  assert.deepEqual([tea(state).unread, tea(state).last], [3, 11]);
});

test("what was read of a conversation that had no id yet stays when it has one", () => {
  const state = world();
  const room = store.setRoom(state, { id: 0, name: "ann", direct: true, with: ann });
  timeline.begin(room.timeline, { messages: [] }, { end: true, start: true });
  store.apply(state, event("message", { message: message(1, { room: 12 }), with: ann, name: undefined, room: undefined }));
  assert.equal(state.rooms.get(12).timeline.items.length, 1);
  assert.equal(state.rooms.has("@ann"), false);
});

test("a room is known by its name without the sign, whoever tells it", () => {
  const state = world();
  assert.equal(state.rooms.get(3)?.name, "tea");
  store.apply(state, { event: "room_set", position: 2, time: 1, room: 3, setting: "name", value: "#coffee", by: ann });
  assert.equal(state.rooms.get(3)?.name, "coffee");
  store.apply(state, { event: "invited", position: 3, time: 1, room: 8, name: "#den", user: { id: 1, name: "me" }, by: ann });
  assert.equal(state.rooms.get(8)?.name, "den");
});

test("somebody renamed is renamed everywhere", () => {
  const state = world();
  store.setRoom(state, { id: 9, name: "ann", direct: true, with: ann });
  tea(state).people = new Map([[2, ann]]);
  store.apply(state, { event: "renamed", position: 1, time: 1, user: { id: 2, name: "anna" }, from: "ann" });
  assert.equal(state.rooms.get(9).name, "anna");
  assert.equal(tea(state).people.get(2).name, "anna");
  store.apply(state, { event: "renamed", position: 2, time: 1, user: { id: 1, name: "moi" }, from: "me" });
  assert.equal(state.me.name, "moi");
});

test("an event nobody knows changes nothing", () => {
  const state = world();
  assert.equal(store.apply(state, event("future_thing", {})).touched.size, 0);
});

test("members come and go once, however often it is told", () => {
  const state = world();
  Object.assign(tea(state), { people: new Map(), total: 0 });
  for (let n = 0; n < 2; n++) store.apply(state, event("joined", { user: ann }));
  assert.equal(tea(state).total, 1);
  for (let n = 0; n < 2; n++) store.apply(state, event("left", { user: ann }));
  assert.equal(tea(state).total, 0);
});

test("whom a room keeps out is said in words, of an address without it", () => {
  const state = world();
  tea(state).timeline = { ...timeline.empty(), loaded: true, end: true };
  const told = [{ kind: "ban", mask: "bob" }, { kind: "mute", mask: "bob" }, { kind: "ban" }, { kind: "ban", mask: "bob", lifted: true }, { kind: "exempt", mask: "bob" }];
  for (const one of told) store.apply(state, event("sanctioned", { by: ann, ...one }));
  assert.deepEqual(tea(state).timeline.items.map(({ note }) => note.text), ["banned bob", "muted bob", "banned an address", "no longer bans bob"]);
});
