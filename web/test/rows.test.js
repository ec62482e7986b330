// What stands in a room's log, line by line.

import assert from "node:assert/strict";
import test from "node:test";
import { list, rows, sentence } from "../model/rows.js";

const [ann, bob] = [{ id: 1, name: "ann" }, { id: 2, name: "bob" }];
const noon = new Date(2026, 10, 26, 12).getTime();
const said = (seq, author, minutes, more = {}) => ({ seq, message: { room: 1, seq, position: seq, time: noon + minutes * 60_000, author, kind: "said", text: "x", ...more } });
const note = (id, what, user, minutes) => ({ seq: 0, id, note: { what, user, time: noon + minutes * 60_000 } });
const show = (items, more = {}) => rows(items, { me: 9, ignored: new Set(), start: false, waiting: [], quoted: () => null, ...more });
const drawn = (items, more) => show(items, more).map((row) => (row.kind === "message" ? `${row.follows ? "+" : ""}${row.message.author.name}` : row.kind)).join(" ");

test("messages of one author close together stand under one name", () => {
  assert.equal(drawn([said(1, ann, 0), said(2, ann, 1), said(3, bob, 2), said(4, ann, 3), said(5, ann, 30)]), "day ann +ann bob ann ann");
});

test("a day begins with its date, once", () => {
  assert.equal(drawn([said(1, ann, 0), said(2, ann, 1440), said(3, ann, 1441)]), "day ann day ann +ann");
});

test("the unread line stands before the first unread message of somebody else", () => {
  assert.equal(drawn([said(1, ann, 0), said(2, ann, 1), said(3, ann, 2)], { line: 1 }), "day ann line ann +ann");
  assert.equal(drawn([said(1, ann, 0), said(2, bob, 1)], { line: 1, me: 2 }), "day ann bob");
  assert.equal(drawn([said(5, ann, 0)], { line: 1 }), "day ann");
  assert.equal(drawn([said(5, ann, 0)], { line: 1, start: true }), "start day line ann");
  assert.equal(drawn([said(1, ann, 0)], { line: 1 }), "day ann");
});

test("whoever is ignored is not there", () => {
  assert.equal(drawn([said(1, ann, 0), said(2, bob, 1), said(3, ann, 2)], { ignored: new Set([2]) }), "day ann +ann");
});

test("coming and going is one quiet line", () => {
  const items = [said(1, ann, 0), note(1, "came", bob, 1), note(2, "came", { id: 3, name: "chen" }, 1), note(3, "left", bob, 2), said(2, ann, 3)];
  assert.equal(drawn(items), "day ann notes ann");
  const row = show(items).find(({ kind }) => kind === "notes");
  assert.equal(sentence(row.notes), "bob came and went · chen came");
});

test("names are listed as far as they matter", () => {
  assert.equal(list(["ann"]), "ann");
  assert.equal(list(["ann", "bob"]), "ann and bob");
  assert.equal(list(["ann", "bob", "chen"]), "ann, bob and chen");
  assert.equal(list(["ann", "bob", "chen", "di", "eve"]), "ann, bob and 3 others");
  assert.equal(sentence(["ann", "bob", "c", "d", "e"].map((name, id) => ({ what: "came", user: { id, name }, time: 0 }))), "ann, bob and 3 others came");
});

test("what waits stands at the end", () => {
  const entry = { id: "u", room: 1, text: "x", at: 0, state: "waiting" };
  assert.equal(drawn([said(1, ann, 0)], { waiting: [entry], me: 1 }), "day ann waiting");
  assert.equal(show([said(1, ann, 0)], { waiting: [entry], me: 1 }).at(-1).follows, true);
});
