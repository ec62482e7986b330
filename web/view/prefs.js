// What one browser remembers for its user: theme, drafts, which rooms are quiet. Works, forgetfully, where nothing may be kept.

/** @type {Storage} */
export const kept = storage("localStorage");
/** @type {Storage} */
export const brief = storage("sessionStorage");

/** @param {"localStorage" | "sessionStorage"} which @returns {Storage} */
function storage(which) {
  try {
    const found = window[which];
    found.getItem("chatroom");
    return found;
  } catch {
    /** @type {Map<string, string>} */
    const map = new Map();
    return /** @type {any} */ ({
      getItem: (/** @type {string} */ key) => map.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ value) => void map.set(key, value),
      removeItem: (/** @type {string} */ key) => void map.delete(key),
      key: (/** @type {number} */ at) => [...map.keys()][at] ?? null,
      get length() {
        return map.size;
      },
    });
  }
}

/** @param {string} name */
export const get = (name) => kept.getItem(`chatroom.${name}`) ?? "";

/** An empty value is none. @param {string} name @param {string} value */
export function set(name, value) {
  try {
    if (value) kept.setItem(`chatroom.${name}`, value);
    else kept.removeItem(`chatroom.${name}`);
  } catch {
    // Full: what is remembered is only for convenience.
  }
}

/** Light, dark, or as the system has it. @param {string} theme */
export function setTheme(theme) {
  set("theme", theme);
  showTheme();
}

export function showTheme() {
  const theme = get("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

const quiet = () => new Set(get("quiet").split(",").filter(Boolean));

/** Whether a room's messages are only activity. @param {number | string} key */
export const isQuiet = (key) => quiet().has(String(key));

/** @param {number | string} key */
export function toggleQuiet(key) {
  const set_ = quiet();
  if (!set_.delete(String(key))) set_.add(String(key));
  set("quiet", [...set_].join(","));
}
