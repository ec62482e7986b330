// The stream and the outbox, under a clock and a network of the test's own.

import assert from "node:assert/strict";
import test from "node:test";
import { Outbox } from "../model/outbox.js";
import { backoff, PATIENCE, SILENCE, Sync } from "../model/sync.js";

/** Time that goes when it is told to. */
function clock() {
  let [now, next] = [0, 1];
  const waiting = new Map();
  return {
    after(ms, run) {
      waiting.set(next, { at: now + ms, run });
      return next++;
    },
    cancel: (id) => void waiting.delete(id),
    pass(ms) {
      now += ms;
      for (const [id, { at, run }] of [...waiting]) {
        if (at > now || !waiting.delete(id)) continue;
        run();
      }
    },
    get waiting() { return waiting.size; },
  };
}

function line() {
  const timers = clock();
  const got = { events: [], states: [], gaps: 0, refused: 0, ends: [], opened: [] };
  const sync = new Sync({
    timers, random: () => 0.5,
    open: (after) => {
      const socket = { after, sent: [], send: (text) => socket.sent.push(JSON.parse(text)), close: () => { socket.closed = true; } };
      got.opened.push(socket);
      return socket;
    },
    onEvent: (e) => got.events.push(`${e.position}${e.event[0]}${e.seq ?? ""}`), onSignal: () => undefined, onHello: () => undefined,
    onGap() { got.gaps += 1; }, onState: (state) => got.states.push(state), onEnd: (code) => got.ends.push(code), onRefused() { got.refused += 1; },
  });
  const hear = (...said) => { for (const one of said) got.opened.at(-1).onmessage({ data: JSON.stringify(one) }); };
  const cut = () => got.opened.at(-1).onclose();
  return { sync, got, hear, cut, timers };
}
const hello = (position, resumed = true) => ({ type: "hello", position, resumed });
const event = (position, name = "message", seq = 1) => ({ type: "event", event: name, position, time: 0, room: 1, seq });

test("it resumes after the last position that is done", () => {
  const { sync, got, hear, cut, timers } = line();
  sync.start(10);
  hear(hello(10), event(11), event(12));
  cut();
  timers.pass(60_000);
  // 12 may not have been told whole.
  assert.equal(got.opened.at(-1).after, 11);
  hear(hello(13), event(12), event(12, "edited"), event(13));
  assert.deepEqual(got.events, ["11m1", "12m1", "12e1", "13m1"]);
});

test("a ping says that a position is done", () => {
  const { sync, got, hear, cut, timers } = line();
  sync.start(10);
  hear(hello(10), event(11), { type: "ping", position: 14 });
  cut();
  timers.pass(60_000);
  assert.equal(got.opened.at(-1).after, 14);
  hear(hello(14), event(14), event(15));
  assert.deepEqual(got.events, ["11m1", "15m1"]);
});

test("several events at one position are all told, each once", () => {
  const { sync, got, hear } = line();
  sync.start(0);
  hear(hello(5), event(5, "joined", 1), event(5, "joined", 2), event(5, "joined", 1));
  assert.deepEqual(got.events, ["5j1", "5j2"]);
});

test("a gap, or a server that cannot resume, is told", () => {
  const { sync, got, hear, cut, timers } = line();
  sync.start(10);
  hear(hello(90), { type: "gap", after: 10, upto: 80 }, event(85));
  assert.equal(got.gaps, 1);
  assert.equal(sync.done, 80);
  cut();
  timers.pass(60_000);
  hear(hello(200, false));
  assert.equal(got.gaps, 2);
  assert.equal(sync.done, 200);
});

test("it comes back later each time, never all at once", () => {
  assert.ok(backoff(0, 0) >= 250 && backoff(0, 0.999) < 500);
  assert.ok(backoff(20, 0.999) <= 20_000);
  const { sync, got, cut, timers } = line();
  sync.start(0);
  for (let n = 0; n < 5; n++) {
    cut();
    timers.pass(20_000);
  }
  assert.equal(got.opened.length, 6);
  assert.equal(got.refused, 5);
  assert.deepEqual(got.states.slice(0, 3), ["connecting", "waiting", "connecting"]);
});

test("silence is asked about, and a line that does not answer is given up", () => {
  const { sync, got, hear, timers } = line();
  sync.start(0);
  hear(hello(0));
  timers.pass(SILENCE);
  assert.equal(got.opened.at(-1).sent.length, 1);
  hear({ type: "answer", id: 1, status: 200 });
  timers.pass(SILENCE);
  timers.pass(PATIENCE);
  assert.equal(sync.state, "waiting");
});

