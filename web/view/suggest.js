// A list of what may be meant, above a field: shown, moved in and chosen from. Knows neither where the list comes from nor what is done.

import { rove } from "../model/keys.js";
import { h } from "./dom.js";

/** @typedef {{ name: string, shown: string, more?: string }} Option */

/** Options seen at once. */
const SHOWN = 8;

export class Suggest {
  /** @type {Option[]} */
  options = [];
  at = 0;
  node = h("div", { class: "suggest", role: "listbox", id: "suggest", "aria-label": "Completions", hidden: true });

  /** @param {HTMLTextAreaElement} field @param {(name: string) => void} chosen */
  constructor(field, chosen) {
    this.field = field;
    this.chosen = chosen;
    field.setAttribute("aria-autocomplete", "list");
  }

  get open() {
    return !this.node.hidden;
  }

  /** @param {Option[]} options @param {boolean} [_asked] */
  show(options, _asked) {
    this.options = options;
    this.at = 0;
    this.node.hidden = options.length === 0;
    this.draw();
  }

  close() {
    this.show([]);
  }

  draw() {
    // Those around the one that is meant: the list does not scroll.
    const from = Math.max(0, Math.min(this.at - 3, this.options.length - SHOWN));
    this.node.replaceChildren(
      ...this.options.slice(from, from + SHOWN).map(({ name, shown, more }, n) =>
        h("div", {
          class: "option", role: "option", id: `suggest-${from + n}`, "aria-selected": String(from + n === this.at),
          // Before the field loses the focus.
          on: { pointerdown: (/** @type {Event} */ event) => { event.preventDefault(); this.chosen(name); } },
        }, h("bdi", { class: "name" }, shown), h("span", { class: "more", dir: "auto" }, more ?? "")),
      ),
    );
    if (this.open) {
      this.field.setAttribute("aria-controls", "suggest");
      this.field.setAttribute("aria-activedescendant", `suggest-${this.at}`);
    } else {
      this.field.removeAttribute("aria-controls");
      this.field.removeAttribute("aria-activedescendant");
    }
  }

  /** Whether the press was for the list. @param {KeyboardEvent} event */
  press(event) {
    if (!this.open) return false;
    const { key } = event;
    const option = this.options[this.at];
    if (key === "ArrowDown" || key === "ArrowUp") {
      this.at = rove(key, this.at, this.options.length);
      this.draw();
    } else if (key === "Escape") {
      this.close();
    } else if ((key === "Tab" && !event.shiftKey) || (key === "Enter" && !event.shiftKey && !this.complete)) {
      if (option) this.chosen(option.name);
    } else {
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** Whether what stands there is whole already: Enter then sends it. */
  get complete() {
    const before = this.field.value.slice(0, this.field.selectionStart);
    return before.endsWith(`/${this.options[this.at]?.name}`);
  }
}
