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

/** Replaces what `node` holds; lists and nulls are fine, as in `h`. */
export const fill = (node, ...children) => node.replaceChildren(...flat(children));

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
