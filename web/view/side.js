// What stands beside a room: who is in it, what is pinned, what a search finds. Knows how each looks, not where it comes from.

import { seg } from "../model/api.js";
import { byName } from "../model/store.js";
import { cut, excerpt } from "../model/text.js";
import * as time from "../model/time.js";
import { act, avatar, Behaviour, h, hue, keyed } from "./dom.js";
import { icon } from "./icons.js";

/** @import { Message, Person, Role } from "../model/types.js" */

const GROUPS = /** @type {const} */ ([["owner", "Owners"], ["moderator", "Moderators"], ["voice", "Voice"], ["member", "Members"], ["away", "Not here"]]);
/** People in the list at most: who looks for another writes a few letters. */
const SHOWN = 300;

export class Side extends Behaviour {
  /** members, pins or search */
  mode = "members";
  everywhere = false;
  body = h("div", { class: "content", tabIndex: -1 });
  heading = h("h2", null);
  aside = h("section", { class: "aside" });
  asked = 0;

  /** @param {AbortSignal} signal */
  start(signal) {
    const close = h("button", { type: "button", class: "plain", title: "Close", "aria-label": "Close the side", on: { click: () => act(this, "close-side") } }, icon("close"));
    this.aside.append(h("div", { class: "head" }, this.heading, close), this.body);
    this.append(this.aside);
    this.session.on((touched) => {
      if (touched.has("open") && !(this.mode === "search" && this.everywhere)) this.show(this.mode === "search" ? "members" : this.mode);
      else if (this.mode === "members" && (touched.has("people") || touched.has("open"))) this.members();
    }, signal);
    this.show(this.mode);
  }

  /** @param {string} mode @param {string} [query] @param {boolean} [everywhere] */
  show(mode, query = "", everywhere = false) {
    [this.mode, this.everywhere] = [mode, everywhere];
    const title = { members: "People", pins: "Pinned", search: "Search" }[mode] ?? "";
    this.heading.textContent = title;
    this.aside.setAttribute("aria-label", title);
    this.asked += 1;
    this.body.replaceChildren();
    if (mode === "members") this.members();
    else if (mode === "pins") void this.pins();
    else this.search(query);
  }

  // Who is here.

  members() {
    const room = this.session.here();
    const people = [...(room?.people?.values() ?? [])];
    const here = (/** @type {Person} */ one) => this.session.state.people.get(one.id)?.online ?? one.online;
    let left = SHOWN;
    const groups = GROUPS.map(([role, title]) => {
      const all = people.filter((one) => (here(one) ? (one.role ?? "member") === role : role === "away")).sort(byName);
      const some = all.slice(0, left);
      left -= some.length;
      return { role, title, all, some };
    }).filter(({ all }) => all.length);
    keyed(this.body, groups, ({ role }) => role, ({ role, title, all, some }, old) => {
      const node = old ?? h("section", { class: "group", "aria-labelledby": `group-${role}` }, h("h3", { id: `group-${role}` }), h("ul", null));
      const [head, list] = node.children;
      if (head) head.textContent = `${title} · ${all.length}`;
      if (list) keyed(list, some, ({ id }) => String(id), (one, before) => this.person(one, before));
      return node;
    });
  }

  /** @param {Person} one @param {HTMLElement | undefined} old */
  person(one, old) {
    const known = { ...one, ...this.session.state.people.get(one.id) };
    const facts = JSON.stringify([known.name, known.online, known.away, known.bot, known.operator, this.session.state.ignored.has(one.id)]);
    if (old?.dataset.facts === facts) return old;
    const state = known.online ? (known.away ? "away" : "online") : "offline";
    const click = (/** @type {Event} */ event) => act(this, "person-menu", one.name, event.currentTarget);
    const tags = [known.bot && "bot", known.operator && "operator"];
    const node = h("li", { data: { facts } }, h("button", { type: "button", class: `person ${state}`, "aria-haspopup": "menu", on: { click } },
      h("span", { class: "sign" }, avatar(known, "small"), h("span", { class: `dot ${state}` })),
      h("bdi", { class: "name" }, known.name), ...tags.map((tag) => tag && h("span", { class: "tag" }, tag)),
      h("span", { class: "quiet" }, `, ${state}`), known.away && h("span", { class: "muted", dir: "auto" }, known.away)));
    if (old?.contains(document.activeElement)) queueMicrotask(() => node.querySelector("button")?.focus());
    return node;
  }

