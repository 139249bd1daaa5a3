// Legacy attachments, as most monitoring tools post them.
import { blocks } from "./blocks.js";
import { h, link, picture } from "./dom.js";
import { mrkdwn, unescape } from "./mrkdwn.js";
import { clock } from "./people.js";
import { plainText } from "./text.js";

const COLORS = { danger: "#d1324b", warning: "#dda53c", good: "#2f9e6b" };

export const attachments = (list, where) => (list || []).map((item) => attachment(item, where));

function attachment(item, where) {
  const bar = h("span", { class: "bar" });
  const color =
    COLORS[item.color] ||
    (/^#?[0-9a-f]{3,6}$/i.test(item.color || "") ? `#${item.color.replace("#", "")}` : "");
  if (color) bar.style.background = color;
  return h(
    "div",
    {},
    item.pretext ? h("div", { class: "text" }, mrkdwn(item.pretext)) : null,
    h("div", { class: "attachment" }, bar, h("div", { class: "content" }, content(item, where))),
  );
}

function content(item, where) {
  const shown = [
    item.author_name
      ? h(
          "div",
          { class: "by" },
          item.author_link ? link(item.author_link, item.author_name) : item.author_name,
        )
      : null,
    item.title
      ? h(
          "div",
          { class: "title" },
          item.title_link
            ? link(item.title_link, plainText({ text: unescape(item.title) }))
            : mrkdwn(item.title),
        )
      : null,
    item.text ? h("div", { class: "text" }, mrkdwn(item.text)) : null,
    item.fields?.length ? h("div", { class: "fields" }, item.fields.map(field)) : null,
    item.blocks ? blocks(item.blocks, where) : null,
    item.actions?.length ? h("div", { class: "block-actions actions" }, item.actions.map(action)) : null,
    item.image_url ? picture(item.image_url, item.fallback) : null,
    item.footer
      ? h("div", { class: "footer" }, unescape(item.footer), item.ts ? ` · ${clock(String(item.ts))}` : null)
      : null,
  ].filter(Boolean);
  return shown.length ? shown : h("div", { class: "text" }, mrkdwn(item.fallback));
}

const field = ({ title, value, short }) =>
  h(
    "div",
    { class: short ? "" : "wide" },
    h("b", {}, unescape(title || "")),
    h("span", { class: "text" }, mrkdwn(value)),
  );

function action({ text, url, style }) {
  const open = () => /^https?:/i.test(url || "") && window.open(url, "_blank", "noopener,noreferrer");
  return h("button", { class: `button ${style || ""}`, onclick: open, disabled: !url }, plainText({ text }));
}
