// Shows a room's log: a part of it at a time, standing still under the reader's eye. Knows where the reader is, not what is said.

import * as keys from "../model/keys.js";
import { rows } from "../model/rows.js";
import * as store from "../model/store.js";
import { full } from "../model/time.js";
import * as timeline from "../model/timeline.js";
import * as part from "../model/window.js";
import { act, Behaviour, h, keyed, narrow, say } from "./dom.js";
import { icon } from "./icons.js";
import { line } from "./message.js";

/** @import { Message, Room, Row } from "../model/types.js" */

/** Closer to an edge than this, more is fetched or shown, in px. */
const NEAR = 900;
/** Closer to the end than this counts as there, in px. */
const THERE = 40;

export class Log extends Behaviour {
  list = h("ol", { class: "lines" });
  scroller = h("section", { class: "scroller", tabIndex: 0, "aria-label": "Messages" }, this.list);
  unread = h("button", { type: "button", class: "jump to-unread", hidden: true });
  present = h("button", { type: "button", class: "jump to-present", hidden: true }, icon("down"), h("span", null, "To the present"));
  blank = h("div", { class: "blank", hidden: true });
  tools = h("div", { class: "tools", role: "toolbar", "aria-label": "What can be done with this message" });
  /** @type {Map<string, Row>} */
  shown = new Map();
  /** Quoted messages that are not in sight. @type {Map<string, Message | null>} */
  quotes = new Map();
  /** @type {Room["key"] | null} */
  key = null;
  turn = -1;
  loading = false;
  /** @type {number | null} */
  aim = null;
  wake = 0;
  /** How far down it stood when that was last looked at, in px. */
  top = 0;
  /** Where the reader was: an element that is hidden forgets it. @type {{ key: string, down: number } | null} */
  left = null;

  /** @param {AbortSignal} signal */
  start(signal) {
    this.append(this.scroller, this.unread, this.present, this.blank);
    this.session.on((touched) => {
      if (["log", "open", "rooms"].some((topic) => touched.has(topic))) this.show();
    }, signal);
    this.scroller.addEventListener("scroll", () => this.soon(), { passive: true, signal });
    this.list.addEventListener("pointerover", (event) => this.hover(event), { signal });
    this.list.addEventListener("focusin", (event) => this.offer(this.at(event.target)), { signal });
    this.list.addEventListener("click", (event) => this.tapped(event), { signal });
    this.list.addEventListener("contextmenu", (event) => this.context(event), { signal });
    this.addEventListener("pointerleave", () => this.offer(null), { signal });
    this.scroller.addEventListener("keydown", (event) => this.press(event), { signal });
    this.unread.addEventListener("click", () => this.toUnread(), { signal });
    this.present.addEventListener("click", () => this.toPresent(), { signal });
    for (const event of ["focus", "online"]) addEventListener(event, () => this.soon(), { signal });
    document.addEventListener("visibilitychange", () => this.soon(), { signal });
    // Whoever goes to another window has read to here; what comes meanwhile stands below a line.
    addEventListener("blur", () => this.leave(), { signal });
    let high = 0;
    const size = new ResizeObserver(() => {
      const before = high;
      high = this.scroller.clientHeight;
      if (this.follows()) this.toEnd();
      else if (!before && high && this.left) this.restore(this.left);
    });
    size.observe(this.scroller);
    signal.addEventListener("abort", () => size.disconnect());
    this.show();
  }

  get room() {
    return this.session.here();
  }

  leave() {
    const { room } = this;
    const { line, following } = this.session.state;
    if (!room || !following || line.has(room.key)) return;
    line.set(room.key, Math.max(room.last, timeline.last(room.timeline)));
    this.session.changed("line");
  }

  /** Once for all that happens in one frame. */
  soon() {
    if (this.wake) return;
    this.wake = requestAnimationFrame(() => {
      this.wake = 0;
      this.moved();
    });
  }

