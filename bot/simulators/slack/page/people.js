// Names, avatars and times.
import { emoji } from "./emoji.js";
import { h } from "./dom.js";
import { state } from "./store.js";

export const nameOf = (id) => state.users[id]?.real_name || id;
export const handleOf = (id) => state.users[id]?.name || id;

/** Who wrote a message: { name, isApp, avatar(size) } */
export function authorOf(message) {
  const app =
    Object.values(state.apps).find(
      (item) => item.name === message.bot_profile?.name || item.name === message.username,
    ) || state.apps[message.app_id];
  const isApp = Boolean(message.bot_id || message.subtype === "bot_message");
  const name = message.username || message.bot_profile?.name || nameOf(message.user) || "Somebody";
  const icon = message.icons?.emoji || app?.emoji;
  return {
    name: isApp ? capital(name) : name,
    isApp,
    avatar: (size) => avatar(name, colorOf(message.user, name), isApp && emojiOf(icon), size),
  };
}

export function avatarOf(id, size) {
  const user = state.users[id];
  const app = user?.is_bot && Object.values(state.apps).find((item) => item.bot_user_id === id);
  return avatar(nameOf(id), colorOf(id, nameOf(id)), app && emojiOf(app.emoji), size);
}

export const capital = (name) => name.charAt(0).toUpperCase() + name.slice(1);

const emojiOf = (code) => (code ? emoji(code.replaceAll(":", "")) : "");

function avatar(name, color, sign, size = "") {
  const node = h(
    "span",
    { class: `avatar ${size} ${sign ? "emoji" : ""}`, "aria-hidden": "true" },
    sign || initials(name),
  );
  if (!sign) node.style.background = color;
  return node;
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return ((words[0]?.[0] || "?") + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}

function colorOf(id, name) {
  const color = state.users[id]?.color;
  if (color && !state.users[id].is_bot) return `#${color}`;
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  return `hsl(${hue} 38% 42%)`;
}

const date = (ts) => new Date(Number(ts.split(".")[0]) * 1000);
export const clock = (ts) => date(ts).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
export const full = (ts) => date(ts).toLocaleString();

export function day(ts) {
  const today = new Date().toDateString();
  return date(ts).toDateString() === today
    ? "Today"
    : date(ts).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}

export function ago(ts) {
  const minutes = Math.max(0, Math.round((Date.now() - date(ts)) / 60000));
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 1440 ? `${Math.round(minutes / 60)} h ago` : day(ts);
}
