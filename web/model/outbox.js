// Keeps what was written until the server has it, and sends it in order, once. Never knows a real clock, network or storage.

import { backoff } from "./sync.js";

/** @import { Key, Problem, Waiting } from "./types.js" */

/**
 * @typedef {object} Around
 * @property {(entry: Waiting) => Promise<void>} send rejects with a Problem
 * @property {import("./sync.js").Timers} timers
 * @property {() => number} random
 * @property {() => void} onChange
 * @property {Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">} kept
 * @property {string} prefix under which it is kept, one key an entry: two pages of one person do not write over each other
 */

/** Refusals that are only for now. */
const LATER = new Set([0, 401, 408, 421, 425, 429, 500, 502, 503, 504]);

export class Outbox {
  /** @type {Waiting[]} */
  entries = [];
  /** Rooms of which one is being sent: the next waits for it, so that they stand in the order written. @type {Set<Key>} */
  busy = new Set();
  tries = 0;
  /** @type {any} */
  timer = null;
  stopped = false;

  /** @param {Around} around */
  constructor(around) {
    this.around = around;
    const { kept, prefix } = around;
    for (let at = 0; at < kept.length; at++) {
      const key = kept.key(at);
      if (!key?.startsWith(prefix)) continue;
      try {
        const entry = JSON.parse(kept.getItem(key) ?? "");
        this.entries.push({ ...entry, state: entry.state === "refused" ? "refused" : "waiting" });
      } catch {
        // Nothing that was ever written here.
      }
    }
    this.entries.sort((a, b) => a.at - b.at);
  }

  /** @param {Waiting} entry */
  add(entry) {
    this.entries.push(entry);
    this.keep(entry);
    this.around.onChange();
    this.pump(entry.room);
  }

  /** @param {Waiting} entry */
  keep(entry) {
    try {
      this.around.kept.setItem(this.around.prefix + entry.id, JSON.stringify(entry));
    } catch {
      // A full storage: it is sent all the same, and only not kept over a reload.
    }
  }

  /** The server has it. @param {string | undefined} id */
  settled(id) {
    const at = this.entries.findIndex((entry) => entry.id === id);
    if (at < 0) return;
    this.entries.splice(at, 1);
    this.around.kept.removeItem(this.around.prefix + id);
    this.around.onChange();
  }

  /** A conversation has got its id. @param {Key} from @param {Key} to */
  moved(from, to) {
    for (const entry of this.entries) if (entry.room === from) this.keep(Object.assign(entry, { room: to }));
  }

  /** @param {string} id */
  cancel(id) {
    this.settled(id);
  }

  /** @param {string} id */
  retry(id) {
    const entry = this.entries.find((one) => one.id === id);
    if (!entry) return;
    Object.assign(entry, { state: "waiting", why: undefined });
    this.keep(entry);
    this.around.onChange();
    this.pump(entry.room);
  }

  /** Tries all that waits: the server is there. */
  flush() {
    this.around.timers.cancel(this.timer);
    this.timer = null;
    for (const room of new Set(this.entries.map((entry) => entry.room))) this.pump(room);
  }

  stop() {
    this.stopped = true;
    this.around.timers.cancel(this.timer);
  }

  /** @param {Key} room */
  async pump(room) {
    if (this.busy.has(room)) return;
    this.busy.add(room);
    for (;;) {
      const entry = this.entries.find((one) => one.room === room && one.state === "waiting");
      if (!entry || this.stopped || !(await this.attempt(entry))) break;
    }
    this.busy.delete(room);
  }

  /** Whether the next one may be tried. @param {Waiting} entry */
  async attempt(entry) {
    entry.state = "sending";
    this.around.onChange();
    try {
      await this.around.send(entry);
      this.tries = 0;
      this.settled(entry.id);
      return true;
    } catch (error) {
      const problem = /** @type {Problem} */ (error);
      if (LATER.has(problem.status)) {
        entry.state = "waiting";
        this.later(problem.after * 1000);
      } else {
        Object.assign(entry, { state: "refused", why: problem.detail || problem.message });
        this.keep(entry);
      }
      this.around.onChange();
      return !LATER.has(problem.status);
    }
  }

  /** @param {number} atLeast ms */
  later(atLeast) {
    if (this.timer !== null || this.stopped) return;
    const wait = Math.max(atLeast || 0, backoff(this.tries++, this.around.random()));
    this.timer = this.around.timers.after(wait, () => this.flush());
  }
}
