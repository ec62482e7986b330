// Says times in the reader's own way. Never asks the clock: now is an argument.

const DAY = 86_400_000;
/** A way to say a time, made when it is first needed: that takes a browser some ms. @param {Intl.DateTimeFormatOptions} how @returns {(time: number) => string} */
function says(how) {
  /** @type {Intl.DateTimeFormat | undefined} */
  let made;
  return (time) => {
    made ??= new Intl.DateTimeFormat(undefined, how);
    return made.format(time);
  };
}

const long = /** @type {const} */ ({ weekday: "long", day: "numeric", month: "long" });
const days = says(long);
const far = says({ ...long, year: "numeric" });
const short = says({ day: "numeric", month: "short", year: "numeric" });
export const clock = says({ hour: "numeric", minute: "2-digit" });
export const full = says({ dateStyle: "full", timeStyle: "medium" });

/** Without the half of the day. @param {number} time */
export const brief = (time) => clock(time).replace(/\s?[AP]M$/i, "");

/** The start of a day where the reader is. @param {number} time */
export function dayOf(time) {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** @param {number} time @param {number} now */
export function day(time, now) {
  // Half a day more, then whole days: days of 23 and 25 hours count as one.
  const back = Math.floor((dayOf(now) - dayOf(time) + DAY / 2) / DAY);
  if (back === 0) return "Today";
  if (back === 1) return "Yesterday";
  return (new Date(time).getFullYear() === new Date(now).getFullYear() ? days : far)(time);
}

/** A day and a clock, as short as it may be. @param {number} time @param {number} now */
export function when(time, now) {
  return dayOf(time) === dayOf(now) ? clock(time) : `${short(time)}, ${clock(time)}`;
}

/** How long ago. @param {number} time @param {number} now */
export function ago(time, now) {
  const minutes = Math.floor((now - time) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ago`;
  return short(time);
}

/** Minutes in words like 90, 10m, 2h, 3d; undefined where it is none. @param {string} word */
export function minutes(word) {
  const found = /^(\d{1,6})([mhdw]?)$/.exec(word);
  if (!found) return undefined;
  const unit = { "": 1, m: 1, h: 60, d: 1440, w: 10_080 }[found[2] ?? ""] ?? 1;
  return Number(found[1]) * unit;
}