test("what comes from a socket that was given up is not heard", () => {
  const { sync, got, hear, cut, timers } = line();
  sync.start(0);
  hear(hello(0));
  const old = got.opened[0];
  cut();
  timers.pass(60_000);
  old.onmessage({ data: JSON.stringify(event(1)) });
  old.onclose();
  assert.deepEqual(got.events, []);
  assert.equal(got.opened.length, 2);
});

test("who is logged out does not come again; who is told that it stops does", () => {
  const { sync, got, hear, cut, timers } = line();
  sync.start(0);
  hear(hello(0), { type: "end", code: "stopping" });
  cut();
  timers.pass(60_000);
  assert.equal(got.opened.length, 2);
  hear(hello(0), { type: "end", code: "revoked" });
  assert.equal(sync.state, "stopped");
  timers.pass(600_000);
  assert.equal(got.opened.length, 2);
  assert.equal(timers.waiting, 0);
});

// The outbox.

function storage(map = new Map()) {
  return { map, getItem: (key) => map.get(key) ?? null, setItem: (key, value) => void map.set(key, value), removeItem: (key) => void map.delete(key), key: (at) => [...map.keys()][at] ?? null, get length() { return map.size; } };
}
const failure = (status, after = 0) => Object.assign(new Error("no"), { status, detail: `said ${status}`, after });

function box(answers, kept = storage()) {
  const timers = clock();
  const sent = [];
  const outbox = new Outbox({
    timers, kept, prefix: "out.1.", random: () => 0.5, onChange: () => undefined,
    send: async (entry) => {
      sent.push(entry.id);
      const answer = answers.shift();
      if (answer) throw answer;
    },
  });
  return { outbox, timers, sent, kept, states: () => outbox.entries.map(({ id, state }) => `${id} ${state}`) };
}
const entry = (id, room = 1) => ({ id, room, text: id, at: Number(id.slice(1)), state: "waiting" });
const settle = async () => { for (let n = 0; n < 20; n++) await null; };

test("messages go out in order, one after another", async () => {
  const { outbox, sent, kept } = box([]);
  for (const id of ["a1", "a2", "a3"]) outbox.add(entry(id));
  await settle();
  assert.deepEqual(sent, ["a1", "a2", "a3"]);
  assert.equal(kept.map.size, 0);
});

test("what could not be sent is kept, and sent again with the same id", async () => {
  const { outbox, sent, timers, kept, states } = box([failure(0), failure(503, 9)]);
  outbox.add(entry("a1"));
  outbox.add(entry("a2"));
  await settle();
  assert.deepEqual(states(), ["a1 waiting", "a2 waiting"]);
  assert.equal(kept.map.size, 2);
  timers.pass(1000);
  await settle();
  timers.pass(8000);
  await settle();
  assert.deepEqual(sent, ["a1", "a1"]);
  timers.pass(1000);
  await settle();
  assert.deepEqual(sent, ["a1", "a1", "a1", "a2"]);
  assert.deepEqual(states(), []);
});

test("a refusal holds up nobody, and is not tried again unasked", async () => {
  const { outbox, sent, states } = box([failure(403)]);
  outbox.add(entry("a1"));
  outbox.add(entry("a2"));
  await settle();
  assert.deepEqual(states(), ["a1 refused"]);
  assert.equal(outbox.entries[0].why, "said 403");
  outbox.flush();
  await settle();
  assert.deepEqual(sent, ["a1", "a2"]);
  outbox.retry("a1");
  await settle();
  assert.deepEqual(states(), []);
});

test("a reload finds what waited, and only one's own", async () => {
  const kept = storage();
  const before = box([failure(0)], kept);
  before.outbox.add(entry("a1"));
  await settle();
  before.outbox.stop();
  kept.map.set("out.2.b1", JSON.stringify(entry("b1")));
  kept.map.set("out.1.broken", "{");
  const after = box([], kept);
  assert.deepEqual(after.states(), ["a1 waiting"]);
  after.outbox.flush();
  await settle();
  assert.deepEqual(after.sent, ["a1"]);
});

test("an event with its id settles a message whose answer was lost", async () => {
  const { outbox, kept, states, sent, timers } = box([failure(0)]);
  outbox.add(entry("a1"));
  await settle();
  outbox.settled("a1");
  assert.deepEqual(states(), []);
  assert.equal(kept.map.size, 0);
  timers.pass(60_000);
  await settle();
  assert.deepEqual(sent, ["a1"]);
});
