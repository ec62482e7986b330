// The line one writes in: drafts, completion, replying, changing. Knows nothing of how a message is sent.

import { fitting, put, start } from "../model/complete.js";
import { table } from "../model/commands.js";
import { list } from "../model/rows.js";
import * as store from "../model/store.js";
import { act, Behaviour, h, say } from "./dom.js";
import { icon } from "./icons.js";
import * as prefs from "./prefs.js";
import { Suggest } from "./suggest.js";

/** @import { Message, Room } from "../model/types.js" */

export class Composer extends Behaviour {
  field = h("textarea", { id: "write", rows: 1, class: "field", dir: "auto", autocomplete: "off", enterkeyhint: "send", "aria-label": "Message", maxLength: 16000 });
  sendButton = h("button", { type: "submit", class: "send", title: "Send", "aria-label": "Send" }, icon("send"));
  emoji = h("button", { type: "button", class: "plain", title: "Emoji", "aria-label": "Emoji" }, icon("smile"));
  typers = h("p", { class: "typing", dir: "auto" });
  about = h("div", { class: "about", hidden: true });
  form = h("form", { class: "line" }, this.emoji, this.field, this.sendButton);
  door = h("div", { class: "door", hidden: true });
  suggest = new Suggest(this.field, (name) => this.complete(name));
  /** @type {Message | null} */
  replying = null;
  /** @type {Message | null} */
  editing = null;
  /** @type {Room["key"] | null} */
  key = null;
  tick = 0;

  /** @param {AbortSignal} signal */
  start(signal) {
    this.append(this.suggest.node, this.about, this.form, this.door, this.typers);
    this.form.addEventListener("submit", (event) => this.submit(event), { signal });
    this.field.addEventListener("keydown", (event) => this.press(event), { signal });
    this.field.addEventListener("input", () => this.changed(), { signal });
    this.field.addEventListener("blur", () => setTimeout(() => this.suggest.close(), 150), { signal });
    this.emoji.addEventListener("click", () => act(this, "emoji", this.emoji), { signal });
    this.session.on((touched) => {
      if (touched.has("open") || touched.has("rooms")) this.show();
      if (touched.has("typing") || touched.has("log")) this.showTyping();
    }, signal);
    signal.addEventListener("abort", () => clearTimeout(this.tick));
    this.show();
  }

  get draftName() {
    return `draft.${this.session.state.me?.id}.${this.key}`;
  }

  show() {
    const room = this.session.here();
    this.hidden = !room;
    if (room && room.key !== this.key) {
      this.key = room.key;
      this.replying = this.editing = null;
      this.showAbout();
      this.write(prefs.get(this.draftName));
    }
    if (!room) return;
    const inside = store.inside(room);
    const shut = !inside || room.archived;
    this.form.hidden = !!shut;
    this.door.hidden = !shut;
    if (shut) {
      const join = h("button", { type: "button", class: "main", on: { click: () => act(this, "join", room.name) } }, `Join ${room.name}`);
      this.door.replaceChildren(room.archived ? "This room is archived: it can be read, not written in." : join);
    }
    this.field.placeholder = room.muted ? "You are muted here" : room.direct ? `Message ${room.name}` : `Message #${room.name}`;
    this.showTyping();
  }

  showTyping() {
    clearTimeout(this.tick);
    const now = this.session.around.now();
    const room = this.session.here();
    const names = [...(room?.typing.values() ?? [])].filter(({ until }) => until > now).map(({ user }) => user.name);
    say(this.typers, names.length ? `${list(names)} ${names.length > 1 ? "are" : "is"} writing…` : "");
    if (names.length) this.tick = window.setTimeout(() => this.showTyping(), 1000);
  }

  /** @param {string} text @param {number} [caret] */
  write(text, caret = text.length) {
    this.field.value = text;
    this.field.setSelectionRange(caret, caret);
    this.grow();
    this.sendButton.disabled = !text.trim();
  }

  /** @param {string} text */
  insert(text) {
    const { selectionStart: from, selectionEnd: to, value } = this.field;
    this.write(value.slice(0, from) + text + value.slice(to), from + text.length);
    this.field.focus();
    this.changed();
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }

  changed() {
    const { value } = this.field;
    this.grow();
    this.sendButton.disabled = !value.trim();
    if (!this.editing) prefs.set(this.draftName, value);
    if (value.trim() && !/^\/(?!\/)/.test(value)) this.session.typing("active");
    else this.session.typing("done");
    this.propose(false);
  }

  // Completion.

