// Plans and task cards. Which cards are open survives the message being edited.
import { h, link, svg } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { richText } from "./richtext.js";

const opened = new Set();

export function plan(block, where) {
  const tasks = block.tasks || [];
  const done = tasks.filter((task) => task.status === "complete" || task.status === "error").length;
  const bar = h("i");
  bar.style.width = tasks.length ? `${(100 * done) / tasks.length}%` : "0";
  return h(
    "div",
    { class: "plan" },
    h(
      "div",
      { class: "title" },
      h("span", {}, mrkdwn(block.title)),
      tasks.length ? h("span", { class: "done" }, `${done} of ${tasks.length}`) : null,
    ),
    tasks.length ? h("div", { class: "progress" }, bar) : null,
    h(
      "div",
      { class: "tasks" },
      tasks.map((task) => card(task, where)),
    ),
  );
}

export const taskCard = (block, where) => {
  const node = card(block, where);
  node.classList.add("alone");
  return node;
};

function card(task, where) {
  const key = `${where}/${task.task_id}`;
  const inside = details(task);
  const node = h("div", { class: `task ${task.status}` });
  const show = () => {
    const open = opened.has(key);
    node.classList.toggle("open", open);
    if (!inside) return;
    inside.hidden = !open;
    node.firstChild.setAttribute("aria-expanded", String(open));
  };
  const flip = () => {
    if (!opened.delete(key)) opened.add(key);
    show();
  };
  node.append(
    h(
      "button",
      {
        class: "line",
        onclick: flip,
        disabled: !inside,
        "data-key": key,
        "aria-label": `${task.title}: ${task.status.replace("_", " ")}`,
      },
      h("span", { class: "mark" }, mark(task.status)),
      h("span", { class: "title" }, mrkdwn(task.title)),
      inside ? h("span", { class: "chevron" }, "▶") : null,
    ),
  );
  if (inside) node.append(inside);
  show();
  return node;
}

function details(task) {
  if (!task.details && !task.output && !task.sources?.length) return null;
  return h(
    "div",
    { class: "inside" },
    task.details ? richText(task.details) : null,
    task.output ? h("div", { class: "output" }, richText(task.output)) : null,
    task.sources?.length
      ? h(
          "div",
          { class: "sources" },
          task.sources.map((source) => link(source.url, source.text)),
        )
      : null,
  );
}

const PATHS = {
  complete: ["var(--good)", "M4.5 8.2l2.4 2.4 4.6-4.9"],
  error: ["var(--danger)", "M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2"],
};

function mark(status) {
  if (status === "in_progress") return h("span", { class: "spinner" });
  const [color, path] = PATHS[status] || [];
  if (!path)
    return svg(
      "svg",
      { viewBox: "0 0 16 16" },
      svg("circle", {
        cx: 8,
        cy: 8,
        r: 6.5,
        fill: "none",
        stroke: "var(--line-strong)",
        "stroke-width": 1.5,
        "stroke-dasharray": "2.6 2.2",
      }),
    );
  return svg(
    "svg",
    { viewBox: "0 0 16 16" },
    svg("circle", { cx: 8, cy: 8, r: 7.5, fill: color }),
    svg("path", {
      d: path,
      fill: "none",
      stroke: "#fff",
      "stroke-width": 1.7,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
}
