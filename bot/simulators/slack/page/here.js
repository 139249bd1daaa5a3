// Where the visitor is: who they are, which channel and thread they look at. While a conversation is `opening`
// (a number, one for each), nothing can be written: it would go to the one before.
import { state } from "./store.js";

export const here = { user: "", channel: "", thread: "", home: false, opening: 0, unread: {} };

const listeners = new Set();
export const onMove = (listener) => listeners.add(listener);

/** Who goes elsewhere no longer waits for the conversation that is opening. */
export function move(change) {
  const leaves = ["channel", "home", "user"].some((name) => name in change);
  Object.assign(here, leaves ? { opening: 0 } : {}, change);
  if (!here.home) delete here.unread[here.channel];
  listeners.forEach((listener) => listener());
}

/** The first time: the person and channel named by the URL, else Ada in #incidents. */
export function settle() {
  const people = Object.values(state.users).filter((user) => !user.is_bot);
  here.user ||= localStorage.getItem("slack-simulator-user") || "";
  if (!state.users[here.user]) here.user = people[0]?.id;
  if (!state.messages[here.channel]) {
    const named = /^\/archives\/([CDG]\w+)(?:\/p(\d{10})(\d{6}))?/.exec(location.pathname);
    here.channel = named && state.messages[named[1]] ? named[1] : state.channels[0]?.id;
    if (named?.[2]) openLinked(`${named[2]}.${named[3]}`);
  }
}

function openLinked(ts) {
  const root = new URLSearchParams(location.search).get("thread_ts");
  here.thread = root || ts;
  here.highlight = ts;
}
