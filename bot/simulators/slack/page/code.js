// Preformatted text: colours for a diff, and only the beginning of what is long until somebody wants it all.
import { h } from "./dom.js";

const LINES = 16;
/** Long texts that were opened: the message around one may be drawn again. */
const opened = new Set();

export function preformatted(text, language = "") {
  const node = h("pre", {}, language === "diff" ? changes(text) : text);
  const lines = text.split("\n").length;
  if (lines <= LINES + 4) return node;
  const more = h("button", { class: "more", "aria-expanded": String(opened.has(text)) });
  const around = h("div", { class: "long" }, node, more);
  const show = () => {
    around.classList.toggle("open", opened.has(text));
    more.textContent = opened.has(text) ? "Show less" : `Show all ${lines} lines`;
    more.setAttribute("aria-expanded", String(opened.has(text)));
  };
  more.addEventListener("click", () => {
    if (!opened.delete(text)) opened.add(text);
    show();
  });
  show();
  return around;
}

/** The lines of a diff; those that come and go have a colour of their own. */
function changes(text) {
  return text.split(/(?<=\n)/).map((line) => {
    if (/^(?:\+\+\+|---|@@|diff )/.test(line)) return h("span", { class: "where" }, line);
    if (line.startsWith("+")) return h("span", { class: "added" }, line);
    return line.startsWith("-") ? h("span", { class: "removed" }, line) : line;
  });
}
