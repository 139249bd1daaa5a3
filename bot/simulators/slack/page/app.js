// Draws the page and keeps it up to date.
import { act } from "./api.js";
import { blocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { byId, fill, h, refocus } from "./dom.js";
import { here, move, onMove, settle } from "./here.js";
import { MessageList } from "./list.js";
import { drawModal } from "./modal.js";
import { capital } from "./people.js";
import { drawSidebar } from "./sidebar.js";
import { follow, onChange, state } from "./store.js";
import { toast } from "./toast.js";

const main = new MessageList(byId("channel-messages"));
const side = new MessageList(byId("thread-messages"));
const channel = () => state.channels.find((item) => item.id === here.channel);
const channelLabel = () => {
  const now = channel();
  if (!now) return "";
  return now.is_im ? capital(state.app.name) : `#${now.name}`;
};

const composers = [
  new Composer(byId("channel-composer"), () =>
    here.home || here.opening ? null : { channel: here.channel, label: `Message ${channelLabel()}` },
  ),
  new Composer(byId("thread-composer"), () =>
    here.thread && !here.opening ? { channel: here.channel, thread_ts: here.thread, label: "Reply…" } : null,
  ),
];

function draw() {
  if (!state.team) return;
  drawSidebar();
  drawHeader();
  if (here.home) drawHome();
  else drawChannel();
  drawThread();
  drawComposers();
  drawModal();
}

/** At once when the visitor moves: a keystroke between two frames is for where they are now. */
const drawComposers = () => composers.forEach((composer) => composer.draw());

function drawHeader() {
  const title = here.home ? capital(state.app.name) : channelLabel();
  const unread = Object.values(here.unread).reduce((sum, count) => sum + count, 0);
  document.title = `${unread ? `(${unread}) ` : ""}${title} · ${state.team.name}`;
  byId("channel-header").replaceChildren(
    h("h1", {}, title),
    h("span", { class: "topic" }, here.home ? "Home" : channel()?.topic?.value || ""),
  );
}

/** Ephemeral messages of the visitor stand where they came in, in the channel or in the thread. */
function merged(messages, thread) {
  const mine = state.ephemerals.filter(
    (item) =>
      item.channel === here.channel && item.for === here.user && (item.message.thread_ts || "") === thread,
  );
  const all = [
    ...messages.map((message) => ({ message })),
    ...mine.map((item) => ({ message: item.message, privately: true })),
  ];
  return all.sort((a, b) => (a.message.ts < b.message.ts ? -1 : 1));
}

function drawChannel() {
  const messages = (state.messages[here.channel] || []).filter(
    (item) => !item.thread_ts || item.thread_ts === item.ts || item.subtype === "thread_broadcast",
  );
  main.show(
    `${here.channel}/${here.user}`,
    merged(messages, ""),
    here.channel,
    {},
    "Nothing here yet. Write something, or set off an alarm.",
  );
}

function drawHome() {
  const view = state.views[here.user]?.homes?.[state.app.id];
  const print = `home/${here.user}/${view?.hash}`;
  if (main.key === print) return;
  const content = view
    ? blocks(view.blocks, { view_id: view.id })
    : h("div", { class: "empty" }, `${capital(state.app.name)} has not published a Home yet.`);
  const focused = main.root.contains(document.activeElement) ? document.activeElement : null;
  main.clear(print);
  main.root.replaceChildren(h("div", { class: "home" }, content));
  refocus(main.root, focused);
}

function drawThread() {
  const root = (state.messages[here.channel] || []).find((item) => item.ts === here.thread);
  byId("thread").hidden = !root || here.home;
  if (!root) return;
  const replies = state.messages[here.channel].filter(
    (item) => item.thread_ts === here.thread && item.ts !== here.thread,
  );
  const close = () => {
    move({ thread: "", highlight: "" });
    main.root.querySelector(`[data-ts="${root.ts}"] .summary`)?.focus({ preventScroll: true });
  };
  fill(
    byId("thread-header"),
    h("h1", {}, "Thread"),
    h("span", { class: "muted" }, channelLabel()),
    h("button", { class: "icon-button end", "aria-label": "Close thread", onclick: close }, "✕"),
  );
  drawStatus();
  side.show(
    `${here.thread}/${here.user}`,
    [{ message: root }, ...merged(replies, here.thread)],
    here.channel,
    { inThread: true, replies: root.reply_count || 0 },
  );
}

function drawStatus() {
  const here_ = (item) => item.channel === here.channel && item.thread_ts === here.thread;
  const session = state.sessions.find(here_);
  const working = session?.status === "processing";
  const status = state.threads.find(here_)?.status;
  const stop = () => act("stop_session", { channel: here.channel, thread_ts: here.thread, user: here.user });
  fill(
    byId("thread-status"),
    working || status
      ? [
          h("span", { class: "mark" }, h("span", { class: "spinner" })),
          h(
            "span",
            {},
            status ? `${capital(state.app.name)} ${status}` : `${capital(state.app.name)} is working…`,
          ),
          working ? h("button", { class: "button", onclick: stop }, "Stop") : null,
        ]
      : [],
  );
}

const ERRORS = { operation_timeout: "did not respond in time", dispatch_failed: "is not connected" };

function note(change) {
  if (change.kind === "error")
    toast(
      `${capital(state.app.name)} ${ERRORS[change.error] || `answered with ${change.error}`} (${change.doing})`,
      true,
    );
  const isNew = change.kind === "message" && change.message.ts > (here.latest || "");
  if (isNew) here.latest = change.message.ts;
  const elsewhere = change.channel !== here.channel || here.home || document.hidden;
  if (isNew && elsewhere && !change.ephemeral_for && change.message.user !== here.user)
    here.unread[change.channel] = (here.unread[change.channel] || 0) + 1;
}

// A row that is replaced between press and release would lose the click, so drawing waits for the release. The space
// bar presses a button, too.
let planned = false;
let pressed = false;
let missed = false;
const isPress = (event) => event.key === " " && Boolean(event.target.closest?.("button, summary"));
const release = () => {
  pressed = false;
  if (missed) setTimeout(redraw);
  missed = false;
};
document.addEventListener("pointerdown", (event) => (pressed = event.button === 0), true);
document.addEventListener("pointerup", release, true);
document.addEventListener("pointercancel", release, true);
document.addEventListener("keydown", (event) => (pressed ||= isPress(event)), true);
document.addEventListener("keyup", (event) => event.key === " " && release(), true);
window.addEventListener("blur", release);

function redraw() {
  if (planned) return;
  planned = true;
  requestAnimationFrame(() => {
    planned = false;
    if (pressed) missed = true;
    else draw();
  });
}

onChange((change) => {
  if (change.kind === "reloaded") settle();
  note(change);
  if (!["call", "envelope", "fault"].includes(change.kind)) redraw();
});
onMove(() => {
  drawComposers();
  redraw();
});
document.addEventListener("visibilitychange", () => document.hidden || move({}));
follow();
