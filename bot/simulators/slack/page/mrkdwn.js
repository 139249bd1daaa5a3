// Slack's mrkdwn as DOM nodes: *bold* _italic_ ~strike~ `code` ```block``` > quote, links, mentions, emoji.
import { preformatted } from "./code.js";
import { emoji, known } from "./emoji.js";
import { h, isAddress, link } from "./dom.js";
import { here } from "./here.js";
import { ago, handleOf } from "./people.js";
import { state } from "./store.js";

export const unescape = (text) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** A list of nodes. */
export function mrkdwn(text) {
  const nodes = [];
  const parts = String(text || "").split(/```\n?([\s\S]*?)```\n?/);
  parts.forEach((part, index) => {
    if (index % 2) nodes.push(preformatted(plain(part.replace(/\n$/, ""))));
    else nodes.push(...quoted(part));
  });
  return nodes;
}

function quoted(text) {
  const nodes = [];
  for (const group of text.split(/((?:^(?:&gt;|>) ?.*(?:\n|$))+)/m)) {
    if (/^(?:&gt;|>)/.test(group)) {
      nodes.push(h("blockquote", {}, inline(group.replace(/^(?:&gt;|>) ?/gm, "").replace(/\n$/, ""))));
    } else if (group) nodes.push(...inline(group));
  }
  return nodes;
}

const PATTERNS = [
  [/^`([^`\n]+)`/, (match) => h("code", {}, plain(match[1]))],
  [/^<([^<>\n]+)>/, (match) => angle(match[1])],
  [
    /^:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/,
    (match) => (known(match[1].split("::")[0]) ? emoji(match[1]) : match[0]),
  ],
  [/^\*(?=\S)([^*\n]*[^*\s])\*(?![\p{L}\p{N}])/u, (match) => h("strong", {}, inline(match[1]))],
  [/^_(?=\S)([^_\n]*[^_\s])_(?![\p{L}\p{N}])/u, (match) => h("em", {}, inline(match[1]))],
  [/^~(?=\S)([^~\n]*[^~\s])~(?![\p{L}\p{N}])/u, (match) => h("s", {}, inline(match[1]))],
  [/^https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)\]'"]/, (match) => link(unescape(match[0]))],
];
const OPENING = { "*": true, _: true, "~": true };

export function inline(text) {
  const nodes = [];
  let buffer = "";
  let position = 0;
  while (position < text.length) {
    const found = match(text, position);
    if (!found) {
      buffer += text[position++];
      continue;
    }
    if (buffer) nodes.push(unescape(buffer));
    buffer = "";
    nodes.push(found.node);
    position += found.length;
  }
  if (buffer) nodes.push(unescape(buffer));
  return nodes;
}

function match(text, position) {
  const before = text[position - 1] || " ";
  if (OPENING[text[position]] && /[\p{L}\p{N}]/u.test(before)) return null;
  const rest = text.slice(position);
  for (const [pattern, build] of PATTERNS) {
    const found = pattern.exec(rest);
    if (found) return { node: build(found), length: found[0].length };
  }
  return null;
}

/** What stands between < and >: a mention, a channel, a special mention, a date or a link. */
function angle(content) {
  const bar = content.indexOf("|");
  const [target, label] = bar < 0 ? [content] : [content.slice(0, bar), content.slice(bar + 1)];
  if (target.startsWith("@")) return mention(target.slice(1), label);
  if (target.startsWith("#"))
    return h("span", { class: "mention person" }, `#${channelName(target.slice(1), label)}`);
  if (target.startsWith("!")) return special(target.slice(1), label);
  if (!isAddress(target)) return unescape(`<${content}>`);
  return link(unescape(target), ...(label ? inline(label) : []));
}

export function mention(id, label) {
  const name = state.users[id] ? handleOf(id) : unescape(label || id);
  return h("span", { class: id === here.user ? "mention" : "mention person" }, `@${name}`);
}

const channelName = (id, label) => state.channels.find((channel) => channel.id === id)?.name || unescape(label || id);

/** `!date^1795330680^Started {ago}^https://…|what old clients show` in the reader's own time. */
function dateOf(target, label) {
  const [, seconds, format, url] = target.split("^");
  const moment = new Date(Number(seconds) * 1000);
  if (!format || Number.isNaN(moment.getTime())) return unescape(label || target);
  const shown = unescape(format).replace(/\{(\w+)\}/g, (whole, name) => {
    if (name === "ago") return ago(String(seconds));
    return TOKENS[name] ? moment.toLocaleString([], TOKENS[name]) : whole;
  });
  return url ? link(unescape(url), shown) : h("time", { title: moment.toLocaleString() }, shown);
}

const DAY = { day: "numeric", month: "long", year: "numeric" };
const SHORT = { ...DAY, month: "short" };
const TOKENS = {
  date: DAY,
  date_pretty: DAY,
  date_short: SHORT,
  date_short_pretty: SHORT,
  date_long: { ...DAY, weekday: "long" },
  date_long_pretty: { ...DAY, weekday: "long" },
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date_slash: { year: "numeric", month: "2-digit", day: "2-digit" },
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

function special(target, label) {
  if (target.startsWith("date^")) return dateOf(target, label);
  if (target.startsWith("subteam^")) return h("span", { class: "mention" }, unescape(label || "@group"));
  return h("span", { class: "mention" }, `@${target}`);
}

const plain = (text) =>
  unescape(
    text.replace(/<([^>|]+)(?:\|([^>]+))?>/g, (whole, target, label) =>
      isAddress(target) ? label || target : whole,
    ),
  );
