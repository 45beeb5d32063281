// What the page itself says: what went wrong, what is new, and how to begin.

import { h } from "./dom.js";
import { nameOf, spoken } from "./messages.js";

const SHOWN_FOR = 10_000; // milliseconds
const ANNOUNCED_FOR = 5_000;
const HINT = "rekey-playground-hint";

/** Sentences about what went wrong; each goes by itself after a while, or when dismissed. */
export class Toasts {
  constructor(host) {
    this.host = host;
  }

  /** Say it, unless it is being said; one that `stays` has to be removed. */
  show(sentence, { stays = false } = {}) {
    if (this.#saying(sentence)) return;
    const close = { type: "button", class: "quiet", "aria-label": "Dismiss" };
    const toast = h(
      "div",
      { class: "toast", "data-says": sentence },
      h("p", {}, sentence),
      h("button", { ...close, onclick: () => toast.remove() }, "✕"),
    );
    this.host.append(toast);
    if (!stays) setTimeout(() => toast.remove(), SHOWN_FOR);
  }

  remove(sentence) {
    this.#saying(sentence)?.remove();
  }

  clear() {
    this.host.replaceChildren();
  }

  #saying(sentence) {
    return [...this.host.children].find((toast) => toast.dataset.says === sentence);
  }
}

/** Has what is new, or has changed, read out to those who do not see the page. */
export class Announcer {
  constructor(app, host) {
    this.app = app;
    this.host = host;
  }

  /** Tell what others have written in these places since they were as `before`. */
  tell(before, places) {
    const sign = ({ id, edited }) => `${id} ${edited}`;
    const known = new Set(before.flatMap(({ messages }) => messages.map(sign)));
    for (const place of places) {
      const isNew = (message) => !known.has(sign(message)) && message.author !== this.app.person.id;
      const where = place.id === this.app.place ? "" : ` in ${nameOf(place)}`;
      for (const message of place.messages.filter(isNew)) {
        this.#say(`${this.app.people.member(message.author).name}${where}: ${spoken(message)}`);
      }
    }
  }

  #say(sentence) {
    const said = h("p", {}, sentence);
    this.host.append(said);
    setTimeout(() => said.remove(), ANNOUNCED_FOR);
  }
}

/** How to begin, until it is dismissed. */
export class Hint {
  constructor(host, after) {
    this.host = host;
    this.isRead = remembered(HINT);
    const step = (...words) => h("li", {}, words);
    const command = h("kbd", {}, "/reset-2fa @bob lost his phone");
    const close = {
      type: "button",
      class: "quiet",
      "aria-label": "Dismiss the hint",
      onclick: () => {
        remember(HINT);
        this.isRead = this.host.hidden = true;
        after();
      },
    };
    host.replaceChildren(
      h("h2", { id: "hint-heading" }, "Reset Bob's 2FA"),
      h(
        "ol",
        {},
        step("You are Alice, an administrator. Bob has lost his phone: type ", command, " below."),
        step(
          "Rekey asks for a code of Alice's own: her phone is the ",
          h("strong", {}, "Authenticator"),
          " here.",
        ),
        step("Answer Yes, then act as Bob: he is told how to set 2FA up again at the Portal."),
      ),
      h(
        "p",
        {},
        "Other ways to begin: the shortcut ",
        h("kbd", {}, "⚡"),
        " below, and the button beside Bob at ",
        h("strong", {}, "Home"),
        ".",
      ),
      h("button", close, "✕"),
    );
  }

  /** Show it to whom it speaks. */
  show(isForThem) {
    this.host.hidden = this.isRead || !isForThem;
  }
}

/** Whether something was remembered; a browser may keep nothing, and then it was not. */
function remembered(what) {
  try {
    return localStorage.getItem(what) !== null;
  } catch {
    return false;
  }
}

function remember(what) {
  try {
    localStorage.setItem(what, "yes");
  } catch {
    // it is asked again next time
  }
}
