// The bar over a message: quick reactions, reply, message shortcuts.
import { act } from "./api.js";
import { h, refocus } from "./dom.js";
import { codes, emoji } from "./emoji.js";
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
    h(
      "button",
      {
        class: "icon-button",
        title: "Add reaction…",
        "aria-label": "Add reaction",
        "aria-haspopup": "menu",
        onclick: (event) => flip(event.currentTarget.parentNode, palette(where), "emojis"),
      },
      "☺",
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
        onclick: (event) => flip(event.currentTarget.parentNode, actions(item, where)),
      },
      "⋯",
    ),
  );
  return node;
}

/** One button for each emoji. */
function palette(where) {
  return codes().map((name) =>
    h(
      "button",
      {
        role: "menuitem",
        title: `:${name}:`,
        "aria-label": name.replaceAll("_", " "),
        onclick: () => act("react", { ...where, name, user: here.user }),
      },
      emoji(name),
    ),
  );
}

function actions(item, where) {
  const shortcuts = state.shortcuts.map((shortcut) =>
    entry(shortcut.name, () =>
      act("shortcut", { ...where, callback_id: shortcut.callback_id, user: here.user }),
    ),
  );
  return [
    shortcuts.length ? h("div", { class: "title" }, "Message shortcuts") : null,
    shortcuts,
    h("div", { class: "title" }, "Message"),
    entry("Copy link", () => copyLink(item, where)),
    item.user === here.user ? entry("Delete message", () => act("delete_message", where)) : null,
  ];
}

/** Opens a menu under the bar, or closes the one that is open; a second kind takes the place of the first. */
function flip(bar, entries, kind = "") {
  const open = bar.querySelector(".menu");
  open?.remove();
  if (open?.classList.contains("emojis") === (kind === "emojis")) return;
  const menu = h("div", { class: `menu ${kind}`, role: "menu" }, entries);
  const opener = document.activeElement;
  bar.append(menu);
  const list = bar.closest(".messages").getBoundingClientRect();
  if (menu.getBoundingClientRect().bottom > list.bottom) menu.classList.add("up");
  menu.querySelector("button").focus({ preventScroll: true });
  const close = new AbortController();
  const leave = (event) => {
    if (event.type === "keydown" && event.key !== "Escape") return;
    const bar_ = menu.parentNode; // the message, and its bar with it, may have been drawn anew
    const inside = menu.contains(document.activeElement);
    menu.remove();
    close.abort();
    if (inside && bar_) refocus(bar_, opener);
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
