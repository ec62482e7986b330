// One conversation, whatever it is looked at with; and what a server that dies, a line that breaks and a page that is left leave of it.

import { arrive, check, enter, lines, quiet, sees, server, somebody, visit, write } from "./rig.mjs";

/** A person with nc. */
async function netcat(port, name) {
  const nc = await lines(port);
  nc.write(name);
  await nc.hears(new RegExp(`Welcome, ${name}`));
  return nc;
}

/** A person with an IRC client, in the lobby. */
async function chatter(port, name) {
  const irc = await lines(port);
  for (const line of ["CAP REQ :message-tags echo-message draft/message-redaction", `NICK ${name}`, `USER ${name} 0 * :${name}`, "CAP END"]) irc.write(line);
  await irc.hears(/ (376|422) /);
  irc.write("JOIN #lobby");
  await irc.hears(/ 366 /);
  return irc;
}

/** What stands in the page, without what people are told beside it. */
const held = ({ page }) => page.evaluate(() => document.querySelector("chat-shell").session.here().timeline.items.flatMap(({ message }) => message?.text ?? []));
const live = ({ page }) => page.waitForFunction(() => document.querySelector("chat-shell").session.link === "live");

export const stories = {
  async "one conversation in the page, in nc and in IRC"(browser) {
    const at = await server();
    const [nina, iris, ann] = [await netcat(at.port, "nina"), await chatter(at.port, "iris"), await arrive(browser, at.base, "ann")];
    const { page } = ann;
    await write(ann, "tea for everybody?");
    await nina.hears(/\[ann\]: tea for everybody\?/);
    const told = await iris.hears(/:ann!\S+ PRIVMSG #lobby :tea for everybody\?/);
    const id = /[@;]msgid=([^; ]+)/.exec(told)?.[1];
    check(id, `IRC is told the id: ${told}`);

    nina.write("yes, from nc");
    iris.write("PRIVMSG #lobby :yes, from IRC");
    await sees(ann, "yes, from nc");
    await sees(ann, "yes, from IRC");
    await iris.hears(/:nina!\S+ PRIVMSG #lobby :yes, from nc/);
    await nina.hears(/\[iris\]: yes, from IRC/);

    // What is done to a message goes each way too.
    nina.write("/react 1 👍");
    await page.locator("li.message", { hasText: "everybody?" }).locator(".reaction", { hasText: "👍" }).waitFor();
    iris.write(`@+draft/reply=${id};+draft/react=👍 TAGMSG #lobby`);
    await page.locator("li.message", { hasText: "everybody?" }).locator(".reaction .count", { hasText: "2" }).waitFor();
    await page.locator("li.message", { hasText: "yes, from nc" }).focus();
    await page.keyboard.press("+");
    await page.getByRole("button", { name: "🎉" }).click();
    await nina.hears(/ann reacted to \d+ .*🎉/);
    await iris.hears(/draft\/react=🎉.* TAGMSG #lobby/);

    await ann.field.press("ArrowUp");
    await page.locator(".about", { hasText: "Changing" }).waitFor();
    await write(ann, "cake for everybody?");
    await nina.hears(/\[ann edited 1\]: cake for everybody\?/);
    await iris.hears(/:ann!\S+ PRIVMSG #lobby :.*cake for everybody\?/);
    const seq = await page.evaluate(() => document.querySelector("chat-shell").session.here().timeline.items.find(({ message }) => message?.text.includes("from nc")).seq);
    nina.write(`/edit ${seq} yes, please, from nc`);
    await page.locator("li.message", { hasText: "yes, please, from nc (edited)" }).waitFor();
    nina.write(`/delete ${seq}`);
    await page.locator("li.message.gone").waitFor();

    // And what is for one alone.
    iris.write("PRIVMSG ann :between us");
    await page.locator("chat-rooms a", { hasText: "iris" }).click();
    await sees(ann, "between us");
    await write(ann, "and only us");
    await iris.hears(/:ann!\S+ PRIVMSG iris :and only us/);
    check(!nina.heard.some((line) => /between us|only us/.test(line)), "nobody else hears it");
    quiet(ann);
    await ann.context.close();
    for (const one of [nina, iris]) await one.close();
    await at.stop();
  },

  async "a name is kept with a password, and logs in again"(browser) {
    const at = await server();
    const { page, context, said } = await visit(browser, at.base);
    await page.getByRole("button", { name: "Keep a name" }).click();
    await page.getByLabel("Name").fill("ann");
    await page.getByLabel("Password").fill("a long enough secret");
    await page.getByRole("button", { name: "Keep this name" }).click();
    await page.locator("chat-shell").waitFor();
    await page.locator("header h2", { hasText: "lobby" }).waitFor();
    check(await page.evaluate(() => document.querySelector("chat-shell").session.state.me.account === "ann"), "ann is registered");
    quiet({ said });
    await context.close();

    const other = await visit(browser, at.base);
    await other.page.getByLabel("Name").fill("ann");
    await other.page.keyboard.press("Enter");
    await other.page.locator(".says.wrong", { hasText: "log in" }).waitFor();
    await other.page.getByRole("button", { name: "Log in", exact: true }).click();
    await other.page.getByLabel("Password").fill("not the secret");
    await other.page.keyboard.press("Enter");
    await other.page.locator(".says.wrong:not(:has-text('If it is yours'))").waitFor();
    await other.page.getByLabel("Password").fill("a long enough secret");
    await other.page.keyboard.press("Enter");
    await other.page.locator("chat-shell").waitFor();
    check(other.said.every((text) => /status of (401|403|409|422)/.test(text)), other.said.join("\n"));
    await other.context.close();
    await at.stop();
  },

  async "a guest keeps the name from within, and the rooms stay"(browser) {
    const at = await server();
    const ann = await arrive(browser, at.base, "ann");
    await write(ann, "before it");
    await ann.page.getByTitle("You, and settings").click();
    await ann.page.getByLabel("Password").fill("a long enough secret");
    await ann.page.getByRole("button", { name: "Keep this name", exact: true }).click();
    await ann.page.getByRole("dialog").waitFor({ state: "detached" });
    await write(ann, "after it");
    await sees(ann, "after it");
    await ann.page.reload();
    await sees(ann, "after it");
    check((await held(ann)).join() === "before it,after it", "both are there");
    check(await ann.page.evaluate(() => document.querySelector("chat-shell").session.state.me.account === "ann"), "ann is registered");
    quiet(ann);
    await ann.context.close();
    await at.stop();
  },

  async "a first word to somebody opens a conversation for both"(browser) {
    const at = await server();
    const [ann, bob] = [await arrive(browser, at.base, "ann"), await arrive(browser, at.base, "bob")];
    await write(ann, "/query bob");
    await ann.page.locator("header h2", { hasText: "bob" }).waitFor();
    await write(ann, "are you there?");
    await sees(ann, "are you there?");
    await bob.page.locator("chat-rooms a", { hasText: "ann" }).locator(".badge", { hasText: "1" }).waitFor();
    await bob.page.locator("chat-rooms a", { hasText: "ann" }).click();
    await sees(bob, "are you there?");
    await write(bob, "always");
    await sees(ann, "always");
    check((await held(ann)).join() === (await held(bob)).join(), "both see the same");
    for (const one of [ann, bob]) {
      quiet(one);
      await one.context.close();
    }
    await at.stop();
  },

  async "a server that is killed and comes again costs nothing and doubles nothing"(browser) {
    const at = await server();
    const host = await somebody(at.base, "host");
    const ann = await arrive(browser, at.base, "ann");
    for (let n = 1; n <= 20; n++) await host.say("lobby", `line ${n}`);
    await sees(ann, "line 20");
    for (let round = 1; round <= 2; round++) {
      await write(ann, `just before ${round}`);
      await sees(ann, `just before ${round}`);
      await at.crash();
      await write(ann, `meanwhile ${round}`);
      await ann.page.locator("li.waiting", { hasText: `meanwhile ${round}` }).waitFor();
      await at.again();
      await host.say("lobby", `back ${round}`);
      await sees(ann, `meanwhile ${round}`);
      await sees(ann, `back ${round}`);
    }
    await ann.page.locator("li.waiting").waitFor({ state: "detached" });
    await live(ann);
    await host.say("lobby", "the end");
    await sees(ann, "the end");
    const { messages } = await host.ask("GET", "/rooms/lobby/messages?limit=100");
    const kept = messages.map(({ text }) => text);
    const shown = await held(ann);
    check(kept.length === 27 && new Set(kept).size === 27, `each is kept once: ${kept}`);
    check(shown.join() === kept.join(), `the page shows what is kept: ${shown} / ${kept}`);
    quiet(ann, true);
    await ann.context.close();
    await at.stop();
  },

  async "what is written offline is sent once, even after a reload"(browser) {
    const at = await server();
    const host = await somebody(at.base, "host");
    const ann = await arrive(browser, at.base, "ann");
    await live(ann);
    await ann.context.setOffline(true);
    await ann.page.evaluate(() => document.querySelector("chat-shell").session.sync.lost());
    for (const n of [1, 2]) await write(ann, `offline ${n}`);
    await ann.page.locator("li.waiting", { hasText: "offline 2" }).waitFor();
    await ann.context.setOffline(false);
    await ann.page.reload();
    await sees(ann, "offline 2");
    await ann.page.locator("li.waiting").waitFor({ state: "detached" });
    await host.say("lobby", "after it");
    await sees(ann, "after it");
    const { messages } = await host.ask("GET", "/rooms/lobby/messages?limit=100");
    check(messages.map(({ text }) => text).join() === "offline 1,offline 2,after it", `kept: ${messages.map(({ text }) => text)}`);
    check((await held(ann)).join() === "offline 1,offline 2,after it", `shown: ${await held(ann)}`);
    quiet(ann, true);
    await ann.context.close();
    await at.stop();
  },

  async "whose key is revoked elsewhere stands at the door"(browser) {
    const at = await server();
    const ann = await somebody(at.base, "ann", { password: "a long enough secret", register: true });
    const { page, context, said } = await visit(browser, at.base);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByLabel("Name").fill("ann");
    await page.getByLabel("Password").fill("a long enough secret");
    await page.keyboard.press("Enter");
    await page.locator("chat-shell").waitFor();
    const { keys } = await ann.ask("GET", "/sessions");
    await ann.ask("DELETE", `/sessions/${keys.find(({ current }) => !current).id}`);
    await page.getByRole("button", { name: "Come in" }).waitFor();
    await enter(page, "anna");
    quiet({ said: said.filter((text) => !text.includes("status of 401")) }, true);
    await context.close();
    await at.stop();
  },
};
