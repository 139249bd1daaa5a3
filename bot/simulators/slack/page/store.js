// The workspace as the page knows it: loaded once, kept up to date by the feed.
import { loadState } from "./api.js";

export const state = {
  messages: {},
  ephemerals: [],
  users: {},
  apps: {},
  channels: [],
  views: {},
  sessions: [],
  threads: [],
  gallery: [],
  live: false,
};

const listeners = new Set();
export const onChange = (listener) => listeners.add(listener);
const tell = (change) => listeners.forEach((listener) => listener(change));

let late = null;
let again = false;
let loading = null;
let feed = null;

/** Loads everything; done when all that was there by the time of the call is known. */
export function reload() {
  again = true;
  loading ||= load().finally(() => (loading = null));
  return loading;
}

/** What the feed says meanwhile may be newer than the answer, so it is taken afterwards. */
async function load() {
  late = [];
  let loaded = null;
  while (again || !loaded) {
    again = false;
    loaded = await loadState().catch(() => null);
    if (!loaded) await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  const missed = late;
  late = null;
  Object.assign(state, loaded, { live: feed.readyState === WebSocket.OPEN });
  tell({ kind: "reloaded" });
  missed.forEach(take);
}

/** Follow the feed for ever; after a break everything is loaded again. */
export function follow() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  feed = new WebSocket(`${scheme}://${location.host}/_emu/feed`);
  feed.onopen = reload;
  feed.onmessage = (event) => take(JSON.parse(event.data));
  feed.onclose = () => {
    state.live = false;
    tell({ kind: "lost" });
    setTimeout(follow, 1000);
  };
}

const takers = {
  message: (change) => (change.ephemeral_for ? putEphemeral(change) : putMessage(change)),
  message_removed: (change) => {
    state.messages[change.channel] = (state.messages[change.channel] || []).filter(
      (item) => item.ts !== change.ts,
    );
    state.ephemerals = state.ephemerals.filter((item) => item.message.ts !== change.ts);
  },
  session: ({ session }) => put(state.sessions, session, ["channel", "thread_ts"]),
  thread_status: ({ channel, thread_ts, thread }) =>
    put(state.threads, { channel, thread_ts, ...thread }, ["channel", "thread_ts"]),
  views: ({ user, stack, homes }) => (state.views[user] = { stack, homes }),
  socket: ({ app, connections }) => app === state.app.id && (state.app.connections = connections),
  user: ({ user }) => (state.users[user.id] = user),
};

function take(change) {
  if (late) return void late.push(change);
  if (change.kind === "channel" || (change.channel && !state.messages[change.channel])) return void reload();
  takers[change.kind]?.(change);
  tell(change);
}

function putMessage({ channel, message }) {
  const messages = (state.messages[channel] ||= []);
  const index = messages.findIndex((item) => item.ts === message.ts);
  if (index < 0) messages.push(message);
  else messages[index] = message;
}

function putEphemeral({ channel, ephemeral_for, message }) {
  const index = state.ephemerals.findIndex((item) => item.message.ts === message.ts);
  const entry = { channel, for: ephemeral_for, message };
  if (index < 0) state.ephemerals.push(entry);
  else state.ephemerals[index] = entry;
}

function put(list, item, keys) {
  const index = list.findIndex((other) => keys.every((key) => other[key] === item[key]));
  if (index < 0) list.push(item);
  else list[index] = item;
}
