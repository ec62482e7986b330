// Where the stories find their server and their browser, and who else is in them. CHATROOM_BIN names the server.

import { spawn } from "node:child_process";
import { access, mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1280, height: 800 };
/** Waiting longer than this for anything is a failure; the machine may be busy. */
export const PATIENCE = 60_000;

const binary = resolve(process.env.CHATROOM_BIN ?? "");
if (!process.env.CHATROOM_BIN || !(await access(binary).then(() => true, () => false))) {
  console.error("The stories need a server: CHATROOM_BIN is the path of the chatroom binary.");
  process.exit(2);
}

/** Whatever a failing story leaves behind, to be cleared away after it. @type {Set<() => Promise<void>>} */
const left = new Set();
export const clear = () => Promise.all([...left].map((stop) => stop()));
/** Servers that run: none outlives the stories, however they end. @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** The pages that are open, for whoever asks why a story failed. @type {Set<{ page: import("playwright-core").Page, said: string[] }>} */
const pages = new Set();

/** What each open page shows and what its console said. */
export async function seen() {
  const told = [...pages].map(async ({ page, said }) => `--- ${page.url()}\n${(await page.locator("body").textContent({ timeout: 5000 }).catch(String)).slice(0, 2000)}\n${said.join("\n")}`);
  return (await Promise.all(told)).join("\n");
}

/** A server in a folder of its own, on a free port. @returns {Promise<{ base: string, port: number, stop: () => Promise<void>, crash: () => Promise<void>, again: () => Promise<void> }>} */
export async function server() {
  const data = await mkdtemp(join(tmpdir(), "chatroom-stories-"));
  const start = async (/** @type {number} */ port) => {
    const child = spawn(binary, ["server", "--listen", `127.0.0.1:${port}`, "--data", data, "--ready-json"], {
      stdio: ["ignore", "pipe", "pipe"],
      // Stories say in seconds what people say in days. A browser on a busy machine may connect and say nothing for so long
      // that it would be asked for a name, as somebody with nc is.
      env: { ...process.env, CHATROOM_LIMITS_ENABLED: "off", CHATROOM_TIMEOUTS_DETECT: "10s", CHATROOM_PASSWORDS_MEMORY_KIB: "8", CHATROOM_PASSWORDS_PASSES: "1" },
    });
    let log = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      log = (log + text).slice(-4000);
    });
    running.add(child);
    child.once("exit", () => running.delete(child));
    const ended = new Promise((done) => child.once("exit", done));
    const first = new Promise((done) => createInterface(child.stdout).once("line", done));
    const line = await Promise.race([first, ended.then(() => { throw new Error(`the server ended before it was ready:\n${log}`); })]);
    child.stdout.resume();
    const end = async (/** @type {NodeJS.Signals} */ signal) => {
      child.kill(signal);
      await ended;
    };
    return { address: JSON.parse(line).listen[0], end };
  };
  let now = await start(0);
  const port = Number(now.address.split(":").at(-1));
  const stop = async () => {
    left.delete(stop);
    await now.end("SIGTERM");
    await rm(data, { recursive: true, force: true });
  };
  left.add(stop);
  return {
    base: `http://${now.address}`, port, stop,
    crash: () => now.end("SIGKILL"),
    again: async () => {
      now = await start(port);
    },
  };
}

export const browser = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS });

/** A page of its own, which remembers what the console said, and what its policy forbade. */
export async function visit(from, base, { size = DESK, dark = false, bypassCSP = false, ...more } = {}) {
  const context = await from.newContext({ viewport: size, colorScheme: dark ? "dark" : "light", bypassCSP, hasTouch: size === PHONE, reducedMotion: "reduce", ...more });
  const close = () => context.close();
  left.add(close);
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const said = [];
  const one = { page, said };
  pages.add(one);
  context.on("close", () => {
    left.delete(close);
    pages.delete(one);
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) said.push(message.text());
  });
  page.on("pageerror", (error) => said.push(`thrown: ${error.stack ?? error}`));
  await page.addInitScript(() => addEventListener("securitypolicyviolation", (event) => console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)));
  await page.goto(base);
  return { page, context, said };
}

/** What the console says of a line that is broken on purpose. */
const BROKEN = /WebSocket connection to|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED/;

/** No error and no report stands in the console; of a line that was broken on purpose it may speak. */
export function quiet({ said }, broken = false) {
  const bad = said.filter((text) => !broken || !BROKEN.test(text));
  check(bad.length === 0, `the console said: ${bad.join("\n")}`);
}

/** Comes in as a guest. */
export async function enter(page, name) {
  await page.getByLabel("Name").fill(name);
  await page.keyboard.press("Enter");
  await page.locator("chat-shell").waitFor();
}

/** Comes in as a guest and goes to a room. */
export async function arrive(browser, base, name, { room = "lobby", ...more } = {}) {
  const one = await visit(browser, base, more);
  await enter(one.page, name);
  await one.page.goto(`${base}/#${room}`);
  await one.page.locator("header h2", { hasText: room }).waitFor();
  const join = one.page.getByRole("button", { name: `Join ${room}` });
  const field = one.page.getByLabel("Message", { exact: true });
  await one.page.locator("chat-composer .door button:visible, chat-composer textarea:visible").first().waitFor();
  if (await join.isVisible()) await join.click();
  await field.waitFor();
  return { ...one, field, texts: () => one.page.locator("li.message .text").allInnerTexts() };
}

export const write = async ({ field }, text) => {
  await field.fill(text);
  await field.press("Enter");
};
export const sees = ({ page }, text) => page.locator("li.message:not(.waiting) .text", { hasText: text }).last().waitFor();

/** A client of the API without a page: whoever else is in the story. */
export async function somebody(base, name, more = {}) {
  const made = await fetch(`${base}/api/v1/sessions`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name, ...more }) });
  if (!made.ok) throw new Error(`${name} could not come in: ${await made.text()}`);
  const { key } = await made.json();
  const ask = async (method, path, body) => {
    const answer = await fetch(`${base}/api/v1${path}`, { method, headers: { authorization: `Bearer ${key}`, ...(body && { "content-type": "application/json" }) }, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw Object.assign(new Error(`${method} ${path}: ${text}`), { status: answer.status });
    return text ? JSON.parse(text) : undefined;
  };
  return { name, key, ask, say: (room, text, more = {}) => ask("POST", `/rooms/${encodeURIComponent(room)}/messages`, { text, ...more }) };
}

/** A program that speaks lines over bare TCP, as nc and IRC clients do. */
export async function lines(port) {
  const socket = connect(port, "127.0.0.1");
  const close = async () => {
    left.delete(close);
    socket.destroy();
  };
  left.add(close);
  const heard = [];
  const waiting = new Set();
  socket.setEncoding("utf8");
  socket.on("error", () => undefined);
  createInterface(socket).on("line", (line) => {
    heard.push(line);
    for (const look of waiting) look();
  });
  await new Promise((done, failed) => socket.once("connect", done).once("error", failed));
  return {
    heard, close,
    write: (line) => void socket.write(`${line}\r\n`),
    /** The first line from here on, or among those heard, that is like this. */
    hears: (like) => new Promise((done, failed) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        failed(new Error(`${like} was not heard; the last lines: \n${heard.slice(-20).join("\n")}`));
      }, PATIENCE);
      const look = () => {
        const found = heard.find((line) => like.test(line));
        if (found === undefined) return;
        clearTimeout(timer);
        waiting.delete(look);
        done(found);
      };
      waiting.add(look);
      look();
    }),
  };
}

export function check(what, message) {
  if (!what) throw new Error(message);
}
