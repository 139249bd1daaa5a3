// Builds DOM nodes. Text always becomes a text node, so nothing anybody posted is ever parsed as HTML.

/** h("a", { class: "x", onclick: f }, "text", node, null, [more]) */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...flat(children));
  return node;
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(props)) node.setAttribute(name, value);
  node.append(...flat(children));
  return node;
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replaces what `node` holds; lists and nulls are fine, as in `h`. The keyboard's focus stays where it was. */
export function fill(node, ...children) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  node.replaceChildren(...flat(children));
  refocus(node, focused);
}

/** Gives the focus to what took the place of `focused` inside `node`: the same node, else its namesake. */
export function refocus(node, focused) {
  if (!focused) return;
  const same = node.contains(focused) ? focused : namesake(node, focused);
  same?.focus({ preventScroll: true });
}

const nameIn = (item) => item.dataset.key || item.getAttribute("aria-label") || item.textContent;
const namesake = (node, old) =>
  [...node.querySelectorAll(old.tagName)].find((item) => nameIn(item) === nameIn(old));

export const byId = (id) => document.getElementById(id);

export const isAddress = (url) => /^(https?:|mailto:)/i.test(url);

/** A link that cannot run script or reach back into this page; other schemes become plain text. */
export function link(url, ...label) {
  const content = label.length ? label : [url];
  if (!isAddress(url)) return h("span", {}, content);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, content);
}

/** An image; one that may not or cannot be loaded becomes a link with its description. */
export function picture(url, description, props = {}) {
  const instead = () => link(url, `🖼 ${description || url}`);
  if (!/^(https:|data:image\/|\/_emu\/)/i.test(url || "")) return instead();
  const node = h("img", { src: url, alt: description || "", loading: "lazy", ...props });
  node.addEventListener("error", () => node.replaceWith(instead()), { once: true });
  return node;
}
