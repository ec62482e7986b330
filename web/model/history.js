// Reads the past of rooms, page by page, and puts it where it belongs. Never knows what of it is looked at.

import { seg } from "./api.js";
import * as timeline from "./timeline.js";

/** @import { Call, Page, Room } from "./types.js" */

/** Messages a page, and as many as fill a screen or two at first. */
const LIMIT = 100;
const FIRST = 50;
/** So long after a page came may events come that it told of already, in ms. */
const LATE = 2_000;
/** How often a message is asked for again that changes meanwhile: what was heard of it stands then. */
const TIMES = 5;

export class History {
  /** Rooms of which something is being read, and what ends with it. @type {Map<Room["key"], Promise<void>>} */
  busy = new Map();
  /** Rooms in which an event and a page may have crossed, and the messages of which both tell. @type {Map<Room["key"], Set<number>>} */
  crossed = new Map();

  /** @type {{ key: string, page: Promise<Page | undefined> } | null} */
  first = null;

  /** @param {{ call: Call, timers: import("./sync.js").Timers, changed: (topic: string) => void, room: (key: Room["key"]) => Room | undefined }} around */
  constructor(around) {
    this.around = around;
  }

  /** @param {{ key: Room["key"] }} room @param {string} query @param {number} [limit] @returns {Promise<Page>} */
  page(room, query, limit = LIMIT) {
    return this.around.call("GET", `/rooms/${seg(room.key)}/messages?${query}limit=${limit}`);
  }

  /** Asks for the end of a room that will be looked at first, before it is known. @param {string} key */
  ahead(key) {
    this.first = { key, page: this.page({ key }, "", FIRST).catch(() => undefined) };
  }

  /** One reading of a room at a time. @param {Room} room @param {(t: Room["timeline"]) => Promise<void>} read */
  async reading(room, read) {
    while (this.busy.has(room.key)) await this.busy.get(room.key);
    let done = () => {};
    this.busy.set(room.key, new Promise((end) => {
      done = end;
    }));
    if (!this.crossed.has(room.key)) this.crossed.set(room.key, new Set());
    const { timeline: t } = room;
    try {
      await read(t);
      // The room may have been told anew meanwhile; the timeline is the same unless one was put out.
      return this.around.room(room.key)?.timeline === t;
    } finally {
      this.busy.delete(room.key);
      done();
      this.around.timers.after(LATE, () => this.settle(room.key));
      this.around.changed("log");
    }
  }

  /** The last ones. @param {Room} room */
  latest(room) {
    return this.reading(room, async (t) => {
      const { first } = this;
      this.first = null;
      const ahead = first?.key === `#${room.name}` ? await first.page : undefined;
      const page = ahead ?? (await this.page(room, "", FIRST));
      timeline.begin(t, page, { end: true, start: page.messages.length === 0 });
    });
  }

  /** @param {Room} room */
  older(room) {
    return this.reading(room, async (t) => {
      if (t.start || !t.loaded) return;
      timeline.prepend(t, await this.page(room, `before=${timeline.first(t)}&`));
    });
  }

  /** @param {Room} room */
  newer(room) {
    return this.reading(room, async (t) => {
      if (t.end || !t.loaded) return;
      const page = await this.page(room, `after=${timeline.last(t)}&`);
      timeline.append(t, page, page.messages.length === 0 || (page.messages.at(-1)?.seq ?? 0) >= room.last);
    });
  }

  /** The surroundings of a message. @param {Room} room @param {number} seq */
  near(room, seq) {
    return this.reading(room, async (t) => {
      const page = await this.page(room, `around=${seq}&`);
      timeline.begin(t, page, { end: (page.messages.at(-1)?.seq ?? 0) >= room.last, around: seq });
    });
  }

  /** An event changed a message: where a page may have told of it already, it is read once more. @param {Room["key"]} key @param {number} seq */
  changed(key, seq) {
    this.crossed.get(key)?.add(seq);
  }

  /** @param {Room["key"]} key */
  async settle(key) {
    const seqs = this.crossed.get(key);
    if (this.busy.has(key)) return;
    this.crossed.delete(key);
    for (const seq of [...(seqs ?? [])].slice(-20)) await this.again(key, seq).catch(() => undefined);
  }

  /** @param {Room["key"]} key @param {number} seq */
  async again(key, seq) {
    const held = () => {
      const room = this.around.room(key);
      return room && timeline.message(room.timeline, seq);
    };
    // What changed it while it was asked for may not be in the answer.
    for (let before = held(), n = 0; before && n < TIMES; before = held(), n++) {
      const message = await this.around.call("GET", `/rooms/${seg(key)}/messages/${seq}`);
      const room = this.around.room(key);
      if (!room || before !== held()) continue;
      if (timeline.alter(room.timeline, seq, Number.POSITIVE_INFINITY, () => message)) this.around.changed("log");
      return;
    }
  }
}