  /** Shows what the word may become. @param {boolean} asked by Tab, also for names without a sign */
  propose(asked) {
    const at = start(this.field.value, this.field.selectionStart);
    const room = this.session.here();
    if (!at || !room || (!at.sign && !asked)) return this.suggest.close();
    this.suggest.show(this.options(at.sign, at.word, room), asked && !at.sign);
  }

  /** @param {string} sign @param {string} word @param {Room} room @returns {import("./suggest.js").Option[]} */
  options(sign, word, room) {
    const { state, served } = this.session;
    if (sign === "/") {
      const all = table(served);
      return fitting(word, all.filter(({ name }) => name.startsWith(word.toLowerCase())), ({ name }) => name, 50)
        .map(({ name, usage, help }) => ({ name, shown: `/${name} ${usage}`, more: help }));
    }
    if (sign === "#") {
      const rooms = [...state.rooms.values()].filter((one) => !one.direct);
      return fitting(word, rooms, ({ name }) => name).map(({ name, topic }) => ({ name, shown: `#${name}`, more: topic }));
    }
    const here = [...(room.people?.values() ?? (room.with ? [room.with] : []))];
    // Who spoke last stands first.
    const people = here.filter(({ id }) => id !== state.me?.id).sort((a, b) => (room.spoke.get(b.id) ?? 0) - (room.spoke.get(a.id) ?? 0));
    const fit = fitting(word, people, ({ name }) => name).filter(({ name }) => sign || name.toLowerCase().startsWith(word.toLowerCase()));
    return fit.map(({ name, account }) => ({ name, shown: name, more: account ? "" : "guest" }));
  }

  /** @param {string} name */
  complete(name) {
    const at = start(this.field.value, this.field.selectionStart);
    if (!at) return;
    const made = put(this.field.value, at, name);
    this.write(made.text, made.caret);
    this.field.focus();
    this.suggest.close();
    prefs.set(this.draftName, made.text);
  }

  // Keys.

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.isComposing || this.suggest.press(event)) return;
    const plain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    const { value } = this.field;
    if (event.key === "Enter" && plain) this.submit(event);
    else if (event.key === "Tab" && plain && value.trim()) this.tab(event);
    else if (event.key === "ArrowUp" && plain && !value) this.editLast(event);
    else if (event.key === "Escape" && (this.replying || this.editing)) this.forget(event);
  }

  /** @param {KeyboardEvent} event */
  tab(event) {
    this.propose(true);
    // Where nothing fits, Tab goes on to what comes next, as everywhere.
    if (this.suggest.open) event.preventDefault();
    if (this.suggest.options.length === 1) this.complete(this.suggest.options[0]?.name ?? "");
  }

  /** @param {Event} event */
  editLast(event) {
    const message = this.session.ownLast();
    if (!message) return;
    event.preventDefault();
    this.edit(message);
  }

  /** @param {Event} event */
  forget(event) {
    event.preventDefault();
    event.stopPropagation();
    const was = this.editing;
    this.replying = this.editing = null;
    if (was) this.write(prefs.get(this.draftName));
    this.showAbout();
  }

  /** @param {Message} message */
  edit(message) {
    [this.editing, this.replying] = [message, null];
    this.write(message.text);
    this.showAbout();
    this.field.focus();
  }

  /** @param {Message} message */
  reply(message) {
    if (this.editing) this.write(prefs.get(this.draftName));
    [this.replying, this.editing] = [message, null];
    this.showAbout();
    this.field.focus();
  }

  showAbout() {
    const message = this.replying ?? this.editing;
    this.about.hidden = !message;
    if (!message) return;
    const words = message.text.replace(/\s+/g, " ").slice(0, 160);
    this.about.replaceChildren(
      icon(this.replying ? "reply" : "edit"),
      h("span", { class: "what" }, this.replying ? "Replying to " : "Changing what you said", this.replying && h("bdi", null, message.author.name)),
      h("span", { class: "words", dir: "auto" }, words),
      h("button", { type: "button", class: "plain", title: "Cancel (Esc)", "aria-label": "Cancel", on: { click: (/** @type {Event} */ event) => this.forget(event) } }, icon("close")),
    );
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const text = this.field.value.trimEnd();
    if (!text.trim() || this.key === null) return;
    const detail = { text, editing: this.editing, replying: this.replying };
    prefs.set(this.draftName, "");
    this.replying = this.editing = null;
    this.suggest.close();
    this.write("");
    this.showAbout();
    act(this, "submit", detail);
    this.field.focus();
  }
}

customElements.define("chat-composer", Composer);
