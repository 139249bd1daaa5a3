// The left column: workspace, channels, the app, the alarm gallery, and who you are.
import { act } from "./api.js";
import { byId, fill, h } from "./dom.js";
import { openGallery } from "./gallery.js";
import { here, move } from "./here.js";
import { avatarOf, capital, handleOf } from "./people.js";
import { reload, state } from "./store.js";

let drawn = "";
let openings = 0;

/** Redrawn only when it would look different: a button that is replaced while pressed would lose the click. */
export function drawSidebar() {
  const print = JSON.stringify([
    here,
    state.live,
    state.app,
    state.channels,
    state.gallery.length,
    Object.keys(state.users),
  ]);
  if (print === drawn) return;
  drawn = print;
  fill(
    byId("sidebar"),
    h("div", { class: "team" }, state.team.name),
    h(
      "div",
      { class: "connection" },
      h("span", { class: `dot ${state.live && state.app.connections ? "on" : ""}` }),
      connection(),
    ),
    h("h2", {}, "Channels"),
    state.channels.filter((channel) => !channel.is_im).map((channel) => item("#", channel.name, channel.id)),
    h("h2", {}, "Apps"),
    appItems(),
    state.gallery.length ? [h("h2", {}, "Demo"), button("🚨", "Set off an alarm", openGallery)] : null,
    h("div", { class: "spacer" }),
    h("h2", {}, "You are"),
    h(
      "div",
      { class: "persona" },
      Object.values(state.users)
        .filter((user) => !user.is_bot)
        .map(persona),
    ),
  );
}

function connection() {
  if (!state.live) return "This workspace has ended";
  return `${capital(state.app.name)} is ${state.app.connections ? "" : "not "}connected`;
}

function appItems() {
  const name = capital(state.app.name);
  const direct = state.channels.find((channel) => channel.is_im && channel.members.includes(here.user));
  const open = async () => {
    move({ home: true, thread: "" });
    await act("open_home", { user: here.user });
  };
  const write = async () => {
    const mine = ++openings;
    move({ opening: mine });
    const channel = await act("open_direct", { user: here.user });
    if (channel) await reload();
    if (here.opening !== mine) return;
    move(channel ? { channel, thread: "", home: false, highlight: "" } : { opening: 0 });
  };
  return [
    state.app.home_tab ? button("🏠", `${name} Home`, open, here.home) : null,
    direct ? item("💬", name, direct.id) : button("💬", name, write),
  ];
}

function item(sign, name, channel) {
  const unread = here.unread[channel] || 0;
  const active = channel === here.channel && !here.home;
  const node = button(sign, name, () => move({ channel, thread: "", home: false, highlight: "" }), active);
  if (unread && !active) {
    node.classList.add("unread");
    node.append(h("span", { class: "count" }, String(unread)));
  }
  return node;
}

function button(sign, name, act_, active = false) {
  return h(
    "button",
    {
      class: `item ${active ? "active" : ""}`,
      onclick: act_,
      "aria-current": active ? "page" : null,
      "data-key": name,
    },
    h("span", { class: "sign", "aria-hidden": "true" }, sign),
    h("span", { class: "label" }, name),
  );
}

function persona(user) {
  const take = () => {
    localStorage.setItem("slack-simulator-user", user.id);
    const now = state.channels.find((channel) => channel.id === here.channel);
    const foreign = now?.is_im && !now.members.includes(user.id);
    move({ user: user.id, ...(foreign ? { channel: state.channels[0].id, thread: "" } : {}) });
  };
  return h(
    "button",
    { "aria-pressed": String(user.id === here.user), onclick: take, title: user.real_name },
    avatarOf(user.id, "small"),
    h("span", { class: "label" }, handleOf(user.id)),
  );
}