  show() {
    const { room } = this;
    const other = room?.key !== this.key || room?.timeline.turn !== this.turn;
    if (room?.key !== this.key) this.offer(null);
    [this.key, this.turn] = [room?.key ?? null, room?.timeline.turn ?? -1];
    if (!room) return this.empty(undefined);
    const { timeline: t } = room;
    const { state } = this.session;
    const stand = other ? null : this.stand();
    if (!other) this.follows();
    const waiting = (this.session.outbox?.entries ?? []).filter((entry) => entry.room === room.key && t.end && t.hi === t.items.length);
    const lines = rows(t.items.slice(t.lo, t.hi), {
      line: state.line.get(room.key), me: state.me?.id ?? -1, ignored: state.ignored, start: t.start && t.lo === 0 && t.items.length > 0, waiting,
      quoted: (seq) => this.quoted(room, seq),
    });
    this.scroller.setAttribute("aria-label", `Messages in ${room.name}`);
    this.draw(lines, room);
    this.empty(room);
    if (other) {
      this.scroller.scrollTop = this.scroller.scrollHeight;
      state.following = t.end && t.hi === t.items.length;
    }
    if (this.aim !== null && t.loaded) this.land(this.aim);
    else if (state.following) this.toEnd();
    else if (stand) this.restore(stand);
    this.soon();
  }

  /** @param {Row[]} lines @param {Room} room */
  draw(lines, room) {
    const { state } = this.session;
    const about = {
      me: state.me ?? { id: -1, name: "" }, now: this.session.around.now(),
      self: (/** @type {Message} */ message) => store.means(state, message),
    };
    const before = this.shown;
    this.shown = new Map(lines.map((row) => [row.key, row]));
    const focused = this.at(document.activeElement)?.dataset.key;
    keyed(this.list, lines, (row) => row.key, (row, old) => (old && same(before.get(row.key), row) ? old : line(row, about)));
    if (focused && !this.list.contains(document.activeElement)) this.byKey(focused)?.focus({ preventScroll: true });
    this.list.classList.toggle("alone", room.timeline.items.length === 0);
  }

  /** @param {Room} room @param {number} seq */
  quoted(room, seq) {
    const near = timeline.message(room.timeline, seq);
    const key = `${room.key}/${seq}`;
    if (near || this.quotes.has(key)) return near ?? this.quotes.get(key) ?? null;
    this.quotes.set(key, null);
    this.session.message(room, seq).then((message) => {
      this.quotes.set(key, message);
      this.session.changed("log");
    }, () => undefined);
    return null;
  }

  /** What is said where there is nothing to show. @param {Room | undefined} room */
  empty(room) {
    const t = room?.timeline;
    if (!room) this.list.replaceChildren();
    const nothing = !room ? "Choose a room, or press Ctrl K." : !store.inside(room) ? "What is said here is for those who are in the room." : !t?.loaded ? "" : t.items.length ? undefined : "Nothing has been said here yet.";
    this.blank.hidden = nothing === undefined || nothing === "";
    say(this.blank, nothing ?? "");
    this.scroller.hidden = !room;
  }

  // Where the reader is.

