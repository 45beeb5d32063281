// The page as a whole: who acts, what they look at, and following what changes.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { h, reconcile } from "./dom.js";
import { Messages, nameOf } from "./messages.js";
import { Announcer, Hint, Toasts } from "./notes.js";
import { afterPress, isPressed } from "./press.js";
import { avatar, badge, ClockCard, Phone, showPeople, showPortal } from "./side.js";
import { setClock } from "./time.js";
import { Home, Modal } from "./views.js";

const AGAIN = 1000; // milliseconds until the playground is asked again, if it did not wait itself
const HOME = { id: "home", kind: "home", unread: 0 };

const at = (id) => document.getElementById(id);

class App {
  constructor(office) {
    this.office = office;
    this.people = peopleOf(office);
    this.handle = null;
    this.place = null;
    this.screen = null;
    this.waiting = null;
    this.stack = [];
    this.messages = new Messages(this, at("place"), at("panel"));
    this.composer = new Composer(this, at("composer"));
    this.phone = new Phone(this, at("phone"));
    this.clock = new ClockCard(this, at("clock"));
    at("reload").addEventListener("click", (event) => this.act("reload", {}, event.currentTarget));
    at("fold").addEventListener("click", () =>
      this.#fold(at("fold").getAttribute("aria-expanded") !== "true"),
    );
    at("people").addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !at("people").classList.contains("open")) return;
      this.#fold(false);
      at("fold").focus();
    });
    at("tabs").addEventListener("keydown", (event) => this.#onTabKey(event));
    window.addEventListener("hashchange", () => this.#followAddress());
    document.addEventListener("visibilitychange", () => this.waiting?.abort());
    this.toasts = new Toasts(at("toasts"));
    this.announcer = new Announcer(this, at("announcer"));
    this.hint = new Hint(at("hint"), () => at("say")?.focus());
  }

  get person() {
    return this.office.people.find(({ handle }) => handle === this.handle);
  }

  avatar(member) {
    return avatar(member, member.is_bot);
  }

  // -- who, and where

  async start() {
    const { person, place } = this.office.first;
    const [handle, name] = addressed();
    const isKnown = this.office.people.some((known) => known.handle === handle);
    await this.go(isKnown ? handle : person, name || place);
    this.#follow();
  }

  /**
   * Act as somebody, and look at one of their places: by its name, or else where Rekey has written
   * to them, or else the one looked at before.
   */
  async go(handle, place) {
    const isOther = handle !== this.handle;
    const mine = (this.going = {});
    if (at("people").classList.contains("open")) {
      this.#fold(false);
      at("fold").focus();
    }
    if (isOther) {
      const screen = await this.#ask(() => api.screen(handle));
      if (!screen || (this.screen && mine !== this.going)) return; // another was chosen since
      this.handle = handle;
      this.screen = null;
      this.toasts.clear();
      this.#take(screen, place ?? unreadDm(screen));
      this.waiting?.abort();
    } else this.#look(place);
    // another's Home has to be asked for though that of the one before is still under way
    if (this.place === HOME.id) this.act("open_home", {}, isOther ? null : at("panel"));
  }

  #look(place) {
    const known = this.#places();
    const wanted = known.find((one) => one.id === place || addressOf(one) === place);
    this.place = (
      wanted ??
      known.find((one) => one.id === this.place) ??
      known.find((one) => addressOf(one) === this.lookedAt) ??
      known[0]
    ).id;
    this.lookedAt = addressOf(this.#here());
    history.replaceState(null, "", `#${this.handle}/${this.lookedAt}`);
    this.#render();
    this.#read();
  }

  #places() {
    return [...this.screen.places, HOME];
  }

  #here() {
    return this.#places().find(({ id }) => id === this.place);
  }

  #followAddress() {
    const [handle, place] = addressed();
    if (this.office.people.some((known) => known.handle === handle)) this.go(handle, place);
  }

  // -- doing, and following

  /**
   * Do something as the person; `node` shows that it is under way. Resolves once the bot has
   * acknowledged it: to the outcome, or to null where it could not be done.
   */
  async act(name, fields, node) {
    if (node?.getAttribute("aria-busy") === "true") return null;
    node?.setAttribute("aria-busy", "true");
    try {
      const outcome = await this.#ask(() => api.act(this.handle, name, fields));
      if (!outcome) return null;
      if (outcome.problem) this.toasts.show(outcome.problem);
      this.#take(outcome.screen);
      return outcome;
    } finally {
      node?.removeAttribute("aria-busy");
    }
  }

  /** Return the options that the bot offers for what is typed into an external menu. */
  async suggest(fields) {
    return (await this.#ask(() => api.suggest(this.handle, fields))) ?? [];
  }

  async #ask(question) {
    try {
      return await question();
    } catch (error) {
      this.toasts.show(error instanceof api.Refused ? error.message : STOPPED);
      return null;
    }
  }

  /** Ask for the screen again and again; the playground answers when something has changed. */
  async #follow() {
    for (;;) {
      if (document.hidden)
        await new Promise((resolve) =>
          document.addEventListener("visibilitychange", resolve, { once: true }),
        );
      this.waiting = new AbortController();
      const { version } = this.screen;
      const asked = performance.now();
      try {
        const screen = await api.screen(this.handle, {
          seen: version,
          signal: this.waiting.signal,
        });
        this.toasts.remove(STOPPED);
        this.#take(screen);
        const wasQuick = screen.version === version && performance.now() - asked < AGAIN;
        if (wasQuick) await pause(AGAIN);
      } catch (error) {
        if (error.name === "AbortError") continue;
        this.toasts.show(STOPPED, { stays: true });
        await pause(2 * AGAIN);
      }
    }
  }

  #take(screen, place) {
    if (screen.as !== this.handle || (this.screen && screen.serial <= this.screen.serial)) return;
    const before = this.screen;
    this.screen = screen;
    setClock(screen.clock);
    this.#look(place ?? this.place);
    if (before) this.announcer.tell(before.places, this.screen.places);
  }

  #read() {
    const here = this.#here();
    if (here.unread > 0 && !document.hidden && !this.isReading) {
      this.isReading = true;
      this.act("read", { place: here.id }).then((outcome) => {
        this.isReading = false;
        if (outcome) this.#read(); // what came meanwhile, or lies before who acts by now
      });
    }
  }

  // -- showing

  /** Show all as it is now; not under a finger, since a click on what was replaced is no click. */
  #render = () => {
    if (isPressed()) {
      afterPress(this.#render);
      return;
    }
    const here = this.#here();
    showPeople(this, at("people-list"));
    at("fold").replaceChildren(
      "Act as: ",
      h("strong", {}, this.person.name),
      badge(this.#unreadElsewhere()) ?? "",
    );
    at("window-heading").textContent = `Slack, as ${this.person.name}`;
    at("window").removeAttribute("aria-busy");
    this.hint.show(this.handle === this.office.first.person && here.kind === "channel");
    this.#showTabs();
    this.#showPlace(here);
    this.#showModals();
    this.phone.show();
    this.clock.show();
    showPortal(this, at("portal"));
    const unread = Object.values(this.screen.people).reduce((sum, count) => sum + count, 0);
    document.title = `${unread ? `(${unread}) ` : ""}${this.person.name} · Rekey playground`;
  };

  #unreadElsewhere() {
    return Object.entries(this.screen.people).reduce(
      (sum, [handle, count]) => sum + (handle === this.handle ? 0 : count),
      0,
    );
  }

  #showTabs() {
    reconcile(at("tabs"), this.#places(), {
      key: (place) => place.id,
      signature: (place) => `${place.unread} ${place.id === this.place}`,
      draw: (place) =>
        h(
          "button",
          {
            type: "button",
            role: "tab",
            id: `tab-${place.id}`,
            "data-key": `tab ${place.id}`,
            "aria-controls": "panel",
            "aria-selected": String(place.id === this.place),
            tabindex: place.id === this.place ? "0" : "-1",
            onclick: () => this.go(this.handle, place.id),
          },
          nameOf(place),
          badge(place.unread),
        ),
    });
    at("panel").setAttribute("aria-labelledby", `tab-${this.place}`);
  }

  #onTabKey(event) {
    const tabs = [...at("tabs").children];
    const index = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined || index === -1) return;
    event.preventDefault();
    const tab = tabs.at(to % tabs.length);
    tab.focus();
    tab.click();
  }

  #showPlace(here) {
    const isHome = here.kind === "home";
    at("panel").classList.toggle("home", isHome);
    this.composer.show(isHome ? null : here, nameOf(here));
    if (isHome) this.#showHome();
    else {
      this.homeHost = null;
      this.messages.show(here, nameOf(here));
    }
  }

  #showHome() {
    const { home } = this.screen;
    if (!home) {
      this.homeHost = null;
      at("place").replaceChildren(
        h("p", { class: "empty" }, `Rekey shows no Home to ${this.person.name}.`),
      );
      return;
    }
    if (!this.homeHost?.isConnected || this.home.view.id !== home.id) {
      this.homeHost = h("div", { class: "blocks" });
      this.home = new Home(this, this.homeHost);
      at("place").replaceChildren(this.homeHost);
    }
    this.home.show(home);
  }

  #showModals() {
    const { modals } = this.screen;
    const top = modals.at(-1);
    const shown = this.stack.at(-1);
    this.stack = modals.map((view, depth) => {
      const known = this.stack.find((one) => one.view.id === view.id);
      return known ?? new Modal(this, { depth });
    });
    this.stack.forEach((modal, index) => modal.show(modals[index]));
    const now = this.stack.at(-1);
    at("client").inert = Boolean(top);
    at("modals").hidden = !top;
    if (now === shown) return;
    if (!shown) this.cameFrom = document.activeElement;
    at("modals").replaceChildren(...(now ? [now.sheet] : []));
    if (now) now.focus();
    else if (this.cameFrom?.isConnected) this.cameFrom.focus();
    else (at("say") ?? at("panel")).focus();
  }

  #fold(isOpen) {
    at("fold").setAttribute("aria-expanded", String(isOpen));
    at("people").classList.toggle("open", isOpen);
  }
}

const STOPPED =
  "The playground does not answer. If it was ended, start it again and reload this page.";

function addressOf(place) {
  return place.kind === "channel" ? place.name : place.kind;
}

function unreadDm({ places }) {
  return places.find(({ kind, unread }) => kind === "dm" && unread > 0)?.id;
}

function addressed() {
  return location.hash.slice(1).split("/");
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function peopleOf({ members, channels }) {
  const byId = new Map(members.map((member) => [member.id, member]));
  return {
    members,
    member: (id) => byId.get(id),
    channels: Object.entries(channels).map(([id, name]) => ({ id, name })),
    channel: (id) => channels[id],
  };
}

const office = await api.office();
await new App(office).start();
