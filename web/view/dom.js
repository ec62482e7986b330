// Makes and reconciles elements. Text goes in as text; there is no way here to put in markup.

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {{ [name: string]: any }} Props */

/**
 * An element. `on` has listeners, `class` and `text` and plain properties are set as such, names with a dash and `role` as attributes.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Props | null} [props] @param {...(Child | Child[])} children @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null) continue;
    if (name === "class") node.className = value;
    else if (name === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, /** @type {any} */ (run));
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "hue") node.style.setProperty("--hue", String(value));
    else if (name.includes("-") || name in ATTRIBUTES) node.setAttribute(name, String(value));
    else /** @type {any} */ (node)[name] = value;
  }
  put(node, ...children);
  return node;
}

const ATTRIBUTES = { role: 1, for: 1, list: 1, popover: 1, enterkeyhint: 1, autocapitalize: 1, inputmode: 1 };

/** @param {Node} node @param {...(Child | Child[])} children */
export function put(node, ...children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    node.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** @param {Element} node @param {...(Child | Child[])} children */
export function fill(node, ...children) {
  node.replaceChildren();
  put(node, ...children);
}

/** Sets only what is other than it was: fewer layouts, and nothing told twice. @param {Element} node @param {string} text */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Makes a parent's children those of a list, keeping the nodes of keys that stay.
 * @template T
 * @param {Element} parent @param {T[]} list @param {(one: T) => string} key
 * @param {(one: T, old: HTMLElement | undefined) => HTMLElement} make gives back the old node where nothing of it changed
 */
export function keyed(parent, list, key, make) {
  /** @type {Map<string, HTMLElement>} */
  const old = new Map();
  for (const node of /** @type {Iterable<HTMLElement>} */ (/** @type {unknown} */ (parent.children))) old.set(node.dataset.key ?? "", node);
  /** @type {Element | null} */
  let at = parent.firstElementChild;
  for (const one of list) {
    const name = key(one);
    const before = old.get(name);
    const node = make(one, before);
    node.dataset.key = name;
    old.delete(name);
    if (before && before !== node) {
      if (at === before) at = node;
      before.replaceWith(node);
    }
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  for (const node of old.values()) node.remove();
}

/** An element with a behaviour: what it starts ends with it. */
export class Behaviour extends HTMLElement {
  /** @type {import("../model/session.js").Session} */
  session = /** @type {any} */ (null);
  ending = new AbortController();

  connectedCallback() {
    this.ending = new AbortController();
    this.start(this.ending.signal);
  }

  disconnectedCallback() {
    this.ending.abort();
  }

  /** @param {AbortSignal} _signal */
  start(_signal) {}
}

/** @template {Behaviour} T @param {new () => T} Type @param {import("../model/session.js").Session} session @param {Partial<T>} [more] @returns {T} */
export function make(Type, session, more = {}) {
  return Object.assign(new Type(), { session }, more);
}

/** Asks the page around to do something. @param {EventTarget} from @param {string} what @param {...any} args */
export function act(from, what, ...args) {
  from.dispatchEvent(new CustomEvent("do", { bubbles: true, detail: { what, args } }));
}

/** The hue by which somebody is known. @param {number} id */
export const hue = (id) => Math.round((id * 137.508 + 40) % 360);

/** @param {{ id: number, name: string }} user @param {string} [more] */
export function avatar(user, more = "") {
  const [letter = "?"] = user.name.replace(/^[^\p{L}\p{N}]+/u, "") || "?";
  return h("span", { class: `avatar ${more}`, hue: hue(user.id), "aria-hidden": "true" }, letter.toUpperCase());
}

/** How wide the page is: below that, one pane at a time. */
export const narrow = () => matchMedia("(max-width: 759px)").matches;
