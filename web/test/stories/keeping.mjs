// What whoever keeps a room sees and does in the page, and what one sees of one's own keys.

import { arrive, check, enter, quiet, server, somebody, visit, write } from "./rig.mjs";

export const stories = {
  async "a keeper bans, sees who is kept out, lifts it, and reads what was done"(browser) {
    const at = await server();
    const bob = await somebody(at.base, "bob");
    const ann = await arrive(browser, at.base, "ann");
    const { page } = ann;
    await write(ann, "/create tea");
    await page.locator("header h2", { hasText: "tea" }).waitFor();
    await bob.ask("PUT", "/rooms/tea/membership", {});
    await write(ann, "/ban bob 1h <b>noise</b>");
    await page.getByText("bob: ban").waitFor();
    const refused = await bob.ask("PUT", "/rooms/tea/membership", {}).then(() => "", String);
    check(/banned/.test(refused), `bob was let in: ${refused}`);

    await page.locator("header [data-what=room-menu]").click();
    await page.getByRole("menuitem", { name: "Bans and mutes" }).click();
    const kept = page.getByRole("dialog", { name: "Bans and mutes in tea" });
    await kept.getByText("bob", { exact: true }).waitFor();
    await kept.getByText(/ban · by ann · <b>noise<\/b> · until/).waitFor();
    await kept.getByRole("button", { name: "Lift: bob" }).click();
    await kept.getByText("Nobody is banned or muted here.").waitFor();
    await page.keyboard.press("Escape");
    await bob.ask("PUT", "/rooms/tea/membership", {});

    await write(ann, "/audit");
    const done = page.getByRole("dialog", { name: "What was done in tea" });
    await done.locator("li").first().waitFor();
    const told = await done.locator("li .name").allInnerTexts();
    check(told.some((text) => /bob.*ann \(<b>noise/.test(text)), `the log says: ${told.join(" / ")}`);
    await page.keyboard.press("Escape");

    // A password that the owner sets is asked for at the door.
    await page.locator("header [data-what=room-menu]").click();
    await page.getByRole("menuitem", { name: "Topic and settings" }).click();
    await page.getByLabel("Password").fill("sesame");
    await page.getByLabel("Days they are kept").fill("30");
    await page.getByLabel("Seconds between two messages").fill("5");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await bob.ask("DELETE", "/rooms/tea/membership");
    const shut = await bob.ask("PUT", "/rooms/tea/membership", {}).then(() => "", String);
    check(/password/i.test(shut), `bob was let in without: ${shut}`);
    await bob.ask("PUT", "/rooms/tea/membership", { password: "sesame" });
    // What stands there is what is so, also for whoever comes anew.
    await page.reload();
    await page.locator("header .topic").click();
    const days = page.getByLabel("Days they are kept");
    await days.waitFor();
    check((await days.inputValue()) === "30" && (await page.getByLabel("Seconds between").inputValue()) === "5", "the dialog says what is set");
    await days.fill("");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const room = await bob.ask("GET", "/rooms/tea");
    check(room.keep_days === undefined && room.slow === 5, JSON.stringify(room));
    quiet(ann);
    await ann.context.close();
    await at.stop();
  },

  async "where one is logged in is seen, and ended"(browser) {
    const at = await server();
    const one = await visit(browser, at.base);
    await enter(one.page, "ann");
    const key = await one.page.evaluate(async () => {
      const answer = await fetch("/api/v1/tokens", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ label: "my script", scopes: ["read"] }) });
      return (await answer.json()).key;
    });
    const asks = () => fetch(`${at.base}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } }).then(({ status }) => status);
    check((await asks()) === 200, "the script may look");
    await one.page.evaluate(() => document.querySelector("chat-shell").dispatchEvent(new CustomEvent("do", { detail: { what: "settings", args: [] } })));
    await one.page.getByRole("button", { name: "Where you are logged in" }).click();
    const keys = one.page.getByRole("dialog", { name: "Where you are logged in" });
    await keys.getByText(/this browser/).waitFor();
    check((await keys.getByRole("button", { name: "Revoke" }).count()) === 1, "only the other one can be ended here");
    await keys.getByRole("button", { name: "Revoke: my script" }).click();
    await keys.getByText("my script").waitFor({ state: "detached" });
    check((await asks()) === 401, "and then it may not");
    quiet(one);
    await one.context.close();
    await at.stop();
  },
};
