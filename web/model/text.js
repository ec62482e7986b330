// What may be done with texts that people wrote: which addresses are followed, where one in the page leads, cutting at marks.
// Never follows, and knows no element.

const MAY = new Set(["http:", "https:", "mailto:"]);

/** The address as it may stand in a link, or null. @param {string} url */
export function safe(url) {
  try {
    const parsed = new URL(url);
    return MAY.has(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** `#tea`, `#@ann`, `#tea/12` @param {string} hash @returns {{ name: string, at?: number } | null} */
export function place(hash) {
  const found = /^#([^/]+)(?:\/(\d+))?$/.exec(hash);
  if (!found) return null;
  try {
    return { name: decodeURIComponent(found[1] ?? ""), at: found[2] ? Number(found[2]) : undefined };
  } catch {
    return null;
  }
}

/** @param {{ name: string, direct?: boolean }} room @param {number} [at] */
export function hash(room, at) {
  const name = encodeURIComponent(room.name);
  return `#${room.direct ? "@" : ""}${name}${at ? `/${at}` : ""}`;
}

/** @param {string} text @param {[number, number][]} marks in UTF-16 units @returns {{ text: string, marked: boolean }[]} */
export function cut(text, marks) {
  const out = [];
  let at = 0;
  for (const [from, to] of [...marks].sort((a, b) => a[0] - b[0])) {
    const begin = Math.max(at, from);
    if (to <= begin || begin >= text.length) continue;
    if (begin > at) out.push({ text: text.slice(at, begin), marked: false });
    out.push({ text: text.slice(begin, to), marked: true });
    at = to;
  }
  if (at < text.length) out.push({ text: text.slice(at), marked: false });
  return out;
}

/** A part of a long text around its first mark, and the marks moved with it. @param {string} text @param {[number, number][]} marks @param {number} [room] */
export function excerpt(text, marks, room = 180) {
  const first = marks[0]?.[0] ?? 0;
  if (text.length <= room || first < room / 2) return { text: text.slice(0, room) + (text.length > room ? "…" : ""), marks };
  let from = first - Math.floor(room / 3);
  const low = text.charCodeAt(from);
  if (low >= 0xdc00 && low < 0xe000) from += 1;
  const cutAt = Math.min(text.length, from + room);
  const moved = marks.map(([a, b]) => /** @type {[number, number]} */ ([a - from + 1, b - from + 1]));
  return { text: `…${text.slice(from, cutAt)}${cutAt < text.length ? "…" : ""}`, marks: moved };
}
