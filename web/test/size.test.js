// What the server leaves out of the page on its way is only comments, and each file says what it is for. How small it is then, a story measures.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import test from "node:test";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("..", import.meta.url));
const names = (await readdir(WEB, { recursive: true })).filter((name) => /\.(js|css)$/.test(name) && !name.startsWith("test"));

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
    for (const line of text.replace(/\/\*\*?[^*][\s\S]*?\*\/ ?/g, "").replace(/^\s*\/\/.*$/gm, "").split("\n")) assert.ok(!/\/\*|\*\//.test(line), `${name}: ${line}`);
    assert.ok(!/`[^`]*\n\s*\/\/[^`]*`/.test(text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, "")), name);
    assert.ok(!/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/.test(text), name);
  }
});

test("no text in a sheet has a space behind a sign, so that leaving such spaces out leaves texts alone", async () => {
  for (const name of names.filter((one) => one.endsWith(".css"))) {
    for (const text of (await readFile(WEB + name, "utf8")).match(/"[^"]*"|url\([^)]*\)/g) ?? []) assert.ok(!/[{};:,] | \{/.test(text), `${name}: ${text}`);
  }
});
