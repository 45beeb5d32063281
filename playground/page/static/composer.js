// The field in which people write: messages, commands with "/", names with "@".

import { h } from "./dom.js";
import { Listbox } from "./listbox.js";
import { menuButton } from "./menu.js";
import { matchingPeople } from "./picker.js";

const NAME = /(^|[\s(])@([\w.-]*)$/;
const MOST = 8;

/** The composer of one place at a time; what was typed stays with its place. */
export class Composer {
  constructor(app, host) {
    this.app = app;
    this.host = host;
    this.shown = null;
    this.drafts = new Map();
    this.mentions = new Set();
    this.field = h("input", {
      type: "text",
      id: "say",
      class: "field",
      "data-key": "say",
      maxlength: "3000",
      enterkeyhint: "send",
    });
    this.list = new Listbox(this.field, {
      label: "Suggestions",
      choose: (option) => option.value(),
    });
    this.label = h("label", { for: "say", class: "hidden" });
    this.send = h("button", { type: "submit", class: "primary send", "aria-label": "Send" }, "➤");
    this.form = h(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          this.#send();
        },
      },
      this.label,
      h("div", { class: "picker above" }, this.list.list, this.field),
      this.#shortcuts(),
      this.send,
    );
    this.help = h(
      "p",
      { class: "note" },
      h("kbd", {}, "/"),
      " for commands, ",
      h("kbd", {}, "@"),
      " for people, ",
      h("kbd", {}, "⚡"),
      " for shortcuts",
    );
    this.field.addEventListener("input", () => this.#offer());
    this.field.addEventListener("click", () => this.#offer());
  }

  /** Show the field for a place; null where nothing can be written. */
  show(place, name) {
    const key = place ? `${this.app.handle} ${place.id}` : null;
    if (this.shown === key && key !== null) return;
    if (this.shown)
      this.drafts.set(this.shown, { text: this.field.value, mentions: this.mentions });
    this.shown = key;
    this.place = place;
    if (!place) {
      this.host.replaceChildren();
      return;
    }
    if (place.kind === "dm") {
      this.host.replaceChildren(
        h("p", { class: "note" }, "Rekey reads nothing here. Commands are typed in a channel."),
      );
      return;
    }
    this.label.textContent = `Message ${name}`;
    this.field.placeholder = `Message ${name}, or type /`;
    const draft = this.drafts.get(key) ?? { text: "", mentions: new Set() };
    this.field.value = draft.text;
    this.mentions = draft.mentions;
    this.host.replaceChildren(this.form, this.help);
  }

  #shortcuts() {
    const items = this.app.office.shortcuts
      .filter(({ kind }) => kind === "global")
      .map(({ name, callback_id }) => ({
        label: name,
        choose: (button) => this.app.act("shortcut", { callback_id }, button),
      }));
    return items.length ? menuButton({ label: "Shortcuts", sign: "⚡", items }) : null;
  }

  async #send() {
    const text = this.field.value.trim();
    if (!text || this.send.getAttribute("aria-busy") === "true") return;
    this.list.close();
    const { shown } = this;
    const fields = { place: this.place.id, text, mentions: [...this.mentions] };
    const outcome = await this.app.act("send", fields, this.send);
    if (!outcome || outcome.problem) return;
    if (this.shown !== shown) this.#forget(shown, text);
    else if (this.field.value.trim() === text) {
      this.field.value = "";
      this.mentions.clear();
    }
  }

  /** Keep nothing of what was sent from a place that is no longer shown. */
  #forget(key, text) {
    if (this.drafts.get(key)?.text.trim() === text) this.drafts.delete(key);
  }

  #offer() {
    const typed = this.field.value.slice(0, this.field.selectionStart ?? 0);
    const name = NAME.exec(typed);
    if (name) this.list.open(this.#people(name[2]));
    else if (typed.startsWith("/") && typed.length === this.field.value.length)
      this.#offerCommands(typed);
    else this.list.close();
  }

  #people(query) {
    return matchingPeople(this.app.people, query)
      .slice(0, MOST)
      .map((option) => ({
        ...option,
        value: () => {
          const { handle } = this.app.people.member(option.value);
          this.mentions.add(option.value);
          this.#replace(query.length + 1, `@${handle} `);
        },
      }));
  }

  #offerCommands(typed) {
    const usages = this.app.office.commands.flatMap((command) => command.usages);
    const found = usages
      .filter(({ start }) => start.startsWith(typed) && start !== typed)
      .map((usage) => ({
        label: usage.usage,
        note: usage.what,
        value: () => {
          this.#replace(typed.length, usage.start);
          if (usage.start.endsWith("@")) this.#offer();
        },
      }));
    const isWhole = usages.some(({ start }) => start === typed.trim());
    this.list.open(found, { marked: !isWhole });
  }

  /** Put `text` in the place of that many characters before the caret. */
  #replace(length, text) {
    const caret = this.field.selectionStart;
    this.field.setRangeText(text, caret - length, caret, "end");
    this.field.focus();
  }
}
