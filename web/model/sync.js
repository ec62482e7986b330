// Keeps the stream: connects, resumes where it left off, tells each event once. Never knows a real clock or socket: both are given.

/** @import { Happening } from "./types.js" */

/** @typedef {{ onopen: any, onmessage: any, onclose: any, send: (text: string) => void, close: () => void }} Socket */
/** @typedef {{ after: (ms: number, run: () => void) => any, cancel: (timer: any) => void }} Timers */
/**
 * @typedef {object} Around
 * @property {(after: number) => Socket} open
 * @property {Timers} timers
 * @property {() => number} random from 0 to below 1
 * @property {(event: Happening) => void} onEvent each one once, in order
 * @property {(signal: any) => void} onSignal typing, and what else is kept nowhere
 * @property {(hello: any) => void} onHello
 * @property {() => void} onGap what was missed has to be read
 * @property {(state: string) => void} onState live, connecting, waiting
 * @property {(code: string) => void} onEnd the server has ended it
 * @property {() => void} onRefused it closed before it said hello
 */

/** After so many ms of silence the other side is asked for a sign of life, and has as many to give it. */
export const SILENCE = 30_000;
export const PATIENCE = 10_000;
const FIRST = 500;
const LONGEST = 20_000;
/** Codes after which coming again would be wrong. */
const FINAL = new Set(["revoked", "logged-out", "unauthenticated", "deleted"]);

/** How long to wait before the n-th try: longer each time, never all at once. @param {number} tries @param {number} random */
export function backoff(tries, random) {
  return Math.min(LONGEST, FIRST * 2 ** tries) * (0.5 + random / 2);
}

/** What makes two tellings of one event the same. @param {Happening} e */
export function sameness(e) {
  const user = typeof e.user === "object" ? e.user?.id : e.user;
  return JSON.stringify([e.event, e.room ?? e.message?.room, e.seq ?? e.message?.seq, user, e.emoji, e.on, e.setting, e.kind, e.mask, e.purge, e.key]);
}

export class Sync {
  /** The last position of which everything was told. */
  done = 0;
  /** The position that is being told, and what was told of it. */
  current = 0;
  /** @type {Set<string>} */
  told = new Set();
  tries = 0;
  state = "stopped";
  /** @type {Socket | null} */
  socket = null;
  greeted = false;
  /** @type {any} */
  timer = null;
  asked = 0;

  /** @param {Around} around */
  constructor(around) {
    this.around = around;
  }

  /** @param {number} position */
  start(position) {
    this.done = this.current = position;
    this.told.clear();
    this.connect();
  }

  stop() {
    this.around.timers.cancel(this.timer);
    this.timer = null;
    this.drop();
    this.state = "stopped";
  }

  /** Tries now instead of later: the network is back, or somebody looks. */
  nudge() {
    if (this.state === "waiting") this.connect();
    else if (this.state === "live") this.probe();
  }

  connect() {
    this.around.timers.cancel(this.timer);
    this.drop();
    this.become("connecting");
    this.greeted = false;
    const socket = this.around.open(this.done);
    this.socket = socket;
    socket.onmessage = (/** @type {{ data: string }} */ { data }) => {
      if (this.socket === socket) this.take(data);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lost();
    };
    this.watch(SILENCE);
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  /** @param {string} state */
  become(state) {
    if (state === this.state) return;
    this.state = state;
    this.around.onState(state);
  }

  lost() {
    this.drop();
    if (!this.greeted) this.around.onRefused();
    if (this.state === "stopped") return;
    this.become("waiting");
    this.around.timers.cancel(this.timer);
    this.timer = this.around.timers.after(backoff(this.tries++, this.around.random()), () => this.connect());
  }

  /** @param {number} ms */
  watch(ms) {
    this.around.timers.cancel(this.timer);
    this.timer = this.around.timers.after(ms, () => (this.greeted && this.asked === 0 ? this.probe() : this.lost()));
  }

  probe() {
    this.asked += 1;
    this.socket?.send(JSON.stringify({ id: this.asked, method: "GET", path: "/me" }));
    this.watch(PATIENCE);
  }

  /** @param {string} data */
  take(data) {
    this.asked = 0;
    this.watch(SILENCE);
    const said = JSON.parse(data);
    if (said.type === "hello") this.hello(said);
    else if (said.type === "event") this.event(said);
    else if (said.type === "ping") this.reached(said.position);
    else if (said.type === "gap") this.gap(said.upto);
    else if (said.type === "end") this.end(said.code);
    else if (said.type !== "answer") this.around.onSignal(said);
  }

  /** @param {{ resumed: boolean, position: number }} said */
  hello(said) {
    this.greeted = true;
    this.tries = 0;
    this.become("live");
    this.around.onHello(said);
    if (!said.resumed && said.position !== this.done) this.gap(said.position);
  }

  /** @param {Happening} e */
  event(e) {
    if (e.position <= this.done) return;
    if (e.position > this.current) {
      this.done = this.current;
      this.current = e.position;
      this.told.clear();
    }
    const same = sameness(e);
    if (this.told.has(same)) return;
    this.told.add(same);
    this.around.onEvent(e);
  }

  /** @param {number} position */
  reached(position) {
    if (position < this.current) return;
    this.done = this.current = position;
    this.told.clear();
  }

  /** @param {number} upto */
  gap(upto) {
    this.reached(Math.max(upto, this.current));
    this.around.onGap();
  }

  /** @param {string} code */
  end(code) {
    if (FINAL.has(code)) this.stop();
    this.around.onEnd(code);
  }
}
