// The dialog in front of a button with `confirm`.
import { h } from "./dom.js";
import { plainText, textNodes } from "./text.js";

/** Resolves to whether the person went on. */
export function confirm({ title, text, confirm: yes, deny, style }) {
  return new Promise((resolve) => {
    const go = h(
      "button",
      { class: `button ${style === "danger" ? "danger solid" : "primary"}`, value: "yes" },
      plainText(yes),
    );
    const dialog = h(
      "dialog",
      { class: "small" },
      h(
        "form",
        { method: "dialog" },
        h("header", {}, h("h2", {}, plainText(title))),
        h("div", { class: "content" }, textNodes(text)),
        h("footer", {}, h("button", { class: "button", value: "no" }, plainText(deny)), go),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
    go.focus();
  });
}
