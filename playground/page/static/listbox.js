// A list that opens under a text field, after the combobox pattern of the ARIA Authoring Practices.

import { h, newId } from "./dom.js";
import { isPressed } from "./press.js";

/**
 * Offers options under `input`, which must be in a positioned box of its own. An option is
 * `{label, note, value}`; `choose` gets the one that was taken by Enter, Tab or the mouse.
 */
export class Listbox {
  constructor(input, { label, choose, tabTakes = true }) {
    this.input = input;
    this.choose = choose;
    this.tabTakes = tabTakes;
    this.options = [];
    this.active = -1;
    this.list = h("ul", {
      class: "options",
      role: "listbox",
      id: newId("options"),
      "aria-label": label,
      hidden: true,
    });
    for (const [name, value] of [
      ["role", "combobox"],
      ["aria-autocomplete", "list"],
      ["aria-expanded", "false"],
      ["aria-controls", this.list.id],
      ["autocomplete", "off"],
    ]) {
      input.setAttribute(name, value);
    }
    input.addEventListener("keydown", (event) => this.#onKey(event));
    input.addEventListener("blur", () => (isPressed() ? this.#closeOnRelease() : this.close()));
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** Offer options; the first one is marked, so that Enter takes it, unless `marked` is false. */
  open(options, { marked = true } = {}) {
    this.options = options;
    this.list.replaceChildren(...options.map((option, index) => this.#draw(option, index)));
    this.list.hidden = options.length === 0;
    this.input.setAttribute("aria-expanded", String(this.isOpen));
    this.#mark(marked && this.isOpen ? 0 : -1);
    if (this.isOpen) this.list.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.open([]);
  }

  /** Leave all where it is until the press is over: a button that moved away is not clicked. */
  #closeOnRelease() {
    const over = new AbortController();
    for (const end of ["pointerup", "pointercancel"]) {
      document.addEventListener(
        end,
        () => {
          over.abort();
          setTimeout(() => document.activeElement === this.input || this.close());
        },
        { signal: over.signal },
      );
    }
  }

  #draw(option, index) {
    return h(
      "li",
      {
        role: "option",
        id: `${this.list.id}-${index}`,
        "aria-selected": "false",
        onmousedown: (event) => {
          event.preventDefault(); // the field keeps the focus
          this.#take(index);
        },
      },
      h("span", { class: "label" }, option.label),
      option.note ? h("span", { class: "note" }, ` ${option.note}`) : null,
    );
  }

  #mark(index) {
    this.active = index;
    [...this.list.children].forEach((item, at) =>
      item.setAttribute("aria-selected", String(at === index)),
    );
    const marked = this.list.children[index];
    if (marked) {
      this.input.setAttribute("aria-activedescendant", marked.id);
      marked.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  #take(index) {
    const option = this.options[index];
    this.close();
    this.choose(option);
  }

  #onKey(event) {
    if (!this.isOpen || event.isComposing) return;
    const last = this.options.length - 1;
    const moves = {
      ArrowDown: this.active >= last ? 0 : this.active + 1,
      ArrowUp: this.active <= 0 ? last : this.active - 1,
    };
    if (event.key in moves) this.#mark(moves[event.key]);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && this.active >= 0) this.#take(this.active);
    else if (event.key === "Tab" && this.tabTakes && !event.shiftKey)
      this.#take(Math.max(this.active, 0));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
