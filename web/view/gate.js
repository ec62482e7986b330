// The door: come as a guest with a name, log in, or keep a new name. Knows nothing of what is behind it.

import { h } from "./dom.js";
import * as prefs from "./prefs.js";

/** @import { Call, Problem } from "../model/types.js" */

const WAYS = /** @type {const} */ ({
  guest: { title: "Chatroom", button: "Come in", hint: "A name is all it takes." },
  login: { title: "Log in", button: "Log in", hint: "With the name and password you keep." },
  register: { title: "Keep a name", button: "Keep this name", hint: "A name and a password: nobody else can use the name." },
});

/** @param {Call} call @param {() => void} entered @param {string} why why one stands here, if there is something to say */
export function gate(call, entered, why) {
  /** @type {keyof typeof WAYS} */
  let way = "guest";
  const name = h("input", { class: "field", name: "name", autocomplete: "username", required: true, maxLength: 64, autocapitalize: "none", spellcheck: false, dir: "auto", id: "gate-name", value: prefs.get("name"), "aria-describedby": "gate-says" });
  const password = h("input", { class: "field", name: "password", type: "password", id: "gate-password", maxLength: 1024, "aria-describedby": "gate-says" });
  const secret = h("div", { class: "row" }, h("label", { for: "gate-password" }, "Password"), password);
  const title = h("h1", null);
  const button = h("button", { type: "submit", class: "main" });
  const says = h("p", { class: "says", role: "status", id: "gate-says" });
  const ways = h("div", { class: "ways", role: "group", "aria-label": "How to come in" });
  const form = h("form", { class: "gate" }, h("div", { class: "mark", "aria-hidden": "true" }, h("span", null), h("span", null), h("span", null)),
    title, h("div", { class: "row" }, h("label", { for: "gate-name" }, "Name"), name), secret, button, says, ways);

  /** @param {keyof typeof WAYS} next */
  const show = (next) => {
    way = next;
    title.textContent = WAYS[way].title;
    button.textContent = WAYS[way].button;
    tell(WAYS[way].hint, false);
    secret.hidden = way === "guest";
    password.required = way !== "guest";
    password.autocomplete = way === "register" ? "new-password" : "current-password";
    const others = /** @type {(keyof typeof WAYS)[]} */ (["guest", "login", "register"]).filter((one) => one !== way);
    ways.replaceChildren(...others.map((one) => h("button", { type: "button", class: "plain", on: { click: () => { show(one); name.focus(); } } },
      { guest: "Come as a guest", login: "Log in", register: "Keep a name" }[one])));
  };
  /** @param {string} text @param {boolean} wrong */
  const tell = (text, wrong) => {
    says.textContent = text;
    says.classList.toggle("wrong", wrong);
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    const secret_ = way === "guest" ? {} : { password: password.value };
    try {
      await call("POST", "/sessions", { name: name.value.trim(), ...secret_, ...(way === "register" ? { register: true } : {}), cookie: true });
      prefs.set("name", name.value.trim());
      entered();
    } catch (error) {
      const { detail, code } = /** @type {Problem} */ (error);
      const kept = /^name-/.test(code) && way === "guest" ? " If it is yours, log in." : "";
      tell(detail + kept, true);
      (way === "guest" ? name : password).select();
    } finally {
      button.disabled = false;
    }
  });
  show("guest");
  if (why) tell(why, true);
  queueMicrotask(() => name.select());
  return h("main", { class: "door-page" }, form, h("footer", { class: "muted" }, "The same rooms are open to nc and IRC, on the same port."));
}
