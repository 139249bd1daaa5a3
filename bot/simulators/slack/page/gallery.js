// Ready-made alarms to set off.
import { act } from "./api.js";
import { h } from "./dom.js";
import { here, move } from "./here.js";
import { emoji } from "./emoji.js";
import { state } from "./store.js";

export function openGallery() {
  const dialog = h(
    "dialog",
    {},
    h(
      "header",
      {},
      h("h2", {}, "Set off an alarm"),
      h("button", { class: "icon-button", "aria-label": "Close", onclick: () => dialog.close() }, "✕"),
    ),
    h(
      "div",
      { class: "content gallery" },
      state.gallery.map((item) => entry(item, () => dialog.close())),
    ),
    h("footer", {}),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector(".gallery button")?.focus();
}

function entry(item, close) {
  const app = Object.values(state.apps).find((other) => other.name === item.app);
  const target = state.channels.find((channel) => channel.name === "incidents") || state.channels[0];
  const post = async () => {
    close();
    move({ channel: target.id, thread: "", home: false, user: here.user });
    await act("post_as_app", { channel: target.id, message: item.message, app: item.app });
  };
  return h(
    "button",
    { onclick: post },
    h("span", { class: "avatar emoji" }, emoji((app?.emoji || ":rotating_light:").replaceAll(":", ""))),
    h(
      "span",
      {},
      h("b", {}, item.title),
      h("span", { class: "where" }, `${item.app} posts in #${target.name}`),
    ),
    h("span", { class: "go" }, "Post"),
  );
}
