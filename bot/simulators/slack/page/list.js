// A list of messages that changes only the rows that changed, and stays at the bottom when it was there.
import { h, refocus } from "./dom.js";
import { message } from "./message.js";
import { day } from "./people.js";

export class MessageList {
  constructor(root) {
    this.root = root;
    this.rows = new Map();
    this.stick = true;
    root.addEventListener(
      "scroll",
      () => {
        this.stick = root.scrollHeight - root.scrollTop - root.clientHeight < 80;
        if (this.stick) this.pill.hidden = true;
      },
      { passive: true },
    );
    this.pill = h("button", { class: "new-messages", onclick: () => this.jump() }, "↓ New messages");
    this.pill.hidden = true;
    root.after(this.pill);
    root.addEventListener("load", () => this.settle(), true);
    new ResizeObserver(() => this.settle()).observe(root);
  }

  jump() {
    this.stick = true;
    this.pill.hidden = true;
    this.settle();
  }

  settle() {
    if (this.stick) this.root.scrollTop = this.root.scrollHeight;
  }

  /** `items` are { message, privately }; `key` changes when something else (another channel) is shown. */
  show(key, items, channel, options = {}, empty = "") {
    if (key !== this.key) this.clear(key);
    const stick = this.stick;
    const newest = items.at(-1)?.message.ts || "";
    if (!stick && this.newest && newest > this.newest) this.pill.hidden = false;
    this.newest = newest;
    const wanted = [];
    let lastDay = "";
    items.forEach((item, index) => {
      const today = day(item.message.ts);
      if (today !== lastDay && !options.inThread)
        wanted.push(this.row(`day-${today}`, today, () => h("div", { class: "day" }, today)));
      lastDay = today;
      wanted.push(
        this.row(item.message.ts, JSON.stringify(item) + (options.stamp || ""), () =>
          message(item.message, channel, { ...options, ...item }),
        ),
      );
      if (index === 0 && options.replies) {
        const label = options.replies === 1 ? "1 reply" : `${options.replies} replies`;
        wanted.push(this.row("divider", label, () => h("div", { class: "day" }, label)));
      }
    });
    if (!items.length) wanted.push(this.row("empty", empty, () => h("div", { class: "empty" }, empty)));
    this.arrange(wanted);
    this.stick = stick;
    this.settle();
    const target = this.root.querySelector(".highlight");
    if (!target || this.found === target.dataset.ts) return;
    this.found = target.dataset.ts;
    this.stick = false;
    target.scrollIntoView({ block: "center" });
  }

  clear(key) {
    this.key = key;
    this.stick = true;
    this.newest = "";
    this.pill.hidden = true;
    this.found = "";
    this.rows.clear();
    this.root.replaceChildren();
  }

  row(id, print, build) {
    const known = this.rows.get(id);
    if (known?.print === print) return known.node;
    const node = build();
    if (known) replace(known.node, node);
    this.rows.set(id, { print, node });
    return node;
  }

  arrange(wanted) {
    for (const node of [...this.root.children]) if (!wanted.includes(node)) node.remove();
    wanted.forEach((node, index) => {
      if (this.root.children[index] !== node) this.root.insertBefore(node, this.root.children[index] || null);
    });
    const kept = new Set(wanted);
    for (const [id, row] of this.rows) if (!kept.has(row.node)) this.rows.delete(id);
  }
}

/** The new row takes over an open menu and the keyboard's focus. */
function replace(old, node) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const menu = old.querySelector(".menu");
  if (menu) node.querySelector(".toolbar")?.append(menu);
  old.replaceWith(node);
  refocus(node, focused);
}
