// A small choice of emoji. Knows nothing of what one is chosen for.

import { h } from "./dom.js";
import { place } from "./dialog.js";

const USUAL = "👍 ❤️ 😂 🎉 😮 😢 🙏 👀 🔥 ✅ 👏 🤔 😄 😅 😉 😍 😎 😴 😭 😡 🥳 🤷 🙌 👋 💪 👎 ☕ 🍵 🍰 🌱 🌞 🌧️ ⭐ 💡 🐛 🚀 ⚠️ ❌ ❓ 💯".split(" ");
const ROW = 8;

/** @param {Element} home @param {Element} from @param {(emoji: string) => void} chosen */
export function picker(home, from, chosen) {
  const back = document.activeElement;
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
  node.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    const inside = node.contains(document.activeElement) || document.activeElement === document.body;
    node.remove();
    if (inside && back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
  });
  home.append(node);
  node.showPopover();
  place(node, from);
  items[0]?.focus();
}
