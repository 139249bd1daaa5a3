// The bar over a message: quick reactions, reply, message shortcuts.
import { act } from "./api.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { here, move } from "./here.js";
import { state } from "./store.js";
import { toast } from "./toast.js";

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
          "aria-label": `React with :${name}:`,
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
            "aria-label": "Reply in thread",
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
        "aria-label": "More actions",
        "aria-haspopup": "menu",
        onclick: (event) => flip(event.currentTarget.parentNode, item, where),
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
    entry("Copy link", () => copyLink(item, where)),
    item.user === here.user ? entry("Delete message", () => act("delete_message", where)) : null,
  );
  bar.append(menu);
  const list = bar.closest(".messages").getBoundingClientRect();
  if (menu.getBoundingClientRect().bottom > list.bottom) menu.classList.add("up");
  menu.querySelector("button").focus({ preventScroll: true });
  const close = new AbortController();
  const leave = (event) => {
    if (event.type === "keydown" && event.key !== "Escape") return;
    menu.remove();
    close.abort();
  };
  const { signal } = close;
  setTimeout(() => document.addEventListener("click", leave, { signal }));
  document.addEventListener("keydown", leave, { signal });
}

async function copyLink(item, { channel }) {
  const thread = item.thread_ts && item.thread_ts !== item.ts ? `?thread_ts=${item.thread_ts}` : "";
  const address = `${location.origin}/archives/${channel}/p${item.ts.replace(".", "")}${thread}`;
  try {
    await navigator.clipboard.writeText(address);
    toast("The link is copied");
  } catch {
    toast(address);
  }
}

const entry = (label, act_) => h("button", { role: "menuitem", onclick: act_ }, label);
