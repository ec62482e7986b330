// Asks the server, and makes one kind of failure of all that can go wrong. Never knows what the answers mean.

/** @import { Call, Problem } from "./types.js" */

/** @param {number} status @param {string} code @param {string} detail @param {number} [after] @returns {Problem} */
export function problem(status, code, detail, after = 0) {
  return Object.assign(new Error(detail), { status, code, detail, after });
}

/** Part of a path. @param {string | number} part */
export const seg = (part) => encodeURIComponent(String(part));

/** @param {typeof fetch} ask @param {string} base @returns {Call} */
export function caller(ask, base) {
  return async (method, path, body, { key, signal } = {}) => {
    /** @type {Record<string, string>} */
    const headers = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (key) headers["idempotency-key"] = key;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const send = () => ask(base + path, { method, headers, body: text, signal, credentials: "same-origin" });
    let answer;
    try {
      // A connection that the browser had kept may be none any more; what can be asked twice is asked on another.
      answer = await send().catch((error) => (method === "GET" || key ? send() : Promise.reject(error)));
    } catch {
      throw problem(0, "offline", "The server cannot be reached");
    }
    if (answer.status === 204) return undefined;
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    const after = Number(answer.headers.get("retry-after")) || 0;
    throw problem(answer.status, said.code ?? "unknown", said.detail ?? said.title ?? `The server said ${answer.status}`, after);
  };
}

/** A random UUID; pages that did not come over a secure line have no randomUUID. @param {Crypto} crypto */
export function uuid(crypto) {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
