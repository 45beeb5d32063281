// The messages of one place, oldest first.

import { drawBlocks, initially } from "./blocks.js";
import { h, reconcile } from "./dom.js";
import { menuButton } from "./menu.js";
import { mrkdwn, plain } from "./text.js";
import { dayOf, format, nearDay, now, timeOf } from "./time.js";

const NEAR = 80; // pixels from the end within which somebody reads the newest

/** Shows one place at a time in `host`, which `scroller` scrolls. */
export class Messages {
  constructor(app, host, scroller) {
    this.app = app;
    this.host = host;
    this.scroller = scroller;
    this.shown = null;
  }

  show(place, name) {
    const key = `${this.app.handle} ${place.id}`;
    if (this.shown !== key || !this.list?.isConnected) {
      this.list = h("ol", { class: "messages", "aria-label": `Messages in ${name}` });
      this.host.replaceChildren(this.list);
    }
    const isNew = this.shown !== key;
    this.shown = key;
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const atEnd = isNew || scrollHeight - scrollTop - clientHeight < NEAR;
    const items = withDays(place.messages, name, place.kind);
    reconcile(this.list, items, {
      key: (item) => item.key,
      signature: (item) => JSON.stringify(item),
      draw: (item) =>
        item.message
          ? this.#draw(item.message, place)
          : item.day
            ? drawDay(item.day)
            : drawNothing(item),
    });
    if (place.messages.length === 0)
      this.scroller.scrollTop = 0; // whatever stands above it is news
    else if (atEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #draw(message, place) {
    const { app } = this;
    const author = app.people.member(message.author);
    const at = Number(message.id) * 1000;
    const alone = message.ephemeral ? ", only visible to you" : "";
    const label = `${author.name}, ${timeOf(at)}${alone}`;
    return h(
      "li",
      { class: message.ephemeral ? "message ephemeral" : "message" },
      h(
        "article",
        { "aria-label": label, "data-message": message.id },
        app.avatar(author),
        h(
          "div",
          { class: "body" },
          message.ephemeral ? h("p", { class: "note alone" }, "Only visible to you") : null,
          h(
            "p",
            { class: "by" },
            h("strong", {}, author.name),
            author.is_bot ? h("span", { class: "tag" }, "App") : null,
            h("time", { datetime: new Date(at).toISOString() }, timeOf(at)),
            message.edited > 0 && !message.ephemeral
              ? h("span", { class: "note" }, "(edited)")
              : null,
          ),
          this.#content(message, place),
        ),
        this.#shortcuts(message, place),
      ),
    );
  }

  #content(message, place) {
    const { app } = this;
    if (message.blocks.length === 0)
      return h("div", { class: "text" }, mrkdwn(message.text, app.people));
    const where = { place: place.id, message: message.id };
    const surface = {
      people: app.people,
      held: initially,
      press: (_block, part, value, node) =>
        app.act("click", { ...where, action_id: part.action_id, value }, node),
      change: (block, part, value, node) =>
        app.act(
          "choose",
          { ...where, block_id: block.block_id, action_id: part.action_id, value },
          node,
        ),
      suggest: (block, part, query) =>
        app.suggest({ ...where, block_id: block.block_id, action_id: part.action_id, query }),
    };
    return h("div", { class: "blocks" }, drawBlocks(message.blocks, surface).nodes);
  }

  #shortcuts(message, place) {
    const found = this.app.office.shortcuts.filter(({ kind }) => kind === "message");
    if (found.length === 0 || message.ephemeral) return null;
    const items = found.map(({ name, callback_id }) => ({
      label: name,
      choose: (button) =>
        this.app.act("shortcut", { callback_id, place: place.id, message: message.id }, button),
    }));
    return menuButton({ label: "More actions", key: `more ${message.id}`, items });
  }
}

/** Return how people call a place. */
export function nameOf(place) {
  return { channel: `#${place.name}`, dm: "DM with Rekey", home: "Home" }[place.kind];
}

/** Return what a message says in one line, for those who hear it. */
export function spoken(message) {
  return plain({ type: "mrkdwn", text: message.text || "A message with pictures or buttons" });
}

function withDays(messages, name, kind) {
  if (messages.length === 0) return [{ key: "nothing", name, kind }];
  const items = [];
  const today = dayOf(now());
  let day = null;
  for (const message of messages) {
    const at = Number(message.id) * 1000;
    if (dayOf(at) !== day) {
      day = dayOf(at);
      items.push({
        key: `day ${day}`,
        day: nearDay(at) ?? format(at, { weekday: "long", day: "numeric", month: "long" }),
      });
    }
    items.push({ key: message.id, message, today }); // the words for a date depend on the day
  }
  return items;
}

function drawDay(day) {
  return h("li", { class: "day" }, h("span", {}, day[0].toUpperCase() + day.slice(1)));
}

function drawNothing({ name, kind }) {
  const words =
    kind === "dm"
      ? "Rekey has not written yet. What it has to say to you alone appears here."
      : `Nothing was said in ${name} yet.`;
  return h("li", { class: "empty" }, words);
}
