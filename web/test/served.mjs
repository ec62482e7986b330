// How a file of the page is meant to be served: style.css with what it imports in its place, scripts without comments and indentation.

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A block comment and a space after it; a line that is nothing but a comment; the white space at the start of lines. */
const LEFT_OUT = [[/\/\*\*?[^*][\s\S]*?\*\/ ?/g, ""], [/^\s*\/\/.*$/gm, ""], [/^\s+/gm, ""]];

/** @param {string} path */
export async function served(path) {
  const text = await readFile(path, "utf8");
  if (path.endsWith("style.css")) {
    const parts = [...text.matchAll(/^@import "(.+)";$/gm)].map(([, name = ""]) => served(join(dirname(path), name)));
    return (await Promise.all(parts)).join("");
  }
  return /\.(js|css)$/.test(path) ? LEFT_OUT.reduce((rest, [rule, by]) => rest.replace(rule, by), text) : text;
}
