// What lies beside Slack: the people to act as, the phone, the Portal, the clock.

import { h, reconcile, s } from "./dom.js";
import { ahead, format, now } from "./time.js";

const STEP = 30_000; // milliseconds that a code is shown
const ROUND = 2 * Math.PI * 15;
const COPIED_FOR = 1500;

/** Draw a person's picture: their initials, or the bot's sign. */
export function avatar(person, isBot) {
  if (isBot) return h("img", { class: "avatar", src: "/static/icon.svg", alt: "" });
  const initials = person.name
    .split(" ")
    .map((word) => word[0])
    .slice(0, 2)
    .join("");
  const hue = [...person.id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 6, 0);
  return h("span", { class: `avatar hue-${hue}`, "aria-hidden": "true" }, initials);
}

/** Draw a count that is read as words. */
export function badge(count) {
  if (!count) return null;
  return h("span", { class: "badge" }, String(count), h("span", { class: "hidden" }, " unread"));
}

export function showPeople(app, list) {
  reconcile(list, app.office.people, {
    key: (person) => person.handle,
    signature: (person) => `${app.screen.people[person.handle]} ${person.handle === app.handle}`,
    draw: (person) =>
      h(
        "li",
        {},
        h(
          "button",
          {
            type: "button",
            "data-key": `as ${person.handle}`,
            "aria-current": person.handle === app.handle ? "true" : null,
            onclick: () => app.go(person.handle, null),
          },
          avatar(person),
          h(
            "span",
            { class: "grow" },
            h("span", { class: "name" }, person.name),
            " ",
            h("span", { class: "note" }, standing(person)),
          ),
          badge(app.screen.people[person.handle]),
        ),
      ),
  });
}

function standing(person) {
  return [...person.standing, person.note].filter(Boolean).join(", ");
}

/** The authenticator app of the person; its ring goes round by itself. */
export class Phone {
  constructor(app, host) {
    this.app = app;
    this.host = host;
    setInterval(() => this.#turn(), 250);
  }

  show() {
    const { phone } = this.app.screen;
    const sign = `${this.app.handle} ${phone.map(({ id, state }) => `${id} ${state}`)}`;
    if (this.sign !== sign) {
      this.sign = sign;
      this.rows = phone.map((entry) => this.#draw(entry));
      this.host.replaceChildren(
        ...(phone.length > 0 ? this.rows.map(({ node }) => node) : this.#drawNone()),
        this.#about(phone),
      );
    }
    this.#turn();
  }

  #draw(entry) {
    const code = h("output", { class: "code" });
    const ring = s("circle", { cx: 18, cy: 18, r: 15, class: "left", "stroke-dasharray": ROUND });
    const left = h("span", { class: "note seconds" });
    const pending = entry.state === "pending";
    const node = h(
      "div",
      { class: "entry" },
      h(
        "p",
        { class: "note" },
        `${entry.issuer} · ${entry.label}`,
        pending ? h("span", { class: "tag" }, "New") : null,
      ),
      h(
        "div",
        { class: "row" },
        code,
        h(
          "span",
          { class: "ring" },
          s(
            "svg",
            { viewBox: "0 0 36 36", "aria-hidden": "true" },
            s("circle", { cx: 18, cy: 18, r: 15 }),
            ring,
          ),
          left,
        ),
        copyButton("Copy the code", () => code.dataset.code),
      ),
    );
    return { node, code, ring, left, id: entry.id };
  }

  #drawNone() {
    const { person } = this.app;
    const words = person.signs_in
      ? `No authenticator yet: ${person.name} has to set up 2FA at the Portal.`
      : `${person.name} has no sign-in at the Portal, and so no authenticator.`;
    return [h("p", { class: "none" }, words)];
  }

  #about(phone) {
    if (phone.length === 0) return "";
    const words = phone.some(({ state }) => state === "pending")
      ? "The new entry was just scanned: its code is for the set-up page."
      : `${this.app.person.name}'s phone. A code works once: wait for the next one, or move the clock.`;
    return h("p", { class: "note about" }, words);
  }

  #turn() {
    for (const row of this.rows ?? []) {
      const entry = this.app.screen.phone.find(({ id }) => id === row.id);
      const current = entry?.codes.find(({ until }) => until > now());
      const shown = current ? `${current.code.slice(0, 3)} ${current.code.slice(3)}` : "··· ···";
      if (row.code.textContent !== shown) row.code.textContent = shown;
      row.code.dataset.code = current?.code ?? "";
      const left = current ? current.until - now() : 0;
      row.ring.setAttribute("stroke-dashoffset", String(ROUND * (1 - left / STEP)));
      const seconds = `${Math.ceil(left / 1000)} s`;
      if (row.left.textContent !== seconds) row.left.textContent = seconds;
    }
  }
}

export function showPortal(app, host) {
  const { person, office } = app;
  if (host.dataset.of === person.handle) return;
  host.dataset.of = person.handle;
  const open = h(
    "a",
    { class: "button plain", href: office.portal, target: "_blank", rel: "noopener noreferrer" },
    "Open the Portal's sign-in page",
  );
  if (!person.signs_in) {
    host.replaceChildren(
      h("p", { class: "none" }, `${person.name} is no contact of any account and cannot sign in.`),
      open,
    );
    return;
  }
  const row = (name, value, what) => [
    h("dt", {}, name),
    h(
      "dd",
      {},
      h("code", {}, value),
      copyButton(`Copy the ${what}`, () => value),
    ),
  ];
  host.replaceChildren(
    h(
      "dl",
      {},
      row("User name", person.handle, "user name"),
      row("Password", person.password, "password"),
    ),
    open,
    h(
      "p",
      { class: "note about" },
      "One browser is signed in as one person at a time: sign out there, or open a private window.",
    ),
  );
}

/** The playground's time, which can be moved. */
export class ClockCard {
  constructor(app, host) {
    this.time = h("p", { class: "time" });
    this.moved = h("p", { class: "note about" });
    const move = (label, by) =>
      h(
        "button",
        {
          type: "button",
          class: "plain",
          onclick: (event) => app.act("advance", { by }, event.currentTarget),
        },
        label,
      );
    host.replaceChildren(
      this.time,
      h("div", { class: "row" }, move("+1 min", "1m"), move("+1 hour", "1h"), move("+1 day", "1d")),
      this.moved,
    );
    setInterval(() => this.show(), 1000);
  }

  show() {
    const shown = format(now(), {
      weekday: "short",
      day: "numeric",
      month: "short",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    if (this.time.textContent !== shown) this.time.textContent = shown;
    const moved =
      ahead() > 0
        ? `${spanOf(ahead())} ahead of the real time.`
        : "Move it: codes change, and reminders appear.";
    if (this.moved.textContent !== moved) this.moved.textContent = moved;
  }
}

function spanOf(seconds) {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const parts = [
    [days, "day"],
    [hours, "hour"],
    [minutes, "minute"],
  ].filter(([count]) => count > 0);
  if (parts.length === 0) return `${seconds} s`;
  return parts.map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`).join(" ");
}

function copyButton(label, read) {
  const button = h(
    "button",
    {
      type: "button",
      class: "quiet copy",
      "aria-label": label,
      onclick: async () => {
        button.textContent = (await copied(read())) ? "Copied" : "No leave";
        setTimeout(() => (button.textContent = "Copy"), COPIED_FOR);
      },
    },
    "Copy",
  );
  return button;
}

/** Copy, and return whether the browser allowed it. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
