// What people write never acts, and everybody can use the page.

import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { check, DESK, enter, PHONE, quiet, server, somebody, visit, write } from "./rig.mjs";

const CORPUS = [
  "<script>window.hit=1</script>", "<img src=x onerror=window.hit=2>", "<svg onload=window.hit=3>", "\"><script>window.hit=4</script>",
  "javascript:window.hit=5", "[x](javascript:window.hit=6)", "<a href=\"javascript:window.hit=7\">x</a>", "https://example.org/\"onmouseover=\"window.hit=8",
  "<iframe srcdoc=\"<script>parent.hit=9</script>\">", "</textarea><script>window.hit=10</script>", "{{constructor.constructor('window.hit=11')()}}",
  "data:text/html,<script>window.hit=12</script>", "<style>*{display:none}</style>", "@<img src=x onerror=window.hit=13>", "#<b>x</b>",
  "```<script>window.hit=14</script>\n```", "**<img src=x onerror=window.hit=15>**", "\u202e<script>window.hit=16</script>", "__proto__", "constructor", "&lt;script&gt;window.hit=17&lt;/script&gt;",
];
/** What a first visit may cost, in bytes. */
const MOST = 60_000;
const NAMES = ["<img/src=x/onerror=window.hit=20>", "<b>bold</b>", "'-window.hit=21-'", "javascript:window.hit=22", "__proto__", "constructor", "&amp;"];

/** Clicks and looks wherever what was written is shown. */
async function wander(page) {
  for (const what of ["members", "pins", "search"]) await page.locator(`header [data-what=${what}]`).click();
  await page.keyboard.type("hit");
  await page.locator(".hit").first().waitFor();
  for (const link of await page.locator("li.message a").all()) {
    const [href, rel, target] = await link.evaluate((node) => [node.href, node.rel, node.target]);
    check(/^(https?|mailto):/.test(href), `a link leads to ${href}`);
    check(rel.includes("noopener") && target === "_blank", "a link opens elsewhere, without a way back");
  }
  for (const ref of (await page.locator("li.message .ref").all()).slice(0, 3)) {
    await ref.click();
    await page.keyboard.press("Escape");
  }
  // What a click opened may come late.
  for (let n = 0; n < 30 && !(await page.getByRole("combobox").isVisible()); n++) {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor({ timeout: 1000 }).catch(() => undefined);
  }
  await page.keyboard.press("Escape");
}

