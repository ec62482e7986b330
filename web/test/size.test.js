// The page is small: what is served, compressed file by file; and what is left out of it on the way was only comments.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { served } from "./served.mjs";

const WEB = fileURLToPath(new URL("..", import.meta.url));
/** What a first visit may cost, in bytes. */
const MOST = 60_000;

const names = (await readdir(WEB, { recursive: true })).filter((name) => /\.(js|css|html|svg|webmanifest)$/.test(name) && !name.startsWith("test"));
const sent = names.filter((name) => !name.startsWith("css/"));

test("a first visit is under 60 KB", async () => {
  let sum = 0;
  for (const name of sent) sum += gzipSync(await served(WEB + name), { level: 9 }).length;
  assert.ok(sum < MOST, `${sum} bytes`);
});

test("every stylesheet is imported, every script begins with what it is for", async () => {
  const style = await readFile(`${WEB}style.css`, "utf8");
  for (const name of names) {
    const text = await readFile(WEB + name, "utf8");
    if (name.startsWith("css/")) assert.ok(style.includes(`"./${name}"`), name);
    if (name.endsWith(".js")) assert.match(text, /^\/\/ .+[.!]\n/, name);
  }
});

test("no comment sign stands in a text, so that leaving comments out leaves texts alone", async () => {
  for (const name of names.filter((one) => one.endsWith(".js"))) {
    const text = await readFile(WEB + name, "utf8");
    for (const line of (await served(WEB + name)).split("\n")) assert.ok(!/\/\*|\*\//.test(line), `${name}: ${line}`);
    assert.ok(!/`[^`]*\n\s*\/\/[^`]*`/.test(text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, "")), name);
    assert.ok(!/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/.test(text), name);
  }
});
