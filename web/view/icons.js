// The page's icons, as lines on a grid of 20. Knows nothing of what they stand for.

const LINES = {
  hash: "M8 3 6.5 17M13.5 3 12 17M3.5 7.5h14M2.5 12.5h14",
  lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  at: "M13 7v4.5a2 2 0 0 0 4 0V10a7 7 0 1 0-3 5.7M13 10a3 3 0 1 1-6 0 3 3 0 0 1 6 0",
  search: "M14 8.5a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0M12.5 12.5 17 17",
  people: "M10.5 6.5a3 3 0 1 1-6 0 3 3 0 0 1 6 0M2 17c0-3.5 2.3-5.5 5.5-5.5s5.5 2 5.5 5.5M13 3.8a3 3 0 0 1 0 5.4M15 12c2 .8 3 2.5 3 5",
  pin: "M7 3h6l-.7 5.5 2.7 2.5v1.5H5V11l2.7-2.5zM10 12.5V18",
  reply: "M8 5 3.5 9.5 8 14M4 9.5h7a5.5 5.5 0 0 1 5.5 5.5v1",
  smile: "M17.5 10a7.5 7.5 0 1 1-15 0 7.5 7.5 0 0 1 15 0M7 12c1.5 2.3 4.5 2.3 6 0M7.5 7.8v.4M12.5 7.8v.4",
  more: "M4.5 9.8v.4M10 9.8v.4M15.5 9.8v.4",
  send: "M3 10 17 3.5 13 17l-3.5-5.5zM9.5 11.5 17 3.5",
  plus: "M10 4v12M4 10h12",
  close: "M5 5l10 10M15 5 5 15",
  back: "M12.5 4 6.5 10l6 6",
  down: "M10 4v12M5 11l5 5 5-5",
  up: "M10 16V4M5 9l5-5 5 5",
  gear: "M12.5 10a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0M10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M15.3 4.7l-1.4 1.4M6.1 13.9l-1.4 1.4",
  bell: "M5 14h10l-1-2V8.5a4 4 0 0 0-8 0V12zM8.5 16.5c.8.9 2.2.9 3 0",
  mute: "M5 14h10l-1-2V8.5a4 4 0 0 0-8 0V12zM3 3l14 14",
  edit: "M4 16l.8-3.5L13 4.3l2.7 2.7-8.2 8.2z",
};

/** @param {keyof typeof LINES} name */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 20 20", class: `icon i-${name}`, "aria-hidden": "true" })) svg.setAttribute(key, value);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", LINES[name]);
  svg.append(path);
  return svg;
}
