// How quickly the page is there: `node measure.mjs BASE`, of a server that runs, with limits off. The lobby is measured as it is, beside a room of
// ten messages that is made for it. Prints medians in milliseconds, from navigation to the first message that stands on the screen.

import { DESK, browser, somebody, visit } from "./stories/rig.mjs";

const base = process.argv[2] ?? "http://127.0.0.1:9000";
const ROUNDS = 15;
const median = (/** @type {number[]} */ all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)].toFixed(0);
const shared = await browser();
const name = `m${Date.now() % 1e9}`;
const host = await somebody(base, name);
const small = `${name}-few`;
await host.ask("POST", "/rooms", { name: small });
for (let n = 1; n <= 10; n++) await host.say(small, `message ${n}`);
// On a server of its own the lobby is empty.
if (!(await host.ask("GET", "/rooms/lobby")).last) await host.say("lobby", "the first one");

const { page, context } = await visit(shared, base, { size: DESK });
await page.addInitScript(() => {
  // The frame after the one in which it was put there has it on the screen.
  const seen = new MutationObserver(() => {
    if (!document.querySelector("li.message")) return;
    seen.disconnect();
    requestAnimationFrame(() => requestAnimationFrame((at) => Object.assign(window, { there: at })));
  });
  seen.observe(document, { childList: true, subtree: true });
});
await page.getByLabel("Name").fill(`${name}-v`);
await page.keyboard.press("Enter");
await page.locator("chat-shell").waitFor();
await page.goto(`${base}/#${small}`);
await page.getByRole("button", { name: `Join ${small}` }).click();
await page.locator("li.message").first().waitFor();

/** Everything anew, as at a first visit or as with what the browser has kept. */
async function arrives(room, kept) {
  const times = [];
  const devtools = await context.newCDPSession(page);
  for (let n = 0; n < ROUNDS; n++) {
    if (!kept) await devtools.send("Network.clearBrowserCache");
    await page.goto("about:blank");
    await page.goto(`${base}/#${room}`);
    await page.waitForFunction(() => "there" in window);
    times.push(await page.evaluate(() => window.there));
  }
  return median(times);
}

/** From the click on it in the list of rooms. */
async function opens(room, other) {
  const times = [];
  for (let n = 0; n < ROUNDS; n++) {
    await page.goto("about:blank");
    await page.goto(`${base}/#${other}`);
    await page.waitForFunction(() => "there" in window);
    times.push(await page.evaluate(async (wanted) => {
      const button = [...document.querySelectorAll("chat-rooms button, chat-rooms a")].find((one) => one.textContent?.includes(wanted));
      const before = performance.now();
      button.click();
      const frame = () => new Promise(requestAnimationFrame);
      while (!document.querySelector("header h2")?.textContent?.includes(wanted) || !document.querySelector("li.message")) await frame();
      return (await frame()) - before;
    }, room));
  }
  return median(times);
}

const lobby = (await host.ask("GET", "/rooms/lobby")).last;
for (const [room, many] of [["lobby", lobby], [small, 10]]) {
  console.log(`${many} messages: first visit ${await arrives(room, false)} ms, come again ${await arrives(room, true)} ms, opened ${await opens(room, room === "lobby" ? small : "lobby")} ms`);
}
await shared.close();
