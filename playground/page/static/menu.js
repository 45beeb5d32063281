// A button that opens a menu, and Slack's question before a dangerous press.

import { h, newId } from "./dom.js";
import { draw } from "./text.js";

/** Draw a button with a menu of `{label, choose}`; arrow keys, Enter and Escape as everywhere. */
export function menuButton({ label, sign = "⋯", key, items }) {
  const id = newId("menu");
  const menu = h("ul", { class: "menu", role: "menu", id, "aria-label": label, hidden: true });
  const button = h(
    "button",
    {
      type: "button",
      class: "quiet more",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-controls": id,
      "aria-label": label,
      "data-key": key,
      "data-alike": label,
      onclick: () => open(menu.hidden),
      onkeydown: (event) => {
        if (event.key !== "ArrowDown") return;
        event.preventDefault();
        open(true);
      },
    },
    sign,
  );
  const box = h("span", { class: "menu-box" }, button, menu);

  function open(isOpen) {
    menu.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) menu.firstElementChild?.firstElementChild.focus();
  }

  const buttons = items.map(({ label: text, choose }) =>
    h(
      "button",
      {
        type: "button",
        role: "menuitem",
        tabindex: "-1",
        onclick: () => {
          open(false);
          button.focus();
          choose(button);
        },
      },
      text,
    ),
  );
  menu.append(...buttons.map((item) => h("li", { role: "none" }, item)));
  menu.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) buttons.at(to % buttons.length).focus();
    else if (event.key === "Escape") {
      open(false);
      button.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget)) open(false);
  });
  return box;
}

/** Ask as a `confirm` object says; resolves to whether the answer was yes. */
export function ask(confirm, people) {
  return new Promise((resolve) => {
    const titleId = newId("confirm");
    const textId = newId("confirm");
    const style = confirm.style === "danger" ? "danger" : "primary";
    const dialog = h(
      "dialog",
      { class: "confirm", "aria-labelledby": titleId, "aria-describedby": textId },
      h("h2", { id: titleId }, confirm.title.text),
      h("p", { id: textId }, draw(confirm.text, people)),
      h(
        "div",
        { class: "row end" },
        h(
          "button",
          { type: "button", class: "plain", onclick: () => dialog.close("no") },
          confirm.deny.text,
        ),
        h(
          "button",
          { type: "button", class: style, onclick: () => dialog.close("yes") },
          confirm.confirm.text,
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
