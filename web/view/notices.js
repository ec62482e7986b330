// Tells of what is new to whoever does not look: the title, notifications, and one quiet voice for screen readers. Knows no lists.

import * as store from "../model/store.js";
import { act, h } from "./dom.js";
import { isQuiet } from "./prefs.js";
import * as prefs from "./prefs.js";

/** @param {HTMLElement} home @param {import("../model/session.js").Session} session @param {AbortSignal} signal */
export function notices(home, session, signal) {
  const voice = h("div", { class: "quiet", "aria-live": "polite", role: "status" });
  home.append(voice);
  const { state } = session;

  session.on((touched) => {
    if (!touched.has("rooms") && !touched.has("open")) return;
    let [mentions, unread] = [0, false];
    for (const room of state.rooms.values()) {
      const level = store.badge(room, isQuiet(room.key));
      if (level === "mention") mentions += room.direct ? room.unread : room.mentions;
      unread ||= level === "message";
    }
    const here = session.here();
    const mark = mentions ? `(${mentions}) ` : unread ? "• " : "";
    const title = `${mark}${here ? `${here.direct ? "" : "#"}${here.name} · ` : ""}Chatroom`;
    if (document.title !== title) document.title = title;
  }, signal);

  session.onMessage((room, message) => {
    const { author, text } = message;
    if (author.id === state.me?.id) return;
    if (room.key === state.open) voice.replaceChildren(h("p", null, `${author.name}: ${text.slice(0, 300)}`));
    const looking = room.key === state.open && document.hasFocus() && !document.hidden;
    if (looking || !(room.direct || store.means(state, message)) || prefs.get("notify") !== "yes") return;
    try {
      const shown = new Notification(room.direct ? author.name : `${author.name} in #${room.name}`, { body: text.slice(0, 200), tag: `room-${room.key}` });
      shown.onclick = () => {
        window.focus();
        act(home, "jump", message.seq, room.key);
        shown.close();
      };
    } catch {
      // Some phones allow notifications to service workers only.
    }
  }, signal);
}
