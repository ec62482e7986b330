// A lived-in server for the stand-in: many rooms, long words, other scripts, code, much unread, a long past. To go with it.

const LINES = [
  "morning everyone", "the kettle is on ☕", "did anybody look at the failing build?", "yes, it was the time zone again", "I have pushed a fix, could somebody have a look?",
  "looks good to me", "one small thing: the name `deadline_ms` says ms but holds seconds", "good catch, renamed", "lunch at half past twelve?", "I can't today, tomorrow is fine",
  "who wrote this? *I* wrote this. three years ago.", "the new release is **much** quicker on the old laptop", "see https://example.org/notes/2026/11 for the notes", "does #rust know about this?",
  "> it always worked before\nthat is what they all say", "haha", "ok", "👍", "I'd rather keep it simple: one file, one table, no cache", "right. and if it gets slow, we measure first.",
  "there is a nice paper about that, I'll find it", "Thank you! That helped a lot, I was about to rewrite the whole thing from scratch and it would have taken until the end of the week at least, with little to show for it.",
];
const CODE = "```rust\nfn backoff(tries: u32, random: f64) -> Duration {\n    let most = FIRST * 2u32.pow(tries.min(6));\n    most.min(LONGEST).mul_f64(0.5 + random / 2.0)\n}\n```";

/** @param {any} w */
export function seed(w) {
  const now = Date.now();
  const names = ["ann", "bob", "chen", "dilnoza", "Émile", "farah", "gustav", "hana", "Ivo", "joão", "kofi", "לאה", "مريم", "nadia", "tea-bot", "oleksandr", "priya", "quentin", "rosa", "søren", "tomasz", "umi", "vera", "wei", "yusuf", "a-guest-with-quite-a-long-name"];
  const users = names.map((name, n) => w.user(name, { online: n % 4 !== 3, account: n % 3 ? name : undefined, bot: name === "tea-bot" || undefined, away: n % 7 === 5 ? "at lunch, back at two" : undefined, profile: n % 2 ? "Likes tea, dislikes time zones." : "" }));
  users[0].operator = true;
  Object.assign(users[1], { account: "bob", password: "tea-with-milk" });
  const topics = { tea: "Leaves, water, patience. The kettle is always on: https://example.org/tea", rust: "Ownership, borrowing, and other matters of the heart", lobby: "Say hello", "release-planning": "0.2 is due on the 14th", music: "", "日本語": "何でもどうぞ", ops: "What is on fire today", books: "Now reading: The Dispossessed" };
  const rooms = Object.entries(topics).map(([name, topic]) => w.room(name, { topic, access: name === "ops" ? "private" : "public" }));
  for (const name of ["gardening", "chess", "photography", "trains", "a-room-with-an-exceedingly-long-name-that-goes-on", "cats"]) w.room(name, { topic: `About ${name}` });
  for (const room of w.rooms) for (const [n, user] of users.entries()) if (n % 3 !== room.id % 3 || n < 4) room.members.set(user.id, n === 0 ? "owner" : n === 2 ? "moderator" : n === 4 ? "voice" : "member");
  const say = (room, author, text, time, more = {}) => w.say(room, author, text, { time, silent: true, position: 1, ...more });
  const [tea, rust, lobby] = rooms;
  const fill = (room, count, upto, apart) => {
    for (let n = 0; n < count; n++) {
      const author = users[(n * 7 + Math.floor(n / 3)) % 12];
      say(room, users[(Math.floor(n / 2) * 5) % 11] ?? author, LINES[(n * 13 + room.id) % LINES.length], upto - (count - n) * apart);
    }
  };
  fill(tea, 5000, now - 3_600_000, 240_000);
  const t = now - 3_500_000;
  const first = say(tea, users[1], "Has anybody tried the new oolong? I steeped it for three minutes at 90° and it was *almost* too much.", t);
  say(tea, users[7], "Two minutes. **Two.** It opens like a flower and then it is over.", t + 40_000, { reply: first.seq });
  say(tea, users[7], "and never the same water twice", t + 50_000);
  say(tea, users[12], "مرحبا! أنا أفضل الشاي بالنعناع، خصوصًا في المساء 🌙", t + 200_000);
  say(tea, users[11], "שלום לכולם, גם אני (with a little honey, please)", t + 230_000);
  say(tea, users[2], `this is how the kettle decides:\n${CODE}\nnot that it ever listens`, t + 300_000);
  const link = say(tea, users[0], "The list of shops is at https://example.org/tea/shops?city=anywhere&open=late#list, and @bob keeps it. Ask in #rust about the kettle's firmware.", t + 400_000);
  say(tea, users[4], "DonaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftAndThenSomeMoreLettersWithoutAnySpaceAtAllToSeeWhetherItWraps", t + 500_000);
  say(tea, users[8], "☕🍵", t + 520_000);
  say(tea, users[3], "pours another cup and looks out of the window", t + 560_000, { kind: "action" });
  say(tea, users[14], "Water temperature: 92 °C. Next boil in 4 minutes.", t + 600_000, { kind: "notice" });
  for (const emoji of ["🎉", "🍵", "👀"]) link.reactions.set(emoji, new Set(users.slice(0, emoji === "🍵" ? 5 : 2).map(({ id }) => id)));
  tea.pins.add(link.seq);
  const gone = say(tea, users[5], "wrong window", t + 640_000);
  gone.redacted = true;
  say(tea, users[5], "sorry, wrong window", t + 650_000, { edited: true });
  fill(rust, 320, now - 600_000, 180_000);
  fill(lobby, 40, now - 900_000, 400_000);
  for (const room of rooms.slice(3)) fill(room, 12 + room.id, now - 2_000_000, 500_000);
  w.base = 1;
  /** Whoever comes finds rooms as if they had been here yesterday. */
  w.joinAll = (user) => {
    for (const room of rooms.slice(0, 7)) {
      if (room.members.has(user.id)) continue;
      room.members.set(user.id, room.name === "release-planning" ? "owner" : "member");
      room.reads.set(user.id, room.seq);
    }
    rust.reads.set(user.id, rust.seq - 200);
    rooms[4].reads.set(user.id, rooms[4].seq - 3);
    for (const [n, text] of [[0, "Hi! Nice to see you here."], [7, "Do you still have that book?"]]) {
      const direct = w.room("", { direct: true, access: undefined, members: new Map([[user.id, "member"], [users[n].id, "member"]]) });
      say(direct, users[n], text, Date.now() - 400_000);
      if (n) direct.reads.set(user.id, direct.seq);
    }
    const called = say(rooms[3], users[1], `@${user.name} could you look at the date for the release? It says the 14th here and the 15th there.`, Date.now() - 300_000);
    called.mentions = [user.id];
  };
}

/** Nothing but a lobby and a moderator's room. @param {any} w */
export function bare(w) {
  w.room("lobby", { topic: "Say hello" });
}
