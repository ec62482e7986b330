// The past of a room, and which part of it is shown.

import assert from "node:assert/strict";
import test from "node:test";
import * as timeline from "../model/timeline.js";
import * as part from "../model/window.js";

const said = (seq, more = {}) => ({ room: 1, seq, position: seq, time: seq * 1000, author: { id: 1, name: "ann" }, kind: "said", text: `m${seq}`, ...more });
const page = (from, upto) => ({ messages: Array.from({ length: upto - from + 1 }, (_, n) => said(from + n)) });
const seqs = (t) => t.items.map(({ seq }) => seq);

test("a window is never larger than its cap, whichever way it goes", () => {
  let at = part.end(5000);
  assert.deepEqual(at, { lo: 4880, hi: 5000 });
  for (let n = 0; n < 100; n++) {
    at = part.older(at);
    assert.ok(at.hi - at.lo <= part.CAP && at.lo >= 0);
  }
  assert.deepEqual(at, { lo: 0, hi: part.CAP });
  for (let n = 0; n < 100; n++) at = part.newer(at, 5000);
  assert.deepEqual(at, { lo: 5000 - part.CAP, hi: 5000 });
});

test("a step leaves most of what is shown in place", () => {
  const at = part.older({ lo: 1000, hi: 1240 });
  assert.deepEqual(at, { lo: 940, hi: 1180 });
  assert.deepEqual(part.newer(at, 5000), { lo: 1000, hi: 1240 });
});

test("what is put in front moves the window along", () => {
  assert.deepEqual(part.inserted({ lo: 10, hi: 20 }, 0, 100), { lo: 110, hi: 120 });
  assert.deepEqual(part.inserted({ lo: 10, hi: 20 }, 15, 1), { lo: 10, hi: 21 });
  assert.deepEqual(part.inserted({ lo: 10, hi: 20 }, 20, 1), { lo: 10, hi: 20 });
  assert.deepEqual(part.dropped({ lo: 10, hi: 20 }, 15), { lo: 0, hi: 5 });
});

test("one more at the end is shown where the end was, and the page does not grow", () => {
  assert.deepEqual(part.appended({ lo: 0, hi: 10 }, 11, true), { lo: 0, hi: 11 });
  assert.deepEqual(part.appended({ lo: 0, hi: 5 }, 11, true), { lo: 0, hi: 5 });
  assert.deepEqual(part.appended({ lo: 0, hi: part.CAP }, part.CAP + 1, true), { lo: 1, hi: part.CAP + 1 });
  assert.deepEqual(part.appended({ lo: 0, hi: part.CAP }, part.CAP + 1, false), { lo: 0, hi: part.CAP });
});

test("pages join without holes or repetition", () => {
  const t = timeline.empty();
  timeline.begin(t, page(101, 200), { end: true });
  timeline.prepend(t, page(51, 105));
  assert.equal(t.items.length, 150);
  assert.equal(timeline.first(t), 51);
  assert.equal(t.start, false);
  timeline.prepend(t, { messages: [] });
  assert.equal(t.start, true);
  assert.equal(timeline.message(t, 77)?.text, "m77");
  assert.equal(timeline.message(t, 7), null);
});

test("what is said while a page is on its way is not lost", () => {
  const t = timeline.empty();
  timeline.put(t, said(6), true);
  timeline.put(t, said(7), true);
  timeline.begin(t, page(1, 6), { end: true });
  assert.deepEqual(seqs(t), [1, 2, 3, 4, 5, 6, 7]);
  assert.equal(t.hi, 7);
});

test("away from the end nothing is added, and coming back finds it", () => {
  const t = timeline.empty();
  timeline.begin(t, page(1, 5), { end: false, around: 3 });
  timeline.put(t, said(9), false);
  assert.deepEqual(seqs(t), [1, 2, 3, 4, 5]);
  timeline.append(t, page(6, 8), true);
  assert.deepEqual(seqs(t), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("a message told twice stands once, one that comes late stands in its place", () => {
  const t = timeline.empty();
  timeline.begin(t, page(1, 3), { end: true });
  timeline.put(t, said(5), true);
  timeline.put(t, said(4), true);
  const first = timeline.message(t, 5);
  timeline.put(t, said(5), true);
  assert.deepEqual(seqs(t), [1, 2, 3, 4, 5]);
  assert.equal(timeline.message(t, 5), first, "and is not drawn anew");
  timeline.alter(t, 5, 60, (old) => ({ ...old, text: "edited" }));
  timeline.put(t, said(5), true);
  assert.equal(timeline.message(t, 5)?.text, "edited", "an answer that comes late undoes no edit");
});

test("a change older than the page that told of it is not made again", () => {
  const t = timeline.empty();
  timeline.begin(t, { ...page(1, 3), position: 50 }, { end: true });
  assert.equal(timeline.alter(t, 2, 40, (old) => ({ ...old, text: "no" })), false);
  assert.equal(timeline.alter(t, 2, 51, (old) => ({ ...old, text: "yes" })), true);
  assert.equal(timeline.message(t, 2)?.text, "yes");
});

test("notes stand after what they came after, and dropped ones are gone", () => {
  const t = timeline.empty();
  timeline.begin(t, page(1, 3), { end: true });
  timeline.note(t, { what: "came", user: { id: 2, name: "bob" }, time: 1 }, 1, true);
  timeline.put(t, said(4), true);
  assert.deepEqual(seqs(t), [1, 2, 3, 3, 4]);
  assert.equal(timeline.find(t, 3), 2);
  timeline.drop(t, 3);
  assert.deepEqual(seqs(t), [4]);
  assert.equal(t.start, true);
});
