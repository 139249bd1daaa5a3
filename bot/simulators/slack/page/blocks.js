// Block Kit blocks as DOM nodes.
import { chart } from "./chart.js";
import { h, picture } from "./dom.js";
import { element, press } from "./elements.js";
import { input } from "./inputs.js";
import { markdown } from "./markdown.js";
import { richText } from "./richtext.js";
import { table } from "./table.js";
import { plan, taskCard } from "./tasks.js";
import { plainText, textNodes } from "./text.js";

/** All blocks of a message or view; `where` is what their elements act upon. */
export function blocks(list, where) {
  return h(
    "div",
    { class: "blocks" },
    (list || []).map((block) => draw(block, where)),
  );
}

const drawers = {
  header: (block) => h("div", { class: `block-header level-${block.level || 1}` }, plainText(block.text)),
  section,
  divider: () => h("hr", { class: "block-divider" }),
  context: (block) =>
    h(
      "div",
      { class: "block-context" },
      block.elements.map((item) =>
        item.type === "image" ? image(item) : h("span", { class: "text" }, textNodes(item)),
      ),
    ),
  actions: (block, where) =>
    h(
      "div",
      { class: "block-actions" },
      block.elements.map((item) => element(item, where)),
    ),
  context_actions: (block, where) =>
    h(
      "div",
      { class: "block-actions" },
      block.elements.map((item) => element(item, where)),
    ),
  input: (block, where) => {
    const field = input(block, where);
    field.node.addEventListener("change", () => press(block.element, where, field.value()));
    return field.node;
  },
  image: (block) =>
    h(
      "figure",
      { class: "block-image" },
      block.title ? h("figcaption", {}, plainText(block.title)) : null,
      image(block),
    ),
  markdown: (block) => markdown(block.text),
  rich_text: (block) => richText(block),
  table: (block) => table(block),
  plan: (block, where) => plan(block, where.ts || where.view_id),
  task_card: (block, where) => taskCard(block, where.ts || where.view_id),
  data_visualization: (block) => chart(block),
  container,
  card,
  carousel: (block, where) =>
    h(
      "div",
      { class: "carousel" },
      block.elements.map((item) => draw(item, where)),
    ),
  alert: (block) => h("div", { class: `alert ${block.level || ""}` }, textNodes(block.text)),
  video: (block) => h("div", { class: "block-unknown" }, `Video: ${plainText(block.title)}`),
};

/** Other apps post what they like: a block that makes no sense must not take the page down. */
export function draw(block, where) {
  const drawer = Object.hasOwn(drawers, block?.type) ? drawers[block.type] : null;
  if (!drawer) return unknown(`Block of type ${block?.type}`);
  try {
    return drawer(block, { ...where, block_id: block.block_id });
  } catch (error) {
    console.warn("a block that cannot be drawn", block, error);
    return unknown(`Block of type ${block.type} that cannot be drawn`);
  }
}

const unknown = (text) => h("div", { class: "block-unknown" }, text);

function section(block, where) {
  return h(
    "div",
    { class: "block-section" },
    h(
      "div",
      { class: "main" },
      block.text ? h("div", { class: "text" }, textNodes(block.text)) : null,
      block.fields
        ? h(
            "div",
            { class: "fields" },
            block.fields.map((field) => h("div", { class: "text" }, textNodes(field))),
          )
        : null,
    ),
    block.accessory ? element(block.accessory, where) : null,
  );
}

function image(item) {
  const file = item.slack_file && (item.slack_file.id || /F0[A-Z0-9]+/.exec(item.slack_file.url)?.[0]);
  const source = file ? `/_emu/files/${file}/image` : item.image_url;
  return picture(source, item.alt_text, { title: item.alt_text });
}

function container(block, where) {
  const title = block.title
    ? plainText(block.title)
    : block.rich_text_title
      ? richText(block.rich_text_title)
      : "";
  const subtitle = block.subtitle ? h("div", { class: "muted" }, textNodes(block.subtitle)) : null;
  const children = h(
    "div",
    { class: "children" },
    block.child_blocks.map((child) => draw(child, where)),
  );
  if (!block.is_collapsible)
    return h("div", { class: "container" }, h("div", { class: "title" }, title), subtitle, children);
  return h(
    "details",
    { class: "container", open: !block.default_collapsed },
    h("summary", {}, title),
    subtitle,
    children,
  );
}

function card(block, where) {
  return h(
    "div",
    { class: "card" },
    block.hero_image ? image(block.hero_image) : null,
    block.title ? h("div", { class: "title" }, textNodes(block.title)) : null,
    block.subtitle ? h("div", { class: "subtitle" }, textNodes(block.subtitle)) : null,
    block.body ? h("div", {}, textNodes(block.body)) : null,
    block.actions
      ? h(
          "div",
          { class: "block-actions" },
          block.actions.map((item) => element(item, where)),
        )
      : null,
  );
}
