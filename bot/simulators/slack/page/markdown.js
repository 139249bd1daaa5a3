// Standard Markdown (the `markdown` block) as DOM nodes.
import { emoji, known } from "./emoji.js";
import { h, link } from "./dom.js";

export function markdown(text) {
  const lines = String(text).split("\n");
  const nodes = [];
  let position = 0;
  while (position < lines.length) {
    const [node, used] = block(lines, position);
    if (node) nodes.push(node);
    position += used;
  }
  return h("div", { class: "markdown" }, nodes);
}

function block(lines, at) {
  const line = lines[at];
  if (!line.trim()) return [null, 1];
  for (const reader of [fence, heading, rule, table, quote, list]) {
    const read = reader(lines, at);
    if (read) return read;
  }
  return paragraph(lines, at);
}

function fence(lines, at) {
  const open = /^\s*(```+|~~~+)/.exec(lines[at]);
  if (!open) return null;
  let end = at + 1;
  while (end < lines.length && !lines[end].trim().startsWith(open[1])) end++;
  return [h("pre", {}, lines.slice(at + 1, end).join("\n")), end - at + 1];
}

function heading(lines, at) {
  const found = /^(#{1,6})\s+(.*?)\s*#*$/.exec(lines[at]);
  return found && [h(`h${Math.min(found[1].length, 4)}`, {}, spans(found[2])), 1];
}

const rule = (lines, at) => (/^\s*([-*_])(\s*\1){2,}\s*$/.test(lines[at]) ? [h("hr"), 1] : null);

function table(lines, at) {
  if (!lines[at].includes("|") || !/^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(lines[at + 1] || ""))
    return null;
  const cells = (line) =>
    line
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((cell) => cell.trim());
  const alignments = cells(lines[at + 1]).map((cell) =>
    /^:.*:$/.test(cell) ? "align-center" : cell.endsWith(":") ? "align-right" : "",
  );
  const row = (line, tag) =>
    h(
      "tr",
      {},
      cells(line).map((cell, index) => h(tag, { class: `wrapped ${alignments[index] || ""}` }, spans(cell))),
    );
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end++;
  const body = lines.slice(at + 2, end).map((line) => row(line, "td"));
  return [
    h(
      "div",
      { class: "table-scroll" },
      h("table", {}, h("thead", {}, row(lines[at], "th")), h("tbody", {}, body)),
    ),
    end - at,
  ];
}

function quote(lines, at) {
  if (!/^\s*>/.test(lines[at])) return null;
  let end = at;
  while (end < lines.length && /^\s*>/.test(lines[end])) end++;
  return [
    h(
      "blockquote",
      {},
      markdown(
        lines
          .slice(at, end)
          .map((line) => line.replace(/^\s*> ?/, ""))
          .join("\n"),
      ),
    ),
    end - at,
  ];
}

const ITEM = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;

function list(lines, at) {
  const first = ITEM.exec(lines[at]);
  if (!first) return null;
  const ordered = /\d/.test(first[2]);
  const indent = first[1].length;
  const items = [];
  let position = at;
  while (position < lines.length) {
    const found = ITEM.exec(lines[position]);
    if (found && found[1].length > indent) {
      const [nested, used] = list(lines, position);
      items.at(-1)?.append(nested);
      position += used;
    } else if (found && found[1].length === indent && /\d/.test(found[2]) === ordered) {
      items.push(h("li", {}, spans(found[3])));
      position++;
    } else if (lines[position].startsWith(" ".repeat(indent + 2)) && lines[position].trim() && items.length) {
      items.at(-1).append(" ", ...spans(lines[position].trim()));
      position++;
    } else break;
  }
  return [h(ordered ? "ol" : "ul", ordered ? { start: parseInt(first[2], 10) } : {}, items), position - at];
}

function paragraph(lines, at) {
  let end = at + 1;
  while (
    end < lines.length &&
    lines[end].trim() &&
    ![fence, heading, rule, table, quote, list].some((reader) => reader(lines, end))
  )
    end++;
  const content = lines.slice(at, end).flatMap((line, index) => [index ? h("br") : null, ...spans(line)]);
  return [h("p", {}, content), end - at];
}

const PATTERNS = [
  [/^(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)/, (found) => h("code", {}, found[2].trim())],
  [/^!?\[([^\]]*)\]\(([^)\s]+)(?:\s+"[^"]*")?\)/, (found) => link(found[2], ...spans(found[1] || found[2]))],
  [/^<(https?:[^>\s|]+)(?:\|([^>]+))?>/, (found) => link(found[1], found[2] || found[1])],
  [/^(\*\*|__)(?=\S)([\s\S]*?\S)\1/, (found) => h("strong", {}, spans(found[2]))],
  [/^([*_])(?=\S)([^*_]*?[^*_\s])\1(?!\w)/, (found) => h("em", {}, spans(found[2]))],
  [/^~~(?=\S)([\s\S]*?\S)~~/, (found) => h("s", {}, spans(found[1]))],
  [/^:([a-z0-9_+-]+):/, (found) => (known(found[1]) ? emoji(found[1]) : found[0])],
  [/^https?:\/\/[^\s<>]*[^\s<>.,;:!?)\]'"]/, (found) => link(found[0])],
  [/^\\([\\`*_{}[\]()#+\-.!|~>])/, (found) => found[1]],
];

export function spans(text) {
  const nodes = [];
  let buffer = "";
  for (let position = 0; position < text.length;) {
    const inWord = /\w/.test(text[position - 1] || "") && /[_h]/.test(text[position]);
    const rest = text.slice(position);
    const hit = inWord
      ? null
      : PATTERNS.map(([pattern, build]) => [pattern.exec(rest), build]).find(([found]) => found);
    if (!hit) {
      buffer += text[position++];
      continue;
    }
    if (buffer) nodes.push(buffer);
    buffer = "";
    nodes.push(hit[1](hit[0]));
    position += hit[0][0].length;
  }
  if (buffer) nodes.push(buffer);
  return nodes;
}
