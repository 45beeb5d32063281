// Modals and the Home tab: a view keeps what was typed into it for as long as it is the same view.

import { drawBlocks } from "./blocks.js";
import { h, keepFocus, newId } from "./dom.js";
import { heldIn } from "./elements.js";

/**
 * Shows one view in `host` and follows its changes. `app` knows the people, and does acts:
 * `app.act(name, fields, node)` resolves to the outcome, or to null where there was none.
 */
class LiveView {
  constructor(app, host) {
    this.app = app;
    this.host = host;
    this.view = null;
    this.inputs = new Map();
  }

  /** Show the view as it is now; what has not changed is left alone. */
  show(view) {
    const isSame = this.view?.id === view.id && this.view.hash === view.hash;
    const held = this.view?.id === view.id ? this.#held() : new Map();
    this.view = view;
    if (!isSame) this.#draw(held);
    this.#showErrors();
  }

  /** Return what every input block holds, by its id; what was told before is not told again. */
  values() {
    const untold = [...this.inputs].filter(([, { element }]) => element.type !== "external_select");
    return Object.fromEntries(untold.map(([id, { read }]) => [id, read()]));
  }

  #held() {
    const entries = [...this.inputs].map(([id, { element, read, label }]) => [
      `${id} ${element.action_id} ${element.type}`,
      { value: read(), label: label?.() },
    ]);
    return new Map(entries);
  }

  #draw(held) {
    const { view, app } = this;
    const known = (block, part) => view.values[block.block_id]?.[part.action_id];
    const own = (block, part) => held.get(`${block.block_id} ${part.action_id} ${part.type}`);
    const surface = {
      people: app.people,
      held: (block, part) => own(block, part)?.value ?? heldIn(known(block, part)),
      heldLabel: (block, part) =>
        own(block, part)?.label ?? known(block, part)?.selected_option?.text.text,
      press: (_block, part, value, node) =>
        app.act("click", { view: view.id, action_id: part.action_id, value }, node),
      change: (block, part, value, node) => {
        this.told = app.act(
          "choose",
          { view: view.id, block_id: block.block_id, action_id: part.action_id, value },
          node,
        );
        return this.told;
      },
      suggest: (block, part, query) =>
        app.suggest({ view: view.id, block_id: block.block_id, action_id: part.action_id, query }),
    };
    const drawn = drawBlocks(view.blocks, surface);
    const before = [...this.inputs.keys()];
    const isAnother = before.length > 0 && !before.some((id) => drawn.inputs.has(id));
    this.inputs = drawn.inputs;
    const restore = keepFocus(this.host);
    this.frame(drawn.nodes);
    restore(this.host); // it is still the same host
    const wasThere = this.host.matches("[role=dialog]:focus-within");
    if (wasThere && (isAnother || this.host.matches(":focus"))) this.focus(); // begin at the top
  }

  #showErrors() {
    let first = null;
    for (const [id, { field, error }] of this.inputs) {
      const text = this.view.errors[id] ?? "";
      if (error.textContent !== text) error.textContent = text;
      if (field.getAttribute("role") !== "group") {
        if (text) field.setAttribute("aria-invalid", "true");
        else field.removeAttribute("aria-invalid");
      }
      if (text && !first) first = field;
    }
    this.firstFault = first;
  }
}

/** The Home tab. */
export class Home extends LiveView {
  frame(nodes) {
    this.host.replaceChildren(...nodes);
  }
}

/** One modal: a dialog within Slack's window, so that the phone beside it stays in reach. */
export class Modal extends LiveView {
  constructor(app, { depth }) {
    super(app, h("div", { class: "sheet-box", role: "dialog", tabindex: "-1" }));
    this.depth = depth;
    this.sheet = this.host;
    this.sheet.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented)
        app.act("close", { view: this.view.id }, this.sheet);
    });
  }

  frame(nodes) {
    const { view, app } = this;
    const titleId = newId("modal");
    const close = (node) => app.act("close", { view: view.id }, node);
    const back =
      this.depth > 0
        ? h(
            "button",
            {
              type: "button",
              class: "quiet",
              "aria-label": "Back",
              "data-key": "back",
              onclick: (event) => close(event.currentTarget),
            },
            "‹",
          )
        : null;
    const cross = h(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-label": "Close all",
        "data-key": "cross",
        onclick: (event) => app.act("close_all", { view: view.id }, event.currentTarget),
      },
      "✕",
    );
    this.submitButton = view.submit
      ? h(
          "button",
          {
            type: "submit",
            class: "primary",
            "data-key": "submit",
            disabled: view.submit_disabled,
          },
          view.submit.text,
        )
      : null;
    const submit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    const form = h(
      "form",
      { class: "sheet", novalidate: true, onsubmit: submit },
      h("header", { class: "row" }, back, h("h2", { id: titleId }, view.title.text), cross),
      h("div", { class: "scroll" }, nodes),
      h(
        "footer",
        { class: "row end" },
        h(
          "button",
          {
            type: "button",
            class: "plain",
            "data-key": "close",
            onclick: (event) => close(event.currentTarget),
          },
          view.close?.text ?? "Close",
        ),
        this.submitButton,
      ),
    );
    this.sheet.setAttribute("aria-labelledby", titleId);
    this.sheet.replaceChildren(form);
  }

  /** Give the focus to where a person begins: the field that asks for it, or the first one. */
  focus() {
    const asked = this.view.blocks.find((block) => block.element?.focus_on_load);
    const field = (asked ? this.inputs.get(asked.block_id) : [...this.inputs.values()][0])?.field;
    const target = field?.matches(".field") ? field : field?.querySelector("input");
    (target ?? this.sheet).focus({ preventScroll: !asked });
  }

  async #submit() {
    if (!this.submitButton || this.submitButton.disabled) return;
    const shown = this.view.hash;
    await this.told;
    await this.app.act("submit", { view: this.view.id, values: this.values() }, this.submitButton);
    if (this.view.hash === shown) this.#toFault();
  }

  #toFault() {
    const fault = this.firstFault;
    const target = fault?.matches(".field") ? fault : fault?.querySelector("input:checked, input");
    target?.focus();
    target?.closest(".block").scrollIntoView({ block: "nearest" });
  }
}
