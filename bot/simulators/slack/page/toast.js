// Short notes at the bottom of the page.
import { byId, h } from "./dom.js";

export function toast(text, bad = false) {
  const note = h("div", { class: bad ? "toast bad" : "toast" }, text);
  byId("toasts").append(note);
  setTimeout(() => note.remove(), 6000);
}
