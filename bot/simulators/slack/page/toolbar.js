// The bar over a message: quick reactions, reply, message shortcuts.
import { act } from "./api.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { here, move } from "./here.js";
import { state } from "./store.js";

const QUICK = ["eyes", "white_check_mark", "+1"];

export function toolbar(item, where, inThread) {
  const node = h(
    "div",
    { class: "toolbar" },
    QUICK.map((name) =>
      h(
        "button",
        {
          class: "icon-button",
          title: `React with :${name}:`,
          onclick: () => act("react", { ...where, name, user: here.user }),
        },
        emoji(name),
      ),
    ),
    inThread
      ? null
      : h(
          "button",
          {
            class: "icon-button",
            title: "Reply in thread",
            onclick: () => move({ thread: item.thread_ts || item.ts }),
          },
          "💬",
        ),
  );
  node.append(
    h(
      "button",
      {
        class: "icon-button",
        title: "More actions",
        "aria-haspopup": "menu",
        onclick: () => flip(node, item, where),
      },
      "⋯",
    ),
  );
  return node;
}

function flip(bar, item, where) {
  const open = bar.querySelector(".menu");
  if (open) return open.remove();
  const entries = state.shortcuts.map((shortcut) =>
    entry(shortcut.name, () =>
      act("shortcut", { ...where, callback_id: shortcut.callback_id, user: here.user }),
    ),
  );
  const menu = h(
    "div",
    { class: "menu", role: "menu" },
    entries.length ? h("div", { class: "title" }, "Message shortcuts") : null,
    entries,
    h("div", { class: "title" }, "Message"),
    entry("Copy link", () =>
      navigator.clipboard?.writeText(
        `${location.origin}/archives/${where.channel}/p${item.ts.replace(".", "")}`,
      ),
    ),
    item.user === here.user ? entry("Delete message", () => act("delete_message", where)) : null,
  );
  bar.append(menu);
  setTimeout(() => document.addEventListener("click", () => menu.remove(), { once: true }));
}

const entry = (label, act_) => h("button", { role: "menuitem", onclick: act_ }, label);
