// The table block. Its first row is the header.
import { h } from "./dom.js";
import { richText } from "./richtext.js";

export function table(block) {
  const settings = block.column_settings || [];
  const [head, ...body] = block.rows.map((row, index) => line(row, settings, index ? "td" : "th"));
  return h("div", { class: "table-scroll" }, h("table", {}, h("thead", {}, head), h("tbody", {}, body)));
}

function line(row, settings, tag) {
  return h(
    "tr",
    {},
    row.map((cell, index) => {
      const { align = "left", is_wrapped: wrapped } = settings[index] || {};
      return h(
        tag,
        { class: `align-${align} ${wrapped ? "wrapped" : ""}` },
        cell.type === "rich_text" ? richText(cell) : cell.text,
      );
    }),
  );
}
