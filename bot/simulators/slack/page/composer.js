// The box to write in: posts as the chosen person, completes slash commands and mentions.
import { act } from "./api.js";
import { h } from "./dom.js";
import { here } from "./here.js";
import { avatarOf, handleOf } from "./people.js";
import { state } from "./store.js";
import { toast } from "./toast.js";

export class Composer {
  /** `target()` gives { channel, thread_ts, label } or null. */
  constructor(root, target) {
    this.root = root;
    this.target = target;
    this.chosen = 0;
    this.place = "";
    this.drafts = new Map();
    this.area = h("textarea", {
      rows: 1,
      oninput: () => this.changed(),
      onkeydown: (event) => this.key(event),
    });
    this.send = h(
      "button",
      { class: "send", title: "Send", "aria-label": "Send", disabled: true, onclick: () => this.submit() },
      "➤",
    );
    this.as = h("span", { class: "as" });
    this.choices = h("div", { class: "choices", hidden: true });
    root.className = "composer";
    root.hidden = true; // until the workspace is known: what is written before would go nowhere
    root.append(this.choices, h("div", { class: "box" }, this.area, this.as, this.send));
  }

  draw() {
    const target = this.target();
    this.root.hidden = !target;
    if (!target) return;
    this.area.placeholder = target.label;
    this.area.setAttribute("aria-label", target.label);
    this.resume(placeOf(target));
    this.fit();
    this.as.replaceChildren(avatarOf(here.user, "small"), handleOf(here.user));
  }

  /** Each conversation has a draft of its own. */
  resume(place) {
    if (place === this.place) return;
    this.drafts.set(this.place, this.area.value);
    this.place = place;
    this.area.value = this.drafts.get(place) || "";
    this.changed();
  }

  /** As high as its text; nothing has a height while a thread is still hidden. */
  fit() {
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight}px`;
  }

  changed() {
    this.fit();
    this.send.disabled = !this.area.value.trim();
    this.chosen = 0;
    this.suggest();
  }

  /** What could be meant by the word at the end: [inserted text, name, explanation]. */
  options() {
    const text = this.area.value;
    if (/^\/\S*$/.test(text)) {
      return state.commands
        .filter((item) => item.command.startsWith(text))
        .map((item) => [`${item.command} `, `${item.command} ${item.hint}`, item.description]);
    }
    const word = /(?:^|\s)@(\w*)$/.exec(text);
    if (!word) return [];
    const people = Object.values(state.users).filter(
      (user) => !user.is_bot || user.id === state.app.bot_user_id,
    );
    return people
      .filter((user) => user.name.startsWith(word[1].toLowerCase()))
      .map((user) => [
        `${text.slice(0, text.length - word[1].length)}${user.name} `,
        `@${user.name}`,
        user.real_name,
      ]);
  }

  suggest() {
    const options = this.options();
    this.choices.hidden = !options.length;
    this.choices.replaceChildren(
      ...options.map(([insert, name, hint], index) =>
        h(
          "button",
          { class: index === this.chosen ? "chosen" : "", onclick: () => this.take(insert) },
          h("b", {}, name),
          h("span", { class: "hint" }, hint),
        ),
      ),
    );
  }

  take(insert) {
    this.area.value = insert;
    this.changed();
    this.area.focus();
  }

  key(event) {
    const options = this.choices.hidden ? [] : this.options();
    if (options.length && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      this.chosen = (this.chosen + (event.key === "ArrowDown" ? 1 : options.length - 1)) % options.length;
      this.suggest();
    } else if (
      options.length &&
      (event.key === "Tab" ||
        (event.key === "Enter" && options[this.chosen][0].trim() !== this.area.value.trim()))
    ) {
      this.take(options[this.chosen][0]);
    } else if (event.key === "Escape") {
      this.choices.hidden = true;
      return;
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      this.submit();
    } else return;
    event.preventDefault();
  }

  async submit() {
    const text = this.area.value.trim();
    const target = this.target();
    if (!text || !target) return;
    this.area.value = "";
    this.changed();
    if (!(await deliver(text, target))) this.giveBack(text, placeOf(target));
  }

  /** What was not taken stands in its box again, before what was written meanwhile. */
  giveBack(text, place) {
    const joined = (now) => (now ? `${text}\n${now}` : text);
    if (place !== this.place) return void this.drafts.set(place, joined(this.drafts.get(place)));
    this.area.value = joined(this.area.value);
    this.changed();
  }
}

const placeOf = (target) => `${target.channel}/${target.thread_ts || ""}`;

/** Whether it was taken; if not, a toast says why. */
async function deliver(text, { channel, thread_ts }) {
  const command = /^(\/[\w-]+)\s*([\s\S]*)$/.exec(text);
  if (!command) {
    const message = { channel, text: encode(text), user: here.user, ...(thread_ts ? { thread_ts } : {}) };
    return (await inOrder(() => act("post_as_user", message))) !== undefined;
  }
  if (thread_ts) {
    toast(`${command[1]} is not supported in threads. Sorry!`, true);
    return false;
  }
  if (!available(command[1])) {
    toast(`${command[1]} is not a valid command.`, true);
    return false;
  }
  const given = { command: command[1], text: command[2], channel, user: here.user };
  return (await act("slash", given)) !== undefined;
}

let last = Promise.resolve();

/** One after the other: two requests at the same time may overtake each other. */
const inOrder = (send) => (last = last.then(send, send));

const available = (command) =>
  !state.commands.length || state.commands.some((item) => item.command === command);

/** What Slack stores for what a person typed: escaped, with mentions as ids. */
function encode(text) {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return escaped.replace(/(^|[\s(])@(\w+)/g, (whole, before, name) => {
    const user = Object.values(state.users).find((item) => item.name === name);
    return user ? `${before}<@${user.id}>` : whole;
  });
}
