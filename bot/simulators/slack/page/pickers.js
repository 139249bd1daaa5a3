// What menus, dates and ticks have in common, in a message and in a modal.
import { act } from "./api.js";
import { h } from "./dom.js";
import { here } from "./here.js";
import { plainText } from "./text.js";
import { state } from "./store.js";

const DATED = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };

export const isDated = (item) => Object.hasOwn(DATED, item.type);
export const isTicked = (item) => item.type === "radio_buttons" || item.type === "checkboxes";

/** [value, label] pairs of a menu, or null for an element that is no menu. */
export function choices(item) {
  if (item.type.includes("users_select"))
    return Object.values(state.users)
      .filter((user) => !user.is_bot)
      .map((user) => [user.id, user.real_name]);
  if (/channels_select|conversations_select/.test(item.type))
    return state.channels
      .filter((channel) => channel.name)
      .map((channel) => [channel.id, `#${channel.name}`]);
  const groups = item.option_groups?.flatMap((group) => group.options) || [];
  const options = [...(item.options || []), ...groups];
  return options.length ? options.map((option) => [option.value, plainText(option.text)]) : null;
}

/** The values that are chosen from the start. */
export const initials = (item) =>
  new Set([
    item.initial_option?.value,
    item.initial_user,
    item.initial_channel,
    item.initial_conversation,
    ...(item.initial_users || []),
    ...(item.initial_channels || []),
    ...(item.initial_conversations || []),
    ...(item.initial_options || []).map((option) => option.value),
  ]);

/** [node, value()] of a date, a time, or both; both together are seconds since the epoch, as in Slack. */
export function dated(item) {
  const type = DATED[item.type];
  const label = plainText(item.placeholder) || `Choose a ${type === "time" ? "time" : "date"}`;
  const node = h("input", { class: "field", type, "aria-label": label });
  node.value = item.initial_date || item.initial_time || local(item.initial_date_time);
  const seconds = () => Math.round(new Date(node.value).getTime() / 1000);
  return [node, () => (!node.value ? null : type === "datetime-local" ? seconds() : node.value)];
}

function local(seconds) {
  if (!seconds) return "";
  const moment = new Date(seconds * 1000);
  return new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

/** [node, value()] of checkboxes or radio buttons; `group` keeps equal names in two messages apart. */
export function ticked(item, group = "") {
  const type = item.type === "checkboxes" ? "checkbox" : "radio";
  const initial = initials(item);
  const boxes = item.options.map((option) =>
    h("input", {
      type,
      name: `${group}${item.action_id}`,
      value: option.value,
      checked: initial.has(option.value),
    }),
  );
  const node = h(
    "div",
    { class: "ticks", role: "group" },
    item.options.map((option, index) =>
      h("label", { class: "option" }, boxes[index], plainText(option.text)),
    ),
  );
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  return [node, () => (type === "checkbox" ? chosen() : chosen()[0] || null)];
}

/** [node, value()] of a menu whose options come from the app while one types. */
export function searched(item, where) {
  const list = h("datalist", { id: `list-${item.action_id}-${where.block_id}-${where.ts || where.view_id}` });
  let offered = item.initial_option ? [item.initial_option] : [];
  const label = plainText(item.placeholder);
  const field = h("input", { class: "field", list: list.id, placeholder: label, "aria-label": label || null });
  field.value = plainText(item.initial_option?.text);
  field.addEventListener("input", async () => {
    if (field.value.length < (item.min_query_length ?? 3)) return;
    const { typed, ...place } = where;
    const command = where.view_id ? "suggest" : "suggest_in_message";
    const asked = { ...place, action_id: item.action_id, query: field.value, user: here.user };
    offered = (await act(command, asked)) || [];
    list.replaceChildren(...offered.map((option) => h("option", { value: plainText(option.text) })));
  });
  return [
    h("div", {}, field, list),
    () => offered.find((option) => plainText(option.text) === field.value) || null,
  ];
}

/** The element with what was entered before (`state.values`) in place of its initial value. */
export function remembered(item, known) {
  if (!known) return item;
  return {
    ...item,
    initial_value: known.value ?? undefined,
    initial_option: known.selected_option ?? undefined,
    initial_options: known.selected_options,
    initial_date: known.selected_date ?? undefined,
    initial_time: known.selected_time ?? undefined,
    initial_date_time: known.selected_date_time ?? undefined,
    initial_user: known.selected_user ?? undefined,
    initial_users: known.selected_users,
    initial_channel: known.selected_channel ?? undefined,
    initial_channels: known.selected_channels,
    initial_conversation: known.selected_conversation ?? undefined,
    initial_conversations: known.selected_conversations,
  };
}
