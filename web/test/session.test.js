// One person's time here, with a server of a few lines: what is asked, and when.

import assert from "node:assert/strict";
import test from "node:test";
import { Session } from "../model/session.js";

const ann = { id: 2, name: "ann" };
const message = (seq) => ({ room: 3, seq, position: seq, time: seq, author: ann, kind: "said", text: `m${seq}` });

/** @param {Record<string, any>} [more] answers beside the usual ones @param {string} [first] */
async function here(more = {}, first = "") {
  let [now, timers] = [10_000, []];
  const asked = [];
  const answers = {
    "GET /me": { user: { id: 1, name: "me" }, position: 7 }, "GET /rooms": { rooms: [{ id: 3, name: "tea", access: "public", role: "member", unread: 2, mentions: 0, read: 8, last: 10 }] },
    "GET /commands": { commands: [] }, "GET /me/ignored": { ignored: [] }, "GET /users?online=true": { users: [] }, "GET /rooms/3/members": { members: [ann], total: 1 },
    "GET /rooms/3/messages?limit=50": { messages: [message(9), message(10)] }, ...more,
  };
  const map = new Map();
  const gone = [];
  const sockets = [];
  const clock = {
    after(ms, run) {
      timers = [...timers, { at: now + ms, run }];
      return timers.at(-1);
    },
    cancel(timer) {
      timers = timers.filter((one) => one !== timer);
    },
  };
  const session = new Session({
    call: async (method, path, body) => {
      asked.push(`${method} ${path}${body ? ` ${JSON.stringify(body)}` : ""}`);
      const answer = answers[`${method} ${path}`];
      if (answer instanceof Error) throw answer;
      return typeof answer === "function" ? answer() : answer;
    },
    open(after) {
      sockets.push({ after, send() {}, close() {} });
      return sockets.at(-1);
    },
    timers: clock,
    frame(run) {
      const drawn = clock.after(16, run);
      return () => clock.cancel(drawn);
    },
    now: () => now, random: () => 0, id: () => "uuid", onGone: (code) => gone.push(code),
    kept: { getItem: (key) => map.get(key) ?? null, setItem: (key, value) => void map.set(key, value), removeItem: (key) => void map.delete(key), key: () => null, length: 0 },
  });
  await session.start(first);
  const pass = async (ms) => {
    now += ms;
    const due = timers.filter(({ at }) => at <= now);
    timers = timers.filter(({ at }) => at > now);
    for (const { run } of due) run();
    for (let n = 0; n < 30; n++) await null;
  };
  return { session, asked, sockets, gone, pass, hear: (said) => sockets.at(-1).onmessage({ data: JSON.stringify(said) }) };
}

test("it listens from where it learned who it is", async () => {
  const { sockets } = await here();
  assert.equal(sockets[0].after, 7);
});

test("what changes before a page is drawn is told once, and nothing after the end", async () => {
  const { session, pass } = await here();
  const told = [];
  session.on((touched) => told.push([...touched]), new AbortController().signal);
  await pass(0);
  session.changed("log");
  session.changed("people", "log");
  await pass(16);
  assert.equal(told.length, 1);
  assert.ok(["log", "people"].every((topic) => told[0].includes(topic)));
  session.changed("log");
  session.end();
  await pass(1000);
  assert.equal(told.length, 1);
});

test("what is not seen at once is asked for later", async () => {
  const { asked, pass, session } = await here({ "GET /commands": { commands: [{ name: "x" }] } });
  assert.ok(!asked.includes("GET /commands"));
  await pass(1000);
  assert.equal(asked.filter((one) => one === "GET /commands").length, 1);
  assert.deepEqual(session.served, [{ name: "x" }]);
});

test("an opened room has its line where one stopped reading, and is read once for many looks", async () => {
  const { session, asked, pass } = await here();
  await session.open(3);
  assert.equal(session.state.line.get(3), 8);
  for (let n = 0; n < 5; n++) session.seen();
  await pass(1000);
  assert.deepEqual(asked.filter((one) => one.startsWith("PUT")), ['PUT /rooms/3/read {"seq":10}']);
});

