// The page of whoever is inside: its three parts, the banner, keys for all of it. Knows where things go, not what they do.

import * as keys from "../model/keys.js";
import { place } from "../model/text.js";
import * as store from "../model/store.js";
import { perform } from "./actions.js";
import { Composer } from "./composer.js";
import { Behaviour, h, make, narrow } from "./dom.js";
import { Header } from "./header.js";
import { Log } from "./log.js";
import { notices } from "./notices.js";
import { isQuiet } from "./prefs.js";
import * as prefs from "./prefs.js";
import { Rooms } from "./rooms.js";
import { Side } from "./side.js";

export class Shell extends Behaviour {
  log = /** @type {Log} */ (/** @type {unknown} */ (null));
  composer = /** @type {Composer} */ (/** @type {unknown} */ (null));
  side = /** @type {Side} */ (/** @type {unknown} */ (null));
  banner = h("div", { class: "banner", role: "status" });
  toasts = h("div", { class: "toasts", role: "status" });

  /** @param {AbortSignal} signal */
  start(signal) {
    const { session } = this;
    this.log = make(Log, session);
    this.composer = make(Composer, session);
    this.side = make(Side, session);
    const skip = h("a", { class: "skip", href: "#write", on: { click: (/** @type {Event} */ event) => { event.preventDefault(); this.composer.field.focus(); } } }, "To the line you write in");
    this.role = "main";
    this.append(skip, h("h1", { class: "quiet" }, "Chatroom"), make(Rooms, session), h("section", { class: "room", "aria-label": "Room" }, make(Header, session), this.banner, this.log, this.composer), this.side, this.toasts);
    notices(this, session, signal);
    this.dataset.pane = "rooms";
    this.sideOpen(matchMedia("(min-width: 1100px)").matches && prefs.get("side") !== "no");
    this.addEventListener("do", (event) => {
      const { what, args } = /** @type {CustomEvent} */ (event).detail;
      void perform(this, what, args);
    }, { signal });
    addEventListener("keydown", (event) => this.press(event), { signal });
    addEventListener("hashchange", () => void this.follow(), { signal });
    addEventListener("online", () => this.awake(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.awake(), { signal });
    session.on((touched) => {
      if (touched.has("link")) this.showLink();
      if (touched.has("open") || touched.has("line")) this.keepLine();
    }, signal);
    signal.addEventListener("abort", () => clearTimeout(this.slow));
    void this.follow(true);
  }

  slow = 0;

  awake() {
    this.session.sync.nudge();
    if (this.session.link === "live") this.session.outbox?.flush();
  }

  /** A line that comes back at once is not worth a word. */
  showLink() {
    clearTimeout(this.slow);
    if (this.session.link === "live") return this.banner.replaceChildren();
    this.slow = window.setTimeout(() => {
      if (this.banner.childElementCount) return;
      this.banner.append(h("span", null, "Not connected. What you write is kept and sent once."),
        h("button", { type: "button", class: "small", on: { click: () => this.session.sync.nudge() } }, "Try now"));
    }, 1200);
  }

  /** @param {boolean} open */
  sideOpen(open) {
    this.classList.toggle("with-side", open);
    this.side.hidden = !open;
    if (!open && this.dataset.pane === "side") this.pane("room");
  }

  /** Which part is seen where there is room for one. @param {"rooms" | "room" | "side"} pane */
  pane(pane) {
    this.dataset.pane = pane;
  }

  /** Goes where the address says. @param {boolean} [first] */
  async follow(first = false) {
    const where = place(location.hash);
    const { state } = this.session;
    if (!where) {
      const { rooms, direct } = store.listed(state);
      const all = [...state.rooms.values()].filter((room) => !room.direct);
      // Whoever is in no room yet sees what goes on in the largest, and may come in.
      const large = all.sort((a, b) => (b.members ?? 0) - (a.members ?? 0))[0];
      const room = state.rooms.get(Number(prefs.get("room"))) ?? rooms[0] ?? direct[0] ?? large;
      if (first && room && (!narrow() || (!rooms.length && !direct.length))) return perform(this, "open", [room.key]);
      if (narrow()) this.pane("rooms");
      if (first && !room) void perform(this, "browse", []);
      return;
    }
    await perform(this, "go", [where.name, where.at, first]);
  }

  /** The unread line outlives a reload. */
  keepLine() {
    const lines = JSON.stringify([...this.session.state.line].filter(([key]) => key === this.session.state.open));
    try {
      prefs.brief.setItem("chatroom.line", lines);
    } catch {
      // It is only a convenience.
    }
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.isComposing || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : document.body;
    const where = { writing: !!target.closest("input, textarea, select"), dialog: !!document.querySelector("dialog[open], [popover]:popover-open") };
    const what = keys.global(event, where);
    if (!what) return;
    if (what === "write") return this.composer.field.focus();
    if (what === "escape") return this.escape(target);
    event.preventDefault();
    if (what === "help" || what === "switch") {
      if (!document.querySelector("dialog[open]")) void perform(this, what, []);
    } else if (what === "search") void perform(this, "search-all", []);
    else this.step(what);
  }

  /** @param {string} what */
  step(what) {
    const { state } = this.session;
    const { rooms, direct } = store.listed(state);
    const all = [...rooms, ...direct];
    const only = what.startsWith("unread") ? (/** @type {string} */ key) => all.some((room) => String(room.key) === key && room.unread > 0 && !isQuiet(key)) : undefined;
    const next = keys.neighbour(all.map(({ key }) => String(key)), String(state.open), what.endsWith("up") ? -1 : 1, only);
    const room = all.find(({ key }) => String(key) === next);
    if (room) void perform(this, "open", [room.key]);
  }

  /** @param {Element} target */
  escape(target) {
    const room = this.session.here();
    if (this.side.contains(target)) {
      if (this.side.mode !== "members" || narrow()) void perform(this, "close-side", []);
      return this.composer.field.focus();
    }
    if (target === this.composer.field && room && this.session.state.line.delete(room.key)) {
      this.session.changed("log", "line");
      return this.log.toPresent();
    }
    this.composer.field.focus();
  }

  /** @param {string} text @param {string} [button] @param {() => void} [run] */
  toast(text, button, run) {
    const node = h("div", { class: "toast" }, h("span", { dir: "auto" }, text));
    if (button && run) node.append(h("button", { type: "button", class: "small", on: { click: () => { node.remove(); run(); } } }, button));
    this.toasts.append(node);
    while (this.toasts.childElementCount > 3) this.toasts.firstElementChild?.remove();
    const timer = setTimeout(() => node.remove(), 3000 + text.length * 60 + (button ? 6000 : 0));
    this.ending.signal.addEventListener("abort", () => clearTimeout(timer));
  }
}

customElements.define("chat-shell", Shell);
