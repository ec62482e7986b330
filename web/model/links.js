// Which addresses may be followed, and which room an address in the page means. Never follows any.

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
