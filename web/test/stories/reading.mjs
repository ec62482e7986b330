// Long histories, going about by keys alone, and what a phone shows.

import { check, enter, PHONE, quiet, server, somebody, visit } from "./rig.mjs";

const nodes = (page) => page.locator("chat-log li").count();

/** Somebody says this many things in a room, many at once. */
async function chatter(host, room, count) {
  let next = 1;
  const one = async () => {
    while (next <= count) await host.say(room, `message ${next++}`);
  };
  await Promise.all(Array.from({ length: 32 }, one));
}

export const stories = {
  async "scrolled back to the start, the page stays small and still"(browser) {
    const count = Number(process.env.STORY_MESSAGES ?? 2000);
    const at = await server();
    const host = await somebody(at.base, "host");
    await host.ask("POST", "/rooms", { name: "long" });
    await chatter(host, "long", count);
    const { page, context, said } = await visit(browser, at.base);
    await enter(page, "zoe");
    await page.goto(`${at.base}/#long`);
    await page.getByRole("button", { name: "Join long" }).click();
    await page.locator("li.message").first().waitFor();
    // What is told in the frame in which somebody scrolls away from the end does not take them back.
    const stays = await page.evaluate(async () => {
      const [scroller, shell] = [document.querySelector(".scroller"), document.querySelector("chat-shell")];
      shell.session.changed("log");
      scroller.scrollTop -= 300;
      const top = scroller.getBoundingClientRect().top;
      const line = [...scroller.querySelectorAll("li.message")].find((node) => node.getBoundingClientRect().bottom > top + 300);
      const before = line.getBoundingClientRect().top;
      for (let n = 0; n < 3; n++) await new Promise(requestAnimationFrame);
      return Math.abs(line.getBoundingClientRect().top - before);
    });
    check(stays < 2, `who scrolled was moved by ${stays} px`);
    let [most, moved, rounds] = [0, 0, 0];
    for (; rounds < 400 && !(await page.locator("li.start").count()); rounds++) {
      const drift = await page.evaluate(async () => {
        const scroller = document.querySelector(".scroller");
        const frame = () => new Promise(requestAnimationFrame);
        scroller.scrollTop = Math.max(0, scroller.scrollTop - 2400);
        // The line in sight now, and where it is when more has come in above it.
        const top = scroller.getBoundingClientRect().top;
        const line = [...scroller.querySelectorAll("li.message")].find((node) => node.getBoundingClientRect().bottom > top + 300);
        const before = line.getBoundingClientRect().top;
        const was = scroller.scrollHeight;
        for (let n = 0; n < 20 && scroller.scrollHeight === was; n++) await frame();
        await frame();
        return line.isConnected ? Math.abs(line.getBoundingClientRect().top - before) : 0;
      });
      moved = Math.max(moved, drift);
      most = Math.max(most, await nodes(page));
    }
    check(await page.locator("li.start").count(), `the start was not reached in ${rounds} rounds`);
    check(most < 350, `${most} lines stood in the page`);
    check(moved < 2, `what was read moved by ${moved} px`);
    const held = await page.evaluate(() => document.querySelector("chat-shell").session.here().timeline.items.length);
    check(held >= count, `only ${held} of ${count} were reached`);
    await page.getByRole("button", { name: "To the present" }).click();
    await page.waitForFunction(() => {
      const scroller = document.querySelector(".scroller");
      return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 2;
    });
    check((await nodes(page)) < 350, "and it is small at the end again");
    quiet({ said });
    await context.close();
    await at.stop();
  },

  async "search finds, marks, and jumps to what stood around it"(browser) {
    const at = await server();
    const host = await somebody(at.base, "host");
    await host.ask("POST", "/rooms", { name: "shelf" });
    for (let n = 1; n <= 120; n++) await host.say("shelf", n === 3 ? "the blue teapot is mine" : `filler ${n}`);
    const { page, context, said } = await visit(browser, at.base);
    await enter(page, "zoe");
    await page.goto(`${at.base}/#shelf`);
    await page.getByRole("button", { name: "Join shelf" }).click();
    await page.locator("li.message", { hasText: "filler 120" }).waitFor();
    await page.getByRole("button", { name: "Search here" }).click();
    await page.keyboard.type("teapot");
    await page.locator(".hit mark", { hasText: "teapot" }).waitFor();
    await page.locator(".hit").click();
    await page.locator("li.found", { hasText: "blue teapot" }).waitFor();
    await page.locator("li.message", { hasText: "filler 5" }).first().waitFor();
    await page.getByRole("button", { name: "To the present" }).click();
    await page.locator("li.message", { hasText: "filler 120" }).waitFor();
    quiet({ said });
    await context.close();
    await at.stop();
  },

  async "Ctrl+K and the keys alone go everywhere"(browser) {
    const at = await server();
    const host = await somebody(at.base, "host");
    for (const name of ["alpha", "beta", "gamma"]) await host.ask("POST", "/rooms", { name });
    const { page, context, said } = await visit(browser, at.base);
    const press = (key) => page.keyboard.press(key);
    await enter(page, "zoe");
    const at_ = (name) => page.locator("header h2", { hasText: name }).waitFor();
    for (const name of ["alpha", "beta", "gamma"]) {
      await press("Control+k");
      await page.getByRole("combobox").fill(name.slice(0, 3));
      await page.getByRole("option", { name }).first().waitFor();
      await press("Enter");
      await at_(name);
      await page.getByRole("button", { name: `Join ${name}` }).focus();
      await press("Enter");
      await page.getByLabel("Message", { exact: true }).waitFor();
    }
    await press("Alt+ArrowUp");
    await at_("beta");
    await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
    await page.keyboard.type("/topic by ke");
    await page.keyboard.type("ys alone");
    await press("Enter");
    await page.locator(".toast", { hasText: /.+/ }).first().waitFor();
    await page.getByLabel("Message", { exact: true }).fill("");
    await page.keyboard.type("/sea");
    await page.getByRole("option", { name: "/search <words>" }).waitFor();
    await page.getByLabel("Message", { exact: true }).fill("");
    await page.keyboard.type("hos");
    await press("Tab");
    check((await page.getByLabel("Message", { exact: true }).inputValue()) === "host: ", "Tab completes who is here");
    await page.keyboard.type("hello");
    await press("Enter");
    await page.locator("li.message:not(.waiting)", { hasText: "host: hello" }).waitFor();
    await press("Shift+Tab");
    for (let n = 0; n < 6 && !(await page.evaluate(() => document.activeElement?.matches(".scroller"))); n++) await press("Shift+Tab");
    await press("ArrowUp");
    check(await page.evaluate(() => document.activeElement?.matches("li.message")), "the messages are gone through by arrows");
    await press("Enter");
    await page.getByRole("menu").waitFor();
    // The line that the menu came from is drawn anew while it is open.
    const last = await page.evaluate(() => Number(/** @type {HTMLElement} */ ([...document.querySelectorAll("li.message")].at(-1)).dataset.seq));
    await host.ask("PUT", `/rooms/beta/messages/${last}/reactions/${encodeURIComponent("👍")}`);
    await page.locator("li.message .reaction").waitFor();
    await press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
    // It is hidden a moment before the focus is given back.
    await page.waitForFunction((seq) => document.activeElement?.matches(`li.message[data-seq="${seq}"]`), last);
    await press("F1");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    check(said.length <= 1, said.join("\n"));
    await context.close();
    await at.stop();
  },

  async "a phone shows one thing at a time"(browser) {
    const at = await server();
    const host = await somebody(at.base, "host");
    await host.ask("POST", "/rooms", { name: "pocket" });
    await host.say("pocket", `${"long".repeat(100)} https://example.org/${"x".repeat(300)}`);
    const { page, context, said } = await visit(browser, at.base, { size: PHONE });
    await enter(page, "zoe");
    await page.goto(`${at.base}/#pocket`);
    await page.getByRole("button", { name: "Join pocket" }).click();
    await page.locator("li.message").first().waitFor();
    const wide = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, ...[...document.querySelectorAll("chat-log *")].map((node) => node.getBoundingClientRect().right)));
    check(wide <= PHONE.width, `something is ${wide} px wide`);
    await page.getByRole("button", { name: /^People/ }).click();
    await page.locator("chat-side .person", { hasText: "host" }).waitFor();
    await page.getByRole("button", { name: "Close the side" }).click();
    await page.getByRole("button", { name: "All rooms" }).click();
    await page.locator("chat-rooms a", { hasText: "pocket" }).waitFor();
    check(!(await page.locator("chat-log").isVisible()), "the room makes place for the list");
    quiet({ said });
    await context.close();
    await at.stop();
  },
};
