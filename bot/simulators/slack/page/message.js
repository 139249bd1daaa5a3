// One row: a message with everything that hangs on it.
import { act } from "./api.js";
import { attachments } from "./attachments.js";
import { blocks } from "./blocks.js";
import { h, picture } from "./dom.js";
import { emoji } from "./emoji.js";
import { here, move } from "./here.js";
import { mrkdwn } from "./mrkdwn.js";
import { ago, authorOf, avatarOf, clock, full, nameOf } from "./people.js";
import { toolbar } from "./toolbar.js";

/** `inThread` hides the thread summary. `privately` marks an ephemeral message. */
export function message(item, channel, options = {}) {
  try {
    return row(item, channel, options);
  } catch (error) {
    // Other apps post what they like: one message that makes no sense must not take the page down.
    console.warn("a message that cannot be drawn", item, error);
    const said = h("div", { class: "block-unknown" }, "Message that cannot be drawn");
    return h("article", { class: "message", "data-ts": item.ts }, h("div", { class: "body" }, said));
  }
}

function row(item, channel, { inThread = false, privately = false }) {
  const author = authorOf(item);
  const where = { channel, ts: item.ts };
  const node = h(
    "article",
    {
      class: `message ${privately ? "ephemeral" : ""} ${item.subtype === "tombstone" ? "tombstone" : ""}`,
      "data-ts": item.ts,
    },
    author.avatar(),
    h(
      "div",
      { class: "body" },
      privately ? h("div", { class: "only-you" }, "👁 Only visible to you") : null,
      item.subtype === "thread_broadcast" && !inThread
        ? h("div", { class: "broadcast" }, "replied to a thread")
        : null,
      h(
        "div",
        { class: "head" },
        h("span", { class: "author" }, author.name),
        author.isApp ? h("span", { class: "badge" }, "app") : null,
        h("time", { class: "time", title: full(item.ts) }, clock(item.ts)),
      ),
      text(item),
      item.blocks && !typed(item) ? blocks(item.blocks, where) : null,
      attachments(item.attachments, where),
      (item.files || []).map(file),
      reactions(item, where),
      inThread ? null : summary(item),
    ),
    privately || item.subtype === "tombstone" ? null : toolbar(item, where, inThread),
  );
  if (here.highlight === item.ts) node.classList.add("highlight");
  return node;
}

/** A person's rich_text block says the same as the text, in which mentions are easier to show. */
const typed = (item) => item.client_msg_id !== undefined;

function text(item) {
  if (item.blocks?.length && !typed(item)) return null;
  if (!item.text) return null;
  return h(
    "div",
    { class: "text" },
    mrkdwn(item.text),
    item.edited ? h("span", { class: "edited" }, "(edited)") : null,
  );
}

function file(item) {
  const source = `/_emu/files/${item.id}/${encodeURIComponent(item.name)}`;
  if (item.mimetype.startsWith("image/")) {
    return h(
      "div",
      { class: "file" },
      h("div", { class: "caption" }, item.title),
      h("a", { href: source, target: "_blank" }, picture(source, item.alt_txt || item.title, { loading: null })),
    );
  }
  return h(
    "div",
    { class: "file" },
    h(
      "a",
      { class: "chip", href: source, target: "_blank" },
      "📄",
      h(
        "span",
        {},
        h("b", {}, item.title),
        h("div", { class: "muted" }, `${item.pretty_type} · ${Math.ceil(item.size / 1024)} kB`),
      ),
    ),
  );
}

function reactions(item, where) {
  if (!item.reactions?.length) return null;
  return h(
    "div",
    { class: "reactions" },
    item.reactions.map((reaction) => {
      const mine = reaction.users.includes(here.user);
      const flip = () => act(mine ? "unreact" : "react", { ...where, name: reaction.name, user: here.user });
      return h(
        "button",
        {
          class: `reaction ${mine ? "mine" : ""}`,
          title: `${reaction.users.map(nameOf).join(", ")} with :${reaction.name}:`,
          onclick: flip,
          "data-key": `reaction ${reaction.name}`,
        },
        emoji(reaction.name),
        h("b", {}, String(reaction.count)),
      );
    }),
  );
}

function summary(item) {
  if (!item.reply_count) return null;
  const count = item.reply_count === 1 ? "1 reply" : `${item.reply_count} replies`;
  return h(
    "button",
    { class: "summary", onclick: () => move({ thread: item.ts }), "data-key": "summary" },
    (item.reply_users || []).slice(0, 3).map((user) => avatarOf(user, "small")),
    h("span", { class: "replies" }, count),
    h("span", { class: "last" }, `Last reply ${ago(item.latest_reply)}`),
  );
}
