// Opens a dialog, a menu or a choice of emoji, and puts the focus back where it came from. Knows nothing of what is in it.

import { rove } from "../model/keys.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** Emoji that a picker offers, and how many stand in a row. */
const USUAL = "👍 ❤️ 😂 🎉 😮 😢 🙏 👀 🔥 ✅ 👏 🤔 😄 😅 😉 😍 😎 😴 😭 😡 🥳 🤷 🙌 👋 💪 👎 ☕ 🍵 🍰 🌱 🌞 🌧️ ⭐ 💡 🐛 🚀 ⚠️ ❌ ❓ 💯".split(" ");
const ROW = 8;

/** A way back to where the focus is. A line that is drawn anew meanwhile is still that line. */
function here() {
  const back = document.activeElement;
  const line = /** @type {HTMLElement | null | undefined} */ (back?.closest("[data-key]"));
  const list = line?.parentElement;
  return () => {
    const now = back?.isConnected ? back : list?.querySelector(`[data-key="${line?.dataset.key}"]`);
    if (now instanceof HTMLElement) now.focus({ preventScroll: true });
  };
}

/** @param {Element} home @param {string} title @param {(close: () => void) => (Node | string | false | null | undefined)[]} content @param {string} [kind] */
export function dialog(home, title, content, kind = "") {
  const back = here();
  const node = h("dialog", { class: `dialog ${kind}`, "aria-label": title });
  const close = () => node.close();
  const x = h("button", { type: "button", class: "plain", title: "Close (Esc)", "aria-label": "Close", on: { click: close } }, icon("close"));
  if (!kind.startsWith("bare")) node.append(h("div", { class: "head" }, h("h2", null, title), x));
  node.append(...content(close).filter((one) => !!one).map((one) => one || ""));
  node.addEventListener("click", (event) => {
    if (event.target === node) close();
  });
  node.addEventListener("close", () => {
    node.remove();
    back();
  });
  home.append(node);
  node.showModal();
  /** @type {HTMLElement | null} */ (node.querySelector("[autofocus], input, select, textarea"))?.focus();
  return node;
}

/** @typedef {{ label: string, run: () => void, icon?: Parameters<typeof icon>[0], danger?: boolean, checked?: boolean } | false | null | undefined} Entry */

/** A menu at an element or a point. @param {Element} home @param {Element} from @param {string} label @param {Entry[]} entries @param {{ x: number, y: number }} [point] */
export function menu(home, from, label, entries, point) {
  const node = h("div", { class: "menu", role: "menu", popover: "auto", "aria-label": label });
  for (const entry of entries) {
    if (!entry) continue;
    const run = () => {
      node.hidePopover();
      entry.run();
    };
    const role = entry.checked === undefined ? "menuitem" : "menuitemradio";
    node.append(h("button", { type: "button", role, class: entry.danger ? "danger" : "", tabIndex: -1, "aria-checked": entry.checked, on: { click: run } },
      entry.icon && icon(entry.icon), entry.label));
  }
  const items = /** @type {HTMLElement[]} */ ([...node.children]);
  node.addEventListener("keydown", (event) => {
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = rove(event.key, at, items.length);
    if (next !== at) items[next]?.focus();
    if (event.key === "Tab") node.hidePopover();
    if (next !== at || event.key === "Tab") event.preventDefault();
    event.stopPropagation();
  });
  pop(home, node, from, point);
}

/** Shows it at its place until it is done with. @param {Element} home @param {HTMLElement} node @param {Element} from @param {{ x: number, y: number }} [point] */
function pop(home, node, from, point) {
  const back = here();
  node.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    const inside = node.contains(document.activeElement) || document.activeElement === document.body;
    node.remove();
    if (inside) back();
  });
  home.append(node);
  node.showPopover();
  place(node, from, point);
  /** @type {HTMLElement | null} */ (node.querySelector("button"))?.focus();
}

/** @param {HTMLElement} node @param {Element} from @param {{ x: number, y: number }} [point] */
function place(node, from, point) {
  const box = from.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = node;
  const x = point ? point.x : box.right - width;
  const y = point ? point.y : box.bottom + 4;
  node.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  const over = (point ? point.y : box.top) - height - 4;
  node.style.top = `${y + height > innerHeight - 8 ? Math.max(8, over) : y}px`;
}

/** Asks before something that cannot be taken back. @param {Element} home @param {string} title @param {string} text @param {string} button @param {() => void} run */
export function confirm(home, title, text, button, run) {
  dialog(home, title, (close) => [
    h("p", { dir: "auto" }, text),
    h("div", { class: "buttons" },
      h("button", { type: "button", on: { click: close } }, "Cancel"),
      h("button", { type: "button", class: "main danger", autofocus: true, on: { click: () => { close(); run(); } } }, button)),
  ], "small");
}

/** A small choice of emoji. @param {Element} home @param {Element} from @param {(emoji: string) => void} chosen */
export function picker(home, from, chosen) {
  const node = h("div", { class: "picker", role: "dialog", "aria-label": "Emoji", popover: "auto" });
  const pick = (/** @type {string} */ emoji) => {
    node.hidePopover();
    chosen(emoji);
  };
  node.append(...USUAL.map((emoji, at) => h("button", { type: "button", tabIndex: at ? -1 : 0, "aria-label": emoji, on: { click: () => pick(emoji) } }, emoji)));
  const items = /** @type {HTMLElement[]} */ ([...node.children]);
  node.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: ROW, ArrowUp: -ROW }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    items[Math.min(items.length - 1, Math.max(0, at + step))]?.focus();
  });
  pop(home, node, from);
}
