// Begins: shows the door or the rooms, and gives the session what it may not have by itself: clock, socket, randomness, storage.

import { caller, uuid } from "./model/api.js";
import { Session } from "./model/session.js";
import { place } from "./model/text.js";
import { h, make } from "./view/dom.js";
import { gate } from "./view/gate.js";
import { get, kept, set, showTheme } from "./view/prefs.js";
import { Shell } from "./view/shell.js";

const BASE = "/api/v1";
const call = caller((input, init) => fetch(input, init), BASE);
const page = /** @type {HTMLElement} */ (document.getElementById("page"));

/** @param {number} after */
function open(after) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(`${scheme}//${location.host}${BASE}/stream?after=${after}`);
}

/** Runs it before the page is next drawn, so that what comes together is drawn together; a page that nobody sees is not drawn. @param {() => void} run */
function frame(run) {
  const go = () => {
    stop();
    run();
  };
  const drawn = requestAnimationFrame(go);
  const timer = setTimeout(go, 50);
  const stop = () => {
    cancelAnimationFrame(drawn);
    clearTimeout(timer);
  };
  return stop;
}

/** Why one stands at the door, where it was not one's own doing. @type {Record<string, string>} */
const WHY = { revoked: "You were logged out.", "kicked-off": "You were put out of the server." };

/** @param {string} code */
function outside(code) {
  document.title = "Chatroom";
  set("inside", "");
  page.replaceChildren(gate(call, () => void enter(), WHY[code] ?? ""));
}

async function enter() {
  set("inside", "yes");
  const session = new Session({
    call, open, kept,
    timers: { after: (ms, run) => setTimeout(run, ms), cancel: clearTimeout.bind(window) },
    frame, now: Date.now, random: Math.random, id: () => uuid(crypto), onGone: outside,
  });
  try {
    const where = place(location.hash);
    // Where one was last is asked for at once.
    const last = get("last");
    await session.start(!where || (!where.at && `#${where.name}` === last) ? last : "");
    page.replaceChildren(make(Shell, session));
  } catch (error) {
    session.end();
    const { status, detail } = /** @type {import("./model/types.js").Problem} */ (error);
    if (status === 401) return;
    const again = h("button", { type: "button", class: "main", on: { click: () => void enter() } }, "Try again");
    page.replaceChildren(h("main", { class: "door-page" }, h("h1", null, "Chatroom"), h("p", { role: "status" }, detail || String(error)), again));
    console.warn(error);
  }
}

showTheme();
// Whoever was never inside is not asked for: it would only be refused.
if (get("inside")) void enter();
else outside("");