  // What is pinned.

  async pins() {
    const room = this.session.here();
    const asked = this.asked;
    if (!room) return;
    try {
      const { messages } = await this.session.call("GET", `/rooms/${seg(room.key)}/pins`);
      if (asked !== this.asked) return;
      room.pins = new Set(messages.map((/** @type {Message} */ one) => one.seq));
      this.results(messages.map((/** @type {Message} */ message) => ({ message, marks: [] })), this.body, false);
      if (!messages.length) this.body.replaceChildren(h("p", { class: "muted" }, "Nothing is pinned here. Pin a message from its menu."));
    } catch (error) {
      this.body.replaceChildren(h("p", { class: "muted" }, /** @type {Error} */ (error).message));
    }
  }

  // What a search finds.

  /** @param {string} query */
  search(query) {
    const field = h("input", { type: "search", value: query, placeholder: "Words to look for", "aria-label": "Words to look for", class: "field", dir: "auto", enterkeyhint: "search" });
    const all = h("input", { type: "checkbox", checked: this.everywhere });
    const found = h("div", { class: "found" });
    const note = h("p", { class: "muted", role: "status" });
    const run = async () => {
      const asked = ++this.asked;
      const words = field.value.trim();
      if (!words) return;
      note.textContent = "Looking…";
      const room = this.session.here();
      const where = all.checked || !room ? "" : `&room=${seg(room.key)}`;
      try {
        const { hits, more } = await this.session.call("GET", `/search?q=${seg(words)}${where}&limit=50`);
        if (asked !== this.asked) return;
        note.textContent = hits.length ? `${hits.length}${more ? " or more" : ""} found` : "Nothing found.";
        this.results(hits, found, !where);
      } catch (error) {
        note.textContent = /** @type {Error} */ (error).message;
      }
    };
    let timer = 0;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = window.setTimeout(run, 250);
    });
    all.addEventListener("change", () => {
      this.everywhere = all.checked;
      void run();
    });
    const form = h("form", { role: "search", on: { submit: (/** @type {Event} */ event) => { event.preventDefault(); void run(); } } },
      field, h("label", { class: "check" }, all, "In all rooms"));
    this.body.replaceChildren(form, note, found);
    field.focus();
    if (query) void run();
  }

  /** @param {{ message: Message, name?: string, marks: [number, number][] }[]} hits @param {Element} into @param {boolean} rooms whether they say where they stand */
  results(hits, into, rooms) {
    const now = this.session.around.now();
    into.replaceChildren(h("ul", { class: "hits" }, hits.map(({ message, name, marks }) => {
      const part = excerpt(message.text, marks);
      const words = cut(part.text, part.marks).map(({ text, marked }) => (marked ? h("mark", null, text) : text));
      return h("li", null, h("button", { type: "button", class: "hit", hue: hue(message.author.id), on: { click: () => act(this, "jump", message.seq, message.room) } },
        h("span", { class: "head" }, h("bdi", { class: "author" }, message.author.name),
          rooms && name && h("span", { class: "muted" }, /^#/.test(name) ? name : `@${name}`),
          h("time", { dateTime: new Date(message.time).toISOString(), title: time.full(message.time) }, time.when(message.time, now))),
        h("span", { class: "words", dir: "auto" }, ...words)));
    })));
  }
}

/** @type {Role[]} */
export const ROLES = ["member", "voice", "moderator", "owner"];

customElements.define("chat-side", Side);
