// The rich_text block.
import { preformatted } from "./code.js";
import { emoji } from "./emoji.js";
import { h, link } from "./dom.js";
import { mention } from "./mrkdwn.js";
import { state } from "./store.js";

export function richText(block) {
  return h("div", { class: "rich" }, (block.elements || []).map(part));
}

const parts = {
  rich_text_section: (element) => h("div", { class: "section" }, pieces(element)),
  rich_text_quote: (element) => h("blockquote", { class: "section" }, pieces(element)),
  rich_text_preformatted: (element) =>
    preformatted(element.elements.map((piece) => piece.text || piece.url || "").join(""), element.language),
  rich_text_list: (element) => {
    const items = element.elements.map((item) => h("li", {}, pieces(item)));
    const node = h(
      element.style === "ordered" ? "ol" : "ul",
      element.offset ? { start: element.offset + 1 } : {},
      items,
    );
    if (element.indent) node.style.marginLeft = `${element.indent * 24}px`;
    return node;
  },
};

const part = (element) => parts[element.type]?.(element) ?? null;
const pieces = (element) => (element.elements || []).map(piece);

function piece(item) {
  const node = bare(item);
  const style = item.style || {};
  let styled = node;
  if (style.code) styled = h("code", {}, styled);
  if (style.bold) styled = h("strong", {}, styled);
  if (style.italic) styled = h("em", {}, styled);
  if (style.strike) styled = h("s", {}, styled);
  if (style.underline) styled = h("u", {}, styled);
  return styled;
}

function bare(item) {
  switch (item.type) {
    case "text":
      return item.text;
    case "link":
      return link(item.url, item.text || item.url);
    case "emoji":
      return emoji(item.name);
    case "user":
      return mention(item.user_id);
    case "channel":
      return h(
        "span",
        { class: "mention person" },
        `#${state.channels.find((channel) => channel.id === item.channel_id)?.name || item.channel_id}`,
      );
    case "broadcast":
      return h("span", { class: "mention" }, `@${item.range}`);
    case "date":
      return item.fallback || new Date(item.timestamp * 1000).toLocaleString();
    case "color":
      return h("code", {}, item.value);
    default:
      return item.text || "";
  }
}
