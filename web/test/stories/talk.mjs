// People come in, talk, go away and come back; lines break and nothing is lost or doubled.

import { arrive, check, DESK, PHONE, quiet, sees, server, somebody, write } from "./rig.mjs";

/** A server, and somebody who is in its lobby. */
async function lobby() {
  const at = await server();
  const host = await somebody(at.base, "host");
  await host.ask("PUT", "/rooms/lobby/membership", {});
  return { at, host };
}

export const stories = {
  async "a guest joins with a name and Enter"(browser) {
    const { at } = await lobby();
    for (const size of [DESK, PHONE]) {
      const ann = await arrive(browser, at.base, size === DESK ? "ann" : "anna", { size });
      await write(ann, "hello from the page");
      await sees(ann, "hello from the page");
      quiet(ann);
      await ann.context.close();
    }
    await at.stop();
  },

  async "two people talk, reply, react, edit and take back"(browser) {
    const { at } = await lobby();
    const [ann, bob] = [await arrive(browser, at.base, "ann"), await arrive(browser, at.base, "bob")];
    await write(ann, "is the **kettle** on, @bob?");
    await sees(bob, "is the kettle on, @bob?");
    check((await bob.page.locator("li.message strong").textContent()) === "kettle", "strong words are strong");
    await bob.page.locator("li.message.means-me").waitFor();
    await bob.page.locator("li.message", { hasText: "kettle" }).focus();
    await bob.page.keyboard.press("r");
    await bob.page.locator(".about", { hasText: "ann" }).waitFor();
    await write(bob, "it is, and ready");
    await ann.page.locator("li.message .quoted", { hasText: "kettle" }).waitFor();
    await ann.page.locator("li.message", { hasText: "and ready" }).focus();
    await ann.page.keyboard.press("+");
    await ann.page.getByRole("button", { name: "🎉" }).click();
    await bob.page.locator(".reaction", { hasText: "🎉" }).click();
    await ann.page.locator(".reaction .count", { hasText: "2" }).waitFor();
    await bob.field.press("ArrowUp");
    await bob.page.locator(".about", { hasText: "Changing" }).waitFor();
    await write(bob, "it is, and very ready");
    await ann.page.locator("li.message", { hasText: "very ready (edited)" }).waitFor();
    await bob.page.locator("li.message", { hasText: "very ready" }).focus();
    await bob.page.keyboard.press("Delete");
    await bob.page.getByRole("button", { name: "Take back" }).click();
    await ann.page.locator("li.message.gone").waitFor();
    check(!(await ann.page.locator("chat-log").textContent()).includes("very ready"), "what is taken back is gone");
    await ann.field.pressSequentially("typing for a while", { delay: 250 });
    await bob.page.locator(".typing", { hasText: "ann is writing" }).waitFor();
    for (const one of [ann, bob]) quiet(one);
    await Promise.all([ann.context.close(), bob.context.close()]);
    await at.stop();
  },

  async "a reload keeps the unread line and the draft"(browser) {
    const { at, host } = await lobby();
    const ann = await arrive(browser, at.base, "ann");
    await host.ask("POST", "/rooms", { name: "other" });
    await write(ann, "/join other");
    await ann.page.locator("header h2", { hasText: "other" }).waitFor();
    for (let n = 1; n <= 40; n++) await host.say("lobby", `news ${n}`);
    await ann.page.locator("chat-rooms a", { hasText: "lobby" }).locator(".badge", { hasText: "40" }).waitFor();
    await ann.page.locator("chat-rooms a", { hasText: "lobby" }).click();
    await sees(ann, "news 40");
    await ann.page.locator("li.unread-line").waitFor({ state: "attached" });
    await ann.field.fill("half a thought");
    await ann.page.waitForFunction(() => !document.querySelector("chat-rooms a[aria-current] .badge"));
    await ann.page.reload();
    await sees(ann, "news 40");
    const after = ann.page.locator("li.unread-line + li.message");
    check((await after.textContent()).includes("news 1"), "the line stands before the first unread");
    check((await ann.field.inputValue()) === "half a thought", "the draft is there");
    await ann.page.getByRole("button", { name: "To the first unread" }).click();
    await ann.page.locator("li.message", { hasText: /news 1$/ }).waitFor();
    check(await ann.page.locator("li.unread-line").evaluate((node) => {
      const { top } = node.getBoundingClientRect();
      return top > 0 && top < innerHeight;
    }), "the line is in sight");
    await ann.field.press("Escape");
    await ann.page.locator("li.unread-line").waitFor({ state: "detached" });
    quiet(ann);
    await ann.context.close();
    await at.stop();
  },

  async "what is written while the line is broken is sent once"(browser) {
    const { at, host } = await lobby();
    const ann = await arrive(browser, at.base, "ann");
    await ann.context.setOffline(true);
    await ann.page.evaluate(() => document.querySelector("chat-shell").session.sync.lost());
    for (const n of [1, 2, 3]) await write(ann, `kept ${n}`);
    await ann.page.locator("li.waiting", { hasText: "kept 3" }).waitFor();
    await ann.page.locator(".banner", { hasText: "Not connected" }).waitFor();
    await ann.context.setOffline(false);
    await sees(ann, "kept 3");
    await ann.page.locator("li.waiting").waitFor({ state: "detached" });
    await host.say("lobby", "after it");
    await sees(ann, "after it");
    const { messages } = await host.ask("GET", "/rooms/lobby/messages?limit=100");
    const kept = messages.filter(({ text }) => text.startsWith("kept")).map(({ text }) => text);
    check(kept.join() === "kept 1,kept 2,kept 3", `sent once and in order: ${kept}`);
    const shown = (await ann.texts()).filter((text) => text.startsWith("kept"));
    check(shown.join() === "kept 1,kept 2,kept 3", `shown once and in order: ${shown}`);
    quiet(ann, true);
    await ann.context.close();
    await at.stop();
  },

  async "a broken stream resumes without gap or repetition"(browser) {
    const { at, host } = await lobby();
    const ann = await arrive(browser, at.base, "ann");
    for (let n = 1; n <= 60; n++) {
      await host.say("lobby", `line ${n}`);
      if (n % 15 === 0) await ann.page.evaluate(() => document.querySelector("chat-shell").session.sync.lost());
    }
    await sees(ann, "line 60");
    const shown = (await ann.texts()).filter((text) => text.startsWith("line"));
    check(shown.join() === Array.from({ length: 60 }, (_, n) => `line ${n + 1}`).join(), `each once, in order: ${shown}`);
    quiet(ann, true);
    await ann.context.close();
    await at.stop();
  },

  async "whoever is logged out elsewhere stands at the door"(browser) {
    const { at } = await lobby();
    const ann = await arrive(browser, at.base, "ann");
    await ann.page.evaluate(() => document.querySelector("chat-shell").session.logout());
    await ann.page.getByRole("button", { name: "Come in" }).waitFor();
    await ann.page.reload();
    await ann.page.getByRole("button", { name: "Come in" }).waitFor();
    quiet(ann);
    await ann.context.close();
    await at.stop();
  },
};
