// Commands, completion, keys, times, and what is done with texts.

import assert from "node:assert/strict";
import test from "node:test";
import { caller, uuid } from "../model/api.js";
import { plan, table } from "../model/commands.js";
import { fitting, put, score, start } from "../model/complete.js";
import { global, neighbour, onMessage, rove } from "../model/keys.js";
import { cut, excerpt, hash, place, safe } from "../model/text.js";
import * as time from "../model/time.js";

const here = { room: 3, name: "tea", last: 42 };
const does = (line, where = here) => plan(line, where, [{ name: "simulate", usage: "", help: "" }]);

test("words are said as they stand", () => {
  assert.deepEqual(does("hello"), { say: "hello" });
  assert.deepEqual(does("//join is a command"), { say: "/join is a command" });
  assert.deepEqual(does("/me waves"), { say: "waves", action: true });
});

test("commands become what the server is asked", () => {
  assert.deepEqual(does("/topic green tea").ask, ["PATCH", "/rooms/3", { topic: "green tea" }]);
  assert.deepEqual(does("/kick @ann too loud").ask, ["DELETE", "/rooms/3/members/ann?reason=too%20loud"]);
  assert.deepEqual(does("/ban ann 2h spam and more").ask, ["PUT", "/rooms/3/sanctions/ban/ann", { reason: "spam and more", minutes: 120 }]);
  assert.deepEqual(does("/mute ann noisy today").ask, ["PUT", "/rooms/3/sanctions/mute/ann", { reason: "noisy today", minutes: undefined }]);
  assert.deepEqual(does("/unban a/b").ask, ["DELETE", "/rooms/3/sanctions/ban/a%2Fb"]);
  assert.deepEqual(does("/react 🎉").ask, ["PUT", "/rooms/3/messages/42/reactions/%F0%9F%8E%89"]);
  assert.deepEqual(does("/react 7 +1").ask, ["PUT", "/rooms/3/messages/7/reactions/%2B1"]);
  assert.deepEqual(does("/edit 7 new text").ask, ["PATCH", "/rooms/3/messages/7", { text: "new text" }]);
  assert.deepEqual(does("/away").ask, ["PATCH", "/me", { away: "Away" }]);
  assert.deepEqual(does("/back").ask, ["PATCH", "/me", { away: null }]);
  assert.deepEqual(does("/invite bob #rust").ask, ["POST", "/rooms/%23rust/invites", { user: "bob" }]);
  assert.deepEqual(does("/role bob owner").ask, ["PUT", "/rooms/3/members/bob", { role: "owner" }]);
  assert.deepEqual(does("/reply 7 yes"), { say: "yes", reply: 7 });
  assert.deepEqual(does("/join #rust secret"), { ui: "join", args: ["rust", "secret"] });
  assert.deepEqual(does("/msg ann: hi there"), { ui: "direct", args: ["ann", "hi there"] });
});

test("what is no command, or none of this page, is said so and not sent", () => {
  for (const line of ["/nope", "/simulate crash", "/usr/bin/env", "/", "/kick", "/role bob king", "/constructor", "/__proto__ x"]) assert.ok("error" in does(line), line);
  assert.match(does("/simulate").error, /terminal/);
  assert.match(does("/kick bob", { ...here, room: null }).error, /needs a room/);
});

test("the table has the server's words for what the page can do", () => {
  const all = table([{ name: "me", usage: "<x>", help: "h" }, { name: "simulate", usage: "", help: "" }]);
  assert.equal(all.find(({ name }) => name === "me").usage, "<x>");
  assert.ok(!all.some(({ name }) => name === "simulate"));
  assert.ok(all.some(({ name }) => name === "settings"), "and its own");
});

test("the word before the caret is what is completed", () => {
  assert.deepEqual(start("hi @an", 6), { from: 3, to: 6, sign: "@", word: "an" });
  assert.deepEqual(start("/jo", 3), { from: 0, to: 3, sign: "/", word: "jo" });
  assert.equal(start("say /jo", 7).sign, "");
  assert.equal(start("//jo", 4).sign, "");
  assert.equal(start("hi ", 3), null);
});

test("completing puts the rest where it belongs", () => {
  assert.deepEqual(put("an", start("an", 2), "ann"), { text: "ann: ", caret: 5 });
  assert.deepEqual(put("hi an you", start("hi an you", 5), "ann"), { text: "hi ann you", caret: 6 });
  assert.deepEqual(put("@an", start("@an", 3), "ann"), { text: "@ann ", caret: 5 });
});

test("a few letters find a name, the start of it first", () => {
  assert.deepEqual(fitting("te", ["latest", "tea-bot", "a-team", "tea", "rust"], (name) => name), ["tea", "tea-bot", "a-team", "latest"]);
  assert.ok(score("rp", "release-planning") > 0);
  assert.equal(score("xyz", "release"), 0);
});

