// Buttons, menus and feedback: what a person can press, and what happens then.
import { act } from "./api.js";
import { confirm } from "./confirm.js";
import { h, picture } from "./dom.js";
import { plainText } from "./text.js";
import { here } from "./here.js";
import { choices, dated, initials, isDated, isTicked, remembered, searched, ticked } from "./pickers.js";

/** `where` says what is acted upon: { channel, ts } or { view_id }. */
export async function press(element, where, value) {
  if (element.confirm && !(await confirm(element.confirm))) return false;
  if (element.url && /^https?:/i.test(element.url)) window.open(element.url, "_blank", "noopener,noreferrer");
  const command = where.view_id ? "click_in_view" : "click";
  const { typed, ...place } = where;
  const result = await act(command, {
    ...place,
    ...(typed ? { typed: typed() } : {}),
    action_id: element.action_id,
    user: here.user,
    ...(value === undefined ? {} : { value }),
  });
  return result !== undefined;
}

/** `known` is what Slack remembers of it: `state.values` of a view. */
export function element(given, where, known) {
  const item = remembered(given, known);
  if (item.type === "button" || item.type === "workflow_button") return button(item, where);
  if (item.type === "icon_button")
    return h(
      "button",
      { class: "icon-button", title: plainText(item.text), onclick: () => press(item, where, item.value) },
      "🗑",
    );
  if (item.type === "feedback_buttons") return feedback(item, where);
  if (item.type === "image") return picture(item.image_url, item.alt_text);
  return menu(item, where);
}

export const style = (item) =>
  `button ${item.style === "primary" ? "primary" : ""} ${item.style === "danger" ? "danger" : ""}`;

function button(item, where) {
  const node = h(
    "button",
    { class: style(item), "aria-label": item.accessibility_label, "data-key": item.action_id },
    plainText(item.text),
  );
  let busy = false;
  node.addEventListener("click", async () => {
    if (busy) return;
    busy = true; // not `disabled`, which would take the keyboard's focus away
    node.setAttribute("aria-disabled", "true");
    await press(item, where, item.value);
    node.removeAttribute("aria-disabled");
    busy = false;
  });
  return node;
}

const rated = new Map();

function feedback(item, where) {
  const key = `${where.channel}/${where.ts}/${item.action_id}/${here.user}`;
  const thumbs = ["positive", "negative"].map((side) => {
    const choice = item[`${side}_button`];
    const node = h(
      "button",
      {
        title: plainText(choice.text),
        "aria-label": choice.accessibility_label || plainText(choice.text),
        "aria-pressed": String(rated.get(key) === side),
      },
      side === "positive" ? "👍" : "👎",
    );
    node.addEventListener("click", async () => {
      if (!(await press(item, where, side))) return;
      rated.set(key, side);
      thumbs.forEach((thumb) => thumb.setAttribute("aria-pressed", String(thumb === node)));
    });
    return node;
  });
  return h("span", { class: "feedback", role: "group" }, thumbs);
}

function menu(item, where) {
  if (isDated(item)) return telling(dated(item), item, where);
  if (isTicked(item)) return telling(ticked(item, `${where.channel}/${where.ts}/${where.block_id}/`), item, where);
  if (item.type === "external_select") return telling(searched(item, where), item, where);
  const options = choices(item);
  if (!options) return h("span", { class: "block-unknown" }, plainText(item.placeholder) || item.type);
  const many = item.type.startsWith("multi_");
  const label = plainText(item.placeholder) || (item.type === "overflow" ? "⋯" : "Choose…");
  const initial = initials(item);
  const node = h(
    "select",
    { class: "field", multiple: many, "aria-label": label, "data-key": item.action_id },
    many ? null : h("option", { value: "" }, label),
    options.map(([value, text]) => h("option", { value, selected: initial.has(value) }, text)),
  );
  const value = () =>
    many ? [...node.selectedOptions].map((option) => option.value) : node.value || undefined;
  node.addEventListener("change", () => value() !== undefined && press(item, where, value()));
  return node;
}

/** The app hears of every change. */
function telling([node, value], item, where) {
  node.addEventListener("change", () => value() !== null && press(item, where, value()));
  return node;
}