test("signs of writing go out at most once in three seconds", async () => {
  const { session, asked, pass } = await here();
  await session.open(3);
  for (let n = 0; n < 10; n++) {
    session.typing("active");
    session.typing("done");
    await pass(500);
  }
  assert.equal(asked.filter((one) => one.includes("active")).length, 2);
});

test("a message that changed while a page of it came is read once more", async () => {
  const { session, asked, pass, hear } = await here();
  await session.open(3);
  hear({ type: "event", event: "reacted", position: 12, time: 1, room: 3, seq: 9, user: ann, emoji: "x", on: true });
  await pass(3000);
  assert.ok(asked.includes("GET /rooms/3/messages/9"));
});

test("what changes while it is asked for again, and who comes meanwhile, is not forgotten", async () => {
  let asks = 0;
  const edited = { type: "event", event: "edited", position: 13, time: 1, room: 3, seq: 9, text: "new words" };
  const answer = () => {
    asks += 1;
    // It was answered before the edit, which is heard first.
    if (asks === 1) tell(edited);
    return { ...message(9), text: asks === 1 ? "old words" : "new words" };
  };
  const rig = await here({ "GET /rooms/3/messages/9": answer });
  const tell = rig.hear;
  const { session, pass, asked } = rig;
  await session.open(3);
  rig.hear({ type: "event", event: "reacted", position: 12, time: 1, room: 3, seq: 9, user: ann, emoji: "x", on: true });
  await pass(3000);
  assert.equal(session.here().timeline.items.find(({ seq }) => seq === 9).message.text, "new words");
  assert.equal(asks, 2);
  const before = asked.filter((one) => one.endsWith("/members")).length;
  const listing = session.members(session.here());
  rig.hear({ type: "event", event: "joined", position: 14, time: 1, room: 3, user: { id: 5, name: "eve" } });
  await listing;
  assert.equal(asked.filter((one) => one.endsWith("/members")).length, before + 2, "the list is asked for again");
});

test("a gap is read up on", async () => {
  const { session, asked, pass, hear } = await here();
  await session.open(3);
  const before = asked.length;
  hear({ type: "gap", after: 7, upto: 90 });
  await pass(1);
  assert.deepEqual(asked.slice(before).sort(), ["GET /rooms", "GET /rooms/3/members", "GET /rooms/3/messages?limit=50"]);
});

test("whoever is logged out is told so once, and hears nothing more", async () => {
  const { session, gone, hear, pass } = await here({ "GET /users/x": Object.assign(new Error("no"), { status: 401 }) });
  await assert.rejects(session.call("GET", "/users/x"));
  await assert.rejects(session.call("GET", "/users/x"));
  hear({ type: "event", event: "message", position: 12, time: 1, name: "tea", message: message(11) });
  await pass(60_000);
  assert.deepEqual(gone, ["unauthenticated"]);
});

test("the room one was in last is asked for before it is known, and once", async () => {
  const ahead = await here({ "GET /rooms/%23tea/messages?limit=50": { messages: [message(9), message(10)] } }, "#tea");
  await ahead.session.open(3);
  assert.deepEqual(ahead.asked.filter((path) => path.includes("messages")), ["GET /rooms/%23tea/messages?limit=50"]);
  assert.deepEqual(ahead.session.here()?.timeline.items.map(({ seq }) => seq), [9, 10]);
  // One that cannot be read ahead is read when it is opened, and so is another.
  for (const first of ["#gone", "#other"]) {
    const other = await here({ "GET /rooms/%23gone/messages?limit=50": new Error("no"), "GET /rooms/%23other/messages?limit=50": { messages: [message(1)] } }, first);
    await other.session.open(3);
    assert.deepEqual(other.session.here()?.timeline.items.map(({ seq }) => seq), [9, 10]);
  }
});
