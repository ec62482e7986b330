// Where the stories find their server and their browser: the real binary if CHATROOM_BIN names one, else the stand-in.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1280, height: 800 };
/** Waiting longer than this for anything is a failure; the machine may be busy. */
export const PATIENCE = 30_000;

/** Whether the stories run against the real server. */
export const real = !!process.env.CHATROOM_BIN;

/** @returns {Promise<{ base: string, stop: () => Promise<void>, fake?: any }>} */
export async function server(start) {
  if (!real) {
    const { serve } = await import("../fake.mjs");
    const fake = await serve(start ? { start } : {});
    return { base: fake.base, stop: fake.stop, fake };
  }
  const data = await mkdtemp(join(tmpdir(), "chatroom-stories-"));
  const child = spawn(process.env.CHATROOM_BIN ?? "", ["server", "--listen", "127.0.0.1:0", "--data", data, "--ready-json"], {
    stdio: ["ignore", "pipe", "inherit"],
    // Stories say in seconds what people say in days.
    env: { ...process.env, CHATROOM_LIMITS_ENABLED: "off", CHATROOM_PASSWORDS_MEMORY_KIB: "8", CHATROOM_PASSWORDS_PASSES: "1" },
  });
  const ended = new Promise((done) => child.once("exit", done));
  const first = new Promise((done) => createInterface(child.stdout).once("line", done));
  const line = await Promise.race([first, ended.then(() => { throw new Error("the server ended before it was ready"); })]);
  return {
    base: `http://${JSON.parse(line).listen[0]}`,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      await rm(data, { recursive: true, force: true });
    },
  };
}

export const browser = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS });

/** A page of its own, which remembers what the console said. */
export async function visit(from, base, { size = DESK, dark = false, bypassCSP = false, ...more } = {}) {
  const context = await from.newContext({ viewport: size, colorScheme: dark ? "dark" : "light", bypassCSP, hasTouch: size === PHONE, reducedMotion: "reduce", ...more });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) said.push(message.text());
  });
  page.on("pageerror", (error) => said.push(`thrown: ${error.stack ?? error}`));
  await page.goto(base);
  return { page, context, said };
}

/** Comes in as a guest. */
export async function enter(page, name) {
  await page.getByLabel("Name").fill(name);
  await page.keyboard.press("Enter");
  await page.locator("chat-shell").waitFor();
}

/** A client of the API without a page: whoever else is in the story. */
export async function somebody(base, name) {
  const made = await fetch(`${base}/api/v1/sessions`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name, cookie: true }) });
  if (!made.ok) throw new Error(`${name} could not come in: ${await made.text()}`);
  const cookie = (made.headers.get("set-cookie") ?? "").split(";")[0];
  const ask = async (method, path, body) => {
    const answer = await fetch(`${base}/api/v1${path}`, { method, headers: { cookie, ...(body && { "content-type": "application/json" }) }, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw Object.assign(new Error(`${method} ${path}: ${text}`), { status: answer.status });
    return text ? JSON.parse(text) : undefined;
  };
  return { name, ask, say: (room, text, more = {}) => ask("POST", `/rooms/${encodeURIComponent(room)}/messages`, { text, ...more }) };
}

export function check(what, message) {
  if (!what) throw new Error(message);
}