const press = (key, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
test("keys mean what the help says", () => {
  const free = { writing: false, dialog: false };
  assert.equal(global(press("k", { ctrlKey: true }), { writing: true, dialog: false }), "switch");
  assert.equal(global(press("ArrowUp", { altKey: true }), { writing: true, dialog: false }), "room-up");
  assert.equal(global(press("ArrowDown", { altKey: true, shiftKey: true }), free), "unread-down");
  assert.equal(global(press("?"), free), "help");
  assert.equal(global(press("?"), { writing: true, dialog: false }), undefined);
  assert.equal(global(press("Escape"), { writing: false, dialog: true }), undefined);
  assert.equal(global(press("a"), free), "write");
  assert.equal(global(press("c", { ctrlKey: true }), free), undefined);
  assert.equal(onMessage(press("ArrowUp")), "up");
  assert.equal(onMessage(press("r", { ctrlKey: true })), undefined);
  assert.deepEqual(["ArrowDown", "ArrowUp", "Home", "End"].map((key) => rove(key, 2, 3)), [0, 1, 0, 2]);
  assert.equal(neighbour(["a", "b", "c"], "a", -1), "c");
  assert.equal(neighbour(["a", "b", "c"], "a", 1, (key) => key === "c"), "c");
  assert.equal(neighbour(["a"], "a", 1), undefined);
  assert.equal(neighbour(["a", "b"], "x", 1), "a");
});

test("only addresses that may be followed are links", () => {
  for (const url of ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", " javascript:1", "nonsense", "blob:http://x/y"]) assert.equal(safe(url), null, url);
  assert.equal(safe("https://example.org/a?b"), "https://example.org/a?b");
  assert.equal(safe("mailto:ann@example.org"), "mailto:ann@example.org");
});

test("an address in the page is a room, a person, or a message", () => {
  assert.deepEqual(place("#tea/12"), { name: "tea", at: 12 });
  assert.deepEqual(place(hash({ name: "日本語 x/y" })), { name: "日本語 x/y", at: undefined });
  assert.deepEqual(place(hash({ name: "ann", direct: true }, 3)), { name: "@ann", at: 3 });
  assert.equal(place("#"), null);
  assert.equal(place("#%E0%A4%A"), null);
});

test("a text is cut at its marks, however they lie", () => {
  const shown = (text, marks) => cut(text, marks).map(({ text: part, marked }) => (marked ? `[${part}]` : part)).join("");
  assert.equal(shown("green tea", [[6, 9]]), "green [tea]");
  assert.equal(shown("aaa", [[0, 2], [1, 3]]), "[aa][a]");
  assert.equal(shown("abc", [[2, 9], [7, 8]]), "ab[c]");
  const long = `${"x".repeat(300)}tea${"y".repeat(300)}`;
  const part = excerpt(long, [[300, 303]]);
  assert.ok(part.text.length < 200);
  assert.ok(cut(part.text, part.marks).some(({ text, marked }) => marked && text === "tea"));
});

test("times are said as one says them", () => {
  const now = new Date(2026, 10, 26, 12).getTime();
  assert.equal(time.day(now - 3_600_000, now), "Today");
  assert.equal(time.day(now - 86_400_000, now), "Yesterday");
  assert.match(time.day(now - 400 * 86_400_000, now), /2025/);
  assert.equal(time.ago(now - 5_000, now), "just now");
  assert.equal(time.ago(now - 7_200_000, now), "2 h ago");
  assert.deepEqual(["90", "10m", "2h", "3d", "1w", "x", "", "h"].map(time.minutes), [90, 10, 120, 4320, 10_080, undefined, undefined, undefined]);
});

test("a UUID is one, also without a secure line", () => {
  const weak = { getRandomValues: (bytes) => bytes.fill(255) };
  assert.equal(uuid(weak), "ffffffff-ffff-4fff-bfff-ffffffffffff");
});

test("all that goes wrong is one kind of failure", async () => {
  const answer = (status, body, headers = {}) => async () => new Response(body, { status, headers });
  const fails = (ask) => caller(ask, "")("GET", "/x").then(() => assert.fail(), (error) => [error.status, error.code, error.detail, error.after]);
  assert.deepEqual(await fails(answer(429, '{"code":"too-many-requests","detail":"slower"}', { "retry-after": "3" })), [429, "too-many-requests", "slower", 3]);
  assert.deepEqual(await fails(answer(502, "<html>")), [502, "unknown", "The server said 502", 0]);
  assert.deepEqual(await fails(async () => { throw new TypeError("x"); }), [0, "offline", "The server cannot be reached", 0]);
  assert.equal(await caller(async () => new Response(null, { status: 204 }), "")("PUT", "/x", {}), undefined);
});

test("what can be asked twice is asked again where a kept connection was none", async () => {
  for (const [method, key, times] of [["GET", undefined, 2], ["POST", "a-uuid", 2], ["POST", undefined, 1], ["DELETE", undefined, 1]]) {
    let asked = 0;
    const ask = async () => {
      asked += 1;
      if (asked === 1) throw new TypeError("net::ERR_EMPTY_RESPONSE");
      return new Response("{}");
    };
    const told = await caller(ask, "")(method, "/x", undefined, { key }).catch((error) => error.code);
    assert.deepEqual([asked, told], [times, times === 2 ? {} : "offline"], method);
  }
});
