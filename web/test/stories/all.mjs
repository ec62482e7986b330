// Runs every story, or those named on the command line, each on a server of its own; says which failed, and counts them at the end.

import { readdir } from "node:fs/promises";
import { browser, clear, seen } from "./rig.mjs";

const here = new URL(".", import.meta.url);
const wanted = process.argv.slice(2);
const files = (await readdir(here)).filter((name) => name.endsWith(".mjs") && !["all.mjs", "rig.mjs"].includes(name)).sort();
const shared = await browser();
const count = { passed: 0, failed: 0, skipped: 0 };
for (const file of files) {
  const { stories } = await import(new URL(file, here).href);
  for (const [name, story] of Object.entries(stories)) {
    if (wanted.length && !wanted.some((word) => name.includes(word) || file.startsWith(word))) continue;
    const began = Date.now();
    try {
      const skipped = await story(shared);
      count[skipped ? "skipped" : "passed"] += 1;
      console.log(`${skipped ? `skipped (${skipped})` : "ok"}: ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      count.failed += 1;
      console.log(`FAILED: ${name}\n${error.stack ?? error}\n${await seen()}`);
    }
    await clear();
  }
}
await shared.close();
console.log(`stories: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exit(count.failed ? 1 : 0);
