// Which part of a long list stands in the page: the arithmetic alone. Never knows what the list is of, nor any element.

/** Rows that stand in the page at most; below the 300 we promise, for days and other lines stand between. */
export const CAP = 240;
/** Rows that come or go at once. */
export const STEP = 60;

/** @typedef {{ lo: number, hi: number }} Part from lo up to before hi */

/** The end of a list. @param {number} n @param {number} [cap] @returns {Part} */
export function end(n, cap = STEP * 2) {
  return { lo: Math.max(0, n - cap), hi: n };
}

/** The surroundings of a place in a list. @param {number} at @param {number} n @returns {Part} */
export function around(at, n) {
  return { lo: Math.max(0, at - STEP), hi: Math.min(n, at + STEP) };
}

/** More of the older; what is too much goes at the other side. @param {Part} part @param {number} [cap] @returns {Part} */
export function older({ lo, hi }, cap = CAP) {
  const from = Math.max(0, lo - STEP);
  return { lo: from, hi: Math.min(hi, from + cap) };
}

/** More of the newer. @param {Part} part @param {number} n @param {number} [cap] @returns {Part} */
export function newer({ lo, hi }, n, cap = CAP) {
  const upto = Math.min(n, hi + STEP);
  return { lo: Math.max(lo, upto - cap), hi: upto };
}

/** After something came in at a place: what stood in the page still stands there. @param {Part} part @param {number} at @param {number} count @returns {Part} */
export function inserted({ lo, hi }, at, count) {
  return { lo: at <= lo ? lo + count : lo, hi: at < hi ? hi + count : hi };
}

/** After the first ones are gone. @param {Part} part @param {number} count @returns {Part} */
export function dropped({ lo, hi }, count) {
  return { lo: Math.max(0, lo - count), hi: Math.max(0, hi - count) };
}

/**
 * After one came at the end: it is shown where the end was shown. Whoever follows the end loses the oldest rows instead of
 * letting the page grow; whoever reads further up loses nothing, and does not see it yet.
 * @param {Part} part @param {number} n the length now @param {boolean} follows @param {number} [cap] @returns {Part}
 */
export function appended({ lo, hi }, n, follows, cap = CAP) {
  if (hi !== n - 1) return { lo, hi };
  if (n - lo <= cap) return { lo, hi: n };
  return follows ? { lo: n - cap, hi: n } : { lo, hi };
}
