// Which key does what. Never knows an element: a key press is a few plain fields.

/** @typedef {{ key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean }} Press */
/** @typedef {{ writing: boolean, dialog: boolean }} Where */

/** What the help shows: keys, and what they do. */
export const HELP = [
  ["Ctrl K", "Go to a room or a person"],
  ["Alt ↑ / ↓", "Room above or below"],
  ["Alt Shift ↑ / ↓", "Next room with something unread"],
  ["↑", "In an empty line: change what you said last"],
  ["Tab", "Complete a name, a room or a command"],
  ["Enter / Shift Enter", "Send / new line"],
  ["Shift Tab", "From the line you write into the messages"],
  ["↑ ↓ Home End", "Among the messages"],
  ["Enter", "On a message: what can be done with it"],
  ["R  E  +  Delete", "On a message: reply, edit, react, take back"],
  ["Ctrl Shift F", "Search in all rooms"],
  ["Esc", "Close; mark the room as read; back to the line you write"],
  ["F1 or ?", "This help"],
];

/** What a press means for the whole page, or nothing. @param {Press} press @param {Where} where */
export function global(press, where) {
  const command = press.ctrlKey || press.metaKey;
  const key = press.key.toLowerCase();
  if (key === "f1") return "help";
  if (command && !press.altKey && key === "k") return "switch";
  if (where.dialog) return undefined;
  if (command && press.shiftKey && key === "f") return "search";
  if (press.altKey && !command && (key === "arrowup" || key === "arrowdown")) {
    return `${press.shiftKey ? "unread" : "room"}-${key === "arrowup" ? "up" : "down"}`;
  }
  if (key === "escape") return "escape";
  if (command || press.altKey) return undefined;
  if (press.key === "?" && !where.writing) return "help";
  // Whoever starts to write anywhere writes into the line.
  if (!where.writing && press.key.length === 1 && /[\p{L}\p{N}/@#:]/u.test(press.key)) return "write";
  return undefined;
}

/** What a press means on a message. @param {Press} press */
export function onMessage(press) {
  if (press.ctrlKey || press.metaKey || press.altKey) return undefined;
  /** @type {Record<string, string>} */
  const keys = {
    ArrowUp: "up", ArrowDown: "down", Home: "first", End: "last", Enter: "menu", " ": "menu", ContextMenu: "menu",
    r: "reply", e: "edit", "+": "react", Delete: "delete",
  };
  return keys[press.key];
}

/** The place after a move in a list that goes round. @param {string} key @param {number} at @param {number} n */
export function rove(key, at, n) {
  if (n === 0) return -1;
  if (key === "ArrowDown") return (at + 1) % n;
  if (key === "ArrowUp") return (at - 1 + n) % n;
  if (key === "Home") return 0;
  if (key === "End") return n - 1;
  return at;
}

/** The next room up or down; with `only`, of those. @param {string[]} keys @param {string} open @param {number} step @param {(key: string) => boolean} [only] */
export function neighbour(keys, open, step, only = () => true) {
  const at = keys.indexOf(open);
  for (let n = 1; n <= keys.length; n++) {
    const key = keys[(at + step * n + keys.length * 2) % keys.length];
    if (key !== undefined && key !== open && only(key)) return key;
  }
  return undefined;
}
