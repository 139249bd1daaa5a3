// The modal on top of a person's stack.
import { act } from "./api.js";
import { draw } from "./blocks.js";
import { h, refocus } from "./dom.js";
import { press } from "./elements.js";
import { here } from "./here.js";
import { input } from "./inputs.js";
import { plainText } from "./text.js";
import { state } from "./store.js";

let shown = null;
let before = null; // what had the keyboard's focus when the first modal came

export function drawModal() {
  const view = state.views[here.user]?.stack.at(-1);
  const print = view && `${view.id}/${view.hash}`;
  if (shown?.print === print) return;
  const known = shown && shown.id === view?.id ? shown.fields : [];
  const focused = document.activeElement;
  if (!shown) before = { node: focused, ts: focused.closest("[data-ts]")?.dataset.ts };
  shown?.dialog.remove();
  shown = view ? { print, id: view.id, ...open(view, known, focused) } : null;
  if (!shown) goBack(before);
}

/** The focus returns to the button that opened the modal, or to the one that took its place in a changed message. */
function goBack({ node, ts }) {
  if (node.isConnected) return node.focus({ preventScroll: true });
  const rows = ts ? document.querySelectorAll(`[data-ts="${ts}"]`) : [];
  for (const row of rows) refocus(row, node);
}

/** `fieldsBefore` are those of the same view before it was updated: who types in one goes on typing. */
function open(view, fieldsBefore, focused) {
  const fields = [];
  const entered = () => {
    const values = {};
    for (const field of fields) (values[field.block_id] ||= {})[field.action_id] = field.value();
    return values;
  };
  const where = { view_id: view.id, typed: entered };
  const content = view.blocks.map((block) => {
    if (block.type !== "input") return draw(block, where);
    const known = view.state?.values?.[block.block_id]?.[block.element.action_id];
    const field = input(block, where, known, fieldsBefore);
    if (block.dispatch_action)
      field.node.addEventListener("change", () =>
        press(block.element, { ...where, block_id: block.block_id }, field.value()),
      );
    fields.push(field);
    return field.node;
  });
  const cancel = () => act("close_view", { view_id: view.id, user: here.user });
  let busy = false;
  const submit = async (event) => {
    event.preventDefault();
    const missing = fields.filter((field) => field.missing());
    for (const field of fields)
      field.error(missing.includes(field) ? "Please complete this required field." : "");
    if (missing.length || busy) return;
    busy = true;
    const result = await act("submit_view", { view_id: view.id, values: entered(), user: here.user });
    for (const field of fields) field.error(result?.errors?.[field.block_id] || "");
    busy = false;
  };
  const dialog = h(
    "dialog",
    {},
    h(
      "form",
      { onsubmit: submit, novalidate: true },
      h(
        "header",
        {},
        h("h2", {}, plainText(view.title)),
        h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: cancel }, "✕"),
      ),
      h("div", { class: "content" }, content),
      h(
        "footer",
        {},
        h("button", { type: "button", class: "button", onclick: cancel }, plainText(view.close) || "Cancel"),
        view.submit ? h("button", { class: "button primary" }, plainText(view.submit)) : null,
      ),
    ),
  );
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    cancel();
  });
  document.body.append(dialog);
  dialog.showModal();
  const first = dialog.querySelector(".content :is(input, select, textarea)");
  if (dialog.contains(focused)) focused.focus();
  else first?.focus();
  return { dialog, fields };
}