  /** The line at the top of what is seen, and how far down it is. */
  stand() {
    const top = this.scroller.getBoundingClientRect().top;
    // Not the very first: whether it has a name above it depends on what comes before it.
    for (const node of [...this.list.querySelectorAll("li.message")].slice(1)) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top) return { key: /** @type {HTMLElement} */ (node).dataset.key ?? "", down: box.top - top };
    }
    return null;
  }

  /** @param {{ key: string, down: number }} stand */
  restore({ key, down }) {
    const node = this.byKey(key);
    if (!node) return;
    const now = node.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
    if (Math.abs(now - down) > 0.5) this.scroller.scrollTop += now - down;
  }

  /** @param {string} key @returns {HTMLElement | null} */
  byKey(key) {
    return this.list.querySelector(`[data-key="${CSS.escape(key)}"]`);
  }

  get below() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.top = this.scroller.scrollTop;
  }

  /** Whether the end is followed: not by whoever has scrolled up since that was last looked at. */
  follows() {
    const { state } = this.session;
    if (this.scroller.scrollTop < this.top && this.below >= THERE) state.following = false;
    return state.following;
  }

  /** The reader has moved, or what is there has changed. */
  moved() {
    const { room, scroller } = this;
    // On a phone another part may be in front of it.
    if (!room || !scroller.clientHeight) return;
    const { timeline: t } = room;
    const { state } = this.session;
    this.left = this.stand();
    this.top = scroller.scrollTop;
    const end = t.end && t.hi === t.items.length;
    state.following = t.loaded && end && this.below < THERE;
    if (state.following && document.hasFocus() && !document.hidden) this.session.seen();
    this.present.hidden = state.following || !t.loaded || (end && this.below < scroller.clientHeight / 2);
    this.offerUnread(room);
    if (t.loaded && scroller.scrollTop < NEAR) void this.more(room, "older");
    else if (t.loaded && this.below < NEAR && !end) void this.more(room, "newer");
  }

  /** @param {Room} room @param {"older" | "newer"} way */
  async more(room, way) {
    const { timeline: t } = room;
    const older = way === "older";
    if (this.loading) return;
    if (older ? t.lo < part.STEP && !t.start : t.items.length - t.hi < part.STEP && !t.end) {
      this.loading = true;
      await this.session.history[way](room).catch(() => undefined);
      this.loading = false;
      if (t !== this.room?.timeline) return;
    }
    const next = older ? part.older(t) : part.newer(t, t.items.length);
    if (next.lo === t.lo && next.hi === t.hi) return;
    [t.lo, t.hi] = [next.lo, next.hi];
    // Shown again, the place is kept; where the window moved off the end, or the reader did meanwhile, it is not followed.
    this.session.state.following &&= t.hi === t.items.length && this.below < THERE;
    this.show();
  }

  /** @param {Room} room */
  offerUnread(room) {
    const from = this.session.state.line.get(room.key);
    const node = this.byKey("line");
    const top = this.scroller.getBoundingClientRect().top;
    const above = from !== undefined && (node ? node.getBoundingClientRect().bottom < top : (room.timeline.items[room.timeline.lo]?.seq ?? 0) > from);
    this.unread.hidden = !above || !room.timeline.loaded;
    if (!this.unread.hidden && this.unread.childElementCount === 0) this.unread.append(icon("up"), h("span", null, "To the first unread"));
  }

  toUnread() {
    const { room } = this;
    const from = room && this.session.state.line.get(room.key);
    if (room && from !== undefined) void this.go(from + 1, true);
  }

  toPresent() {
    const { room } = this;
    if (!room) return;
    const { timeline: t } = room;
    this.session.state.following = true;
    this.aim = null;
    if (!t.end) return void this.session.history.latest(room).then(() => this.show());
    Object.assign(t, part.end(t.items.length));
    this.show();
  }

  /** Goes to a message, or the first one after it. @param {number} seq @param {boolean} [toLine] */
  async go(seq, toLine = false) {
    const { room } = this;
    if (!room) return;
    const { timeline: t } = room;
    this.session.state.following = false;
    const known = t.loaded && t.items.length > 0 && seq >= timeline.first(t) && (t.end || seq <= timeline.last(t));
    if (!known) await this.session.history.near(room, seq);
    else Object.assign(t, part.around(Math.min(Math.max(0, timeline.after(t, seq - 1)), t.items.length - 1), t.items.length));
    this.aim = toLine ? -seq : seq;
    this.show();
  }

  /** @param {number} aim */
  land(aim) {
    this.aim = null;
    this.session.state.following = false;
    const seq = Math.abs(aim);
    const nodes = [.../** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll("[data-seq]"))];
    const node = nodes.find((one) => Number(one.dataset.seq) >= seq) ?? nodes.at(-1);
    if (!node) return;
    const box = node.getBoundingClientRect();
    const top = this.scroller.getBoundingClientRect().top;
    this.scroller.scrollTop += box.top - top - this.scroller.clientHeight / (aim < 0 ? 5 : 2.5);
    if (aim < 0) return;
    node.classList.remove("found");
    // Read the layout in between, that the same message can flash again.
    void node.offsetWidth;
    node.classList.add("found");
    node.focus({ preventScroll: true });
  }

  // What can be done with a message.

  /** @param {EventTarget | null} target @returns {HTMLElement | null} */
  at(target) {
    return target instanceof Element ? target.closest("li.message") : null;
  }

  /** @param {HTMLElement | null} node @returns {Message | null} */
  messageOf(node) {
    const row = this.shown.get(node?.dataset.key ?? "");
    return row?.kind === "message" && !row.message.redacted ? row.message : null;
  }

  /** @param {PointerEvent} event */
  hover(event) {
    const stamp = event.target instanceof Element && event.target.closest("time");
    if (stamp) stamp.title ||= full(Date.parse(stamp.dateTime));
    if (event.pointerType === "mouse" && !this.tools.contains(document.activeElement)) this.offer(this.at(event.target));
  }

  /** Puts the tools at a message. @param {HTMLElement | null} node */
  offer(node) {
    const message = this.messageOf(node);
    if (!node || !message || !this.room || !store.inside(this.room)) return this.tools.remove();
    if (this.tools.parentElement === node) return;
    const button = (/** @type {Parameters<typeof icon>[0]} */ name, /** @type {string} */ label, /** @type {string} */ what) =>
      h("button", { type: "button", tabIndex: -1, title: label, "aria-label": label, on: { click: () => act(this.tools, what, message, this.tools) } }, icon(name));
    const own = message.author.id === this.session.state.me?.id && message.kind === "said";
    this.tools.replaceChildren(
      button("smile", "React", "pick"), button("reply", "Reply", "reply"), ...(own ? [button("edit", "Edit", "edit")] : []), button("more", "More", "menu"));
    node.append(this.tools);
  }

  /** @param {MouseEvent} event */
  tapped(event) {
    if (!(event.target instanceof Element) || event.target.closest("button, a")) return;
    if (narrow() && !getSelection()?.toString()) this.at(event.target)?.focus({ preventScroll: true });
  }

  /** @param {MouseEvent} event */
  context(event) {
    const node = this.at(event.target);
    const message = this.messageOf(node);
    if (!message || !node || getSelection()?.toString() || (event.target instanceof Element && event.target.closest("a"))) return;
    event.preventDefault();
    act(node, "menu", message, node, event.clientX, event.clientY);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const nodes = [.../** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll("li.message"))];
    const node = this.at(event.target);
    const what = keys.onMessage(event);
    if (!what || (event.target !== node && event.target !== this.scroller)) return;
    const at = node ? nodes.indexOf(node) : nodes.length;
    const to = { up: at - 1, down: at + 1, first: 0, last: nodes.length - 1 }[what];
    const message = this.messageOf(node);
    if (to === undefined && !message) return;
    event.preventDefault();
    if (to !== undefined) nodes[Math.min(nodes.length - 1, Math.max(0, to))]?.focus();
    else act(node ?? this, what === "react" ? "pick" : what, message, node);
  }
}

/** Whether a row looks as it did. @param {Row | undefined} a @param {Row} b */
function same(a, b) {
  if (!a || a.kind !== b.kind) return false;
  if (a.kind === "message" && b.kind === "message") return a.message === b.message && a.follows === b.follows && a.quoted === b.quoted;
  if (a.kind === "notes" && b.kind === "notes") return a.count === b.count;
  if (a.kind === "waiting" && b.kind === "waiting") return a.state === b.state && a.follows === b.follows && a.entry.why === b.entry.why;
  return true;
}

customElements.define("chat-log", Log);
