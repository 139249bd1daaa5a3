// Text objects of Block Kit.
import { emoji, known } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";

/** The words of a text object, with emoji shortcodes replaced. */
export const plainText = (object) => emojis(object?.text || "");

const emojis = (text) =>
  text.replace(/:([a-z0-9_+-]+):/g, (whole, code) => (known(code) ? emoji(code) : whole));

/** Nodes for a `mrkdwn` or `plain_text` object. */
export const textNodes = (object) => (object?.type === "mrkdwn" ? mrkdwn(object.text) : [plainText(object)]);
