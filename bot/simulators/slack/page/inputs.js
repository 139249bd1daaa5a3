// Input blocks of a modal: a label, a field, and what was entered.
import { h } from "./dom.js";
import { choices, dated, initials, isDated, isTicked, remembered, searched, ticked } from "./pickers.js";
import { plainText } from "./text.js";

/**
 * { node, control, print, block_id, action_id, missing(), value(), error(text) }; `known` is what Slack remembers of
 * it. `before` are the fields that it takes the place of: one of the same element goes on with what was typed.
 */
export function input(block, where, known, before = []) {
  const item = remembered(block.element, known);
  const print = JSON.stringify([block.block_id, block.element]);
  const same = before.find((field) => field.print === print);
  const [control, value] = same ? [same.control, same.value] : build(item, { ...where, block_id: block.block_id });
  const error = h("div", { class: "error" });
  const optional = block.optional ? h("span", { class: "optional" }, " (optional)") : null;
  const node = h(
    "label",
    { class: "input" },
    h("span", { class: "label" }, plainText(block.label), optional),
    control,
    block.hint ? h("div", { class: "hint" }, plainText(block.hint)) : null,
    error,
  );
  return {
    node,
    control,
    print,
    block_id: block.block_id,
    action_id: item.action_id,
    value,
    missing: () => !block.optional && empty(value()),
    error: (text) => error.replaceChildren(text),
  };
}

const empty = (value) => value === null || value.length === 0;

const TYPES = {
  email_text_input: "email",
  url_text_input: "url",
  number_input: "number",
};

function build(item, where) {
  if (isTicked(item)) return ticked(item, `${where.block_id}/`);
  if (isDated(item)) return dated(item);
  if (item.type === "external_select") return searched(item, where);
  const options = choices(item);
  if (options) return menu(item, options);
  const common = {
    class: "field",
    placeholder: plainText(item.placeholder),
    maxlength: item.max_length,
    minlength: item.min_length,
  };
  const field = item.multiline
    ? h("textarea", common)
    : h("input", {
        ...common,
        type: TYPES[item.type] || "text",
        step: item.is_decimal_allowed ? "any" : null,
      });
  field.value = item.initial_value || "";
  return [field, () => field.value || null];
}

function menu(item, options) {
  const many = item.type.startsWith("multi_");
  const initial = initials(item);
  const field = h(
    "select",
    { class: "field", multiple: many },
    many ? null : h("option", { value: "" }, plainText(item.placeholder) || "Choose…"),
    options.map(([value, label]) => h("option", { value, selected: initial.has(value) }, label)),
  );
  return [
    field,
    () => (many ? [...field.selectedOptions].map((option) => option.value) : field.value || null),
  ];
}