export const stories = {
  async "a first visit is under 60 KB, and is kept by the browser"(browser) {
    const at = await server();
    const { page, context, said } = await visit(browser, "about:blank");
    const sizes = [];
    page.on("requestfinished", (request) => {
      if (!request.url().includes("/api/")) sizes.push(request.sizes().then(({ responseBodySize }) => ({ url: request.url(), size: responseBodySize })));
    });
    await page.goto(at.base);
    await enter(page, "ann");
    await page.waitForLoadState("networkidle");
    const first = await Promise.all(sizes.splice(0));
    const sum = first.reduce((all, { size }) => all + size, 0);
    check(first.length > 3 && sum > 20_000, `${first.length} files and ${sum} bytes are too few to be all`);
    check(sum < MOST, `${sum} bytes`);
    await page.reload();
    await page.locator("chat-shell").waitFor();
    const { headers, status } = await fetch(first.find(({ url }) => url.endsWith("/app.js")).url).then((answer) => ({ headers: answer.headers, status: answer.status }));
    check(status === 200 && /immutable/.test(headers.get("cache-control") ?? ""), "scripts are kept by the browser");
    quiet({ said });
    await context.close();
    await at.stop();
    console.log(`   ${first.length} files, ${sum} bytes`);
  },

  async "what people write executes nothing, in any field"(browser) {
    const at = await server();
    const host = await somebody(at.base, "host");
    const allowed = [];
    for (const name of NAMES) {
      try {
        const made = await somebody(at.base, name);
        allowed.push(made);
      } catch {
        // The server does not let it be a name: as well.
      }
    }
    await host.ask("POST", "/rooms", { name: "wild" });
    for (const name of NAMES) await host.ask("POST", "/rooms", { name }).catch(() => undefined);
    await host.ask("PATCH", "/rooms/wild", { topic: CORPUS.join(" ").slice(0, 300) });
    await host.ask("PATCH", "/me", { profile: CORPUS[1], away: CORPUS[2] });
    let last;
    for (const text of CORPUS) last = await host.say("wild", text, last ? { reply: last.seq } : {});
    await host.ask("PUT", `/rooms/wild/messages/${last.seq}/reactions/${encodeURIComponent("<b>")}`).catch(() => undefined);
    await host.ask("PUT", `/rooms/wild/messages/${last.seq}/pin`);
    for (const one of allowed) {
      await one.ask("PUT", "/rooms/wild/membership", {});
      await one.say("wild", `from ${one.name}`);
    }
    const { page, context, said } = await visit(browser, at.base);
    await enter(page, "zoe");
    await page.goto(`${at.base}/#wild`);
    await page.getByRole("button", { name: "Join wild" }).click();
    await page.locator("li.message", { hasText: "window.hit=17" }).first().waitFor();
    const shown = (await page.locator("li.message .text").allInnerTexts()).join("\n");
    for (const text of CORPUS.slice(0, 5)) check(shown.includes(text), `shown as it stands: ${text}`);
    await host.say("wild", `@zoe ${CORPUS[1]}`);
    await page.locator("li.means-me").waitFor();
    await wander(page);
    check((await page.evaluate(() => window.hit)) === undefined, "something was executed");
    check((await page.locator("chat-shell script, chat-shell iframe, chat-shell img, chat-log style, chat-log b").count()) === 0, "something became markup");
    // What was only written so is nobody and no room.
    quiet({ said: said.filter((text) => !text.includes("status of 404")) });
    await context.close();
    await at.stop();
  },

  async "axe finds nothing on any view"(browser) {
    const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const at = await server();
    const host = await somebody(at.base, "host");
    await host.ask("POST", "/rooms", { name: "open" });
    const first = await host.say("open", "A **line** with `code`, https://example.org and @ann\n```\nfn main() {}\n```\n> quoted");
    await host.say("open", "a reply", { reply: first.seq });
    await host.ask("PUT", `/rooms/open/messages/${first.seq}/reactions/${encodeURIComponent("🎉")}`);
    await host.ask("PUT", `/rooms/open/messages/${first.seq}/pin`);
    const found = [];
    for (const size of [DESK, PHONE]) {
      for (const dark of [false, true]) {
        const where = `${size.width} ${dark ? "dark" : "light"}`;
        const { page, context } = await visit(browser, at.base, { size, dark, bypassCSP: true });
        const look = async (view) => {
          await page.evaluate(axe);
          const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
          for (const { id, nodes } of violations) found.push(`${where}, ${view}: ${id}: ${nodes.slice(0, 2).map((node) => `${node.html.slice(0, 160)} (${node.failureSummary?.split("\n").slice(1, 3).join(" ")})`).join(" | ")}`);
        };
        const press = (key) => page.keyboard.press(key);
        await page.getByLabel("Name").waitFor();
        await look("door");
        await page.getByRole("button", { name: "Log in" }).click();
        await look("log in");
        await page.getByRole("button", { name: "Come as a guest" }).click();
        await enter(page, `ann-${size.width}-${dark ? "d" : "l"}`);
        await look("rooms");
        await page.goto(`${at.base}/#open`);
        await page.getByRole("button", { name: "Join open" }).click();
        await page.locator("li.message").first().waitFor();
        await page.getByLabel("Message", { exact: true }).waitFor();
        await look("room");
        await page.getByLabel("Message", { exact: true }).fill("/");
        await page.getByRole("option").first().waitFor();
        await look("commands");
        await page.getByLabel("Message", { exact: true }).fill("");
        await page.locator("li.message").first().focus();
        await press("Enter");
        await page.getByRole("menu").waitFor();
        await look("message menu");
        await press("Escape");
        await page.locator("li.message").first().focus();
        await press("+");
        await page.getByRole("dialog", { name: "Emoji" }).waitFor();
        await look("emoji");
        await press("Escape");
        await press("F1");
        await page.getByRole("dialog", { name: "Keys" }).waitFor();
        await look("help");
        await press("Escape");
        await press("Control+k");
        await page.getByRole("combobox").fill("o");
        await page.getByRole("option").first().waitFor();
        await look("switcher");
        await press("Escape");
        for (const what of ["search", "pins", "members"]) {
          const open = page.locator(`header [data-what=${what}]`);
          if (!(await open.isVisible())) await page.getByRole("button", { name: "Close the side" }).click();
          if (what !== "members" || !(await page.locator(".group").first().isVisible())) await open.click();
          await page.locator({ search: "chat-side form", pins: "chat-side .hit", members: "chat-side .person" }[what]).first().waitFor();
          await look(what);
        }
        await page.locator("chat-side .person", { hasText: "host" }).click();
        await page.getByRole("menu").waitFor();
        await look("person menu");
        await page.getByRole("menuitem", { name: "About" }).click();
        await page.getByRole("dialog", { name: "host" }).waitFor();
        await look("person");
        await press("Escape");
        if (!(await page.locator("header.head").first().isVisible())) await page.getByRole("button", { name: "Close the side" }).click();
        await page.locator("header [data-what=room-menu]").click();
        await page.getByRole("menuitem", { name: /About this room/ }).click();
        await look("about the room");
        await press("Escape");
        for (const what of ["settings", "browse"]) {
          await page.evaluate((name) => document.querySelector("chat-shell").dispatchEvent(new CustomEvent("do", { detail: { what: name, args: [] } })), what);
          await page.getByRole("dialog").waitFor();
          await look(what);
          await press("Escape");
        }
        const own = `own-${size.width}-${dark ? "d" : "l"}`;
        await page.goto(`${at.base}/#open`);
        await write({ field: page.getByLabel("Message", { exact: true }) }, `/create ${own}`);
        await page.locator("header h2", { hasText: own }).waitFor();
        await write({ field: page.getByLabel("Message", { exact: true }) }, "/ban spam* 1h noise");
        await page.getByText("spam*: ban").waitFor();
        for (const what of ["about-room", "sanctions", "audit", "keys"]) {
          await page.evaluate((name) => document.querySelector("chat-shell").dispatchEvent(new CustomEvent("do", { detail: { what: name, args: [] } })), what);
          await page.getByRole("dialog").locator(what === "about-room" ? "form" : "li").first().waitFor();
          await look(what);
          await press("Escape");
        }
        await context.close();
      }
    }
    check(found.length === 0, [...new Set(found)].join("\n"));
    await at.stop();
  },
};
