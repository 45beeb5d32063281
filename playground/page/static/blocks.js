// Block Kit's blocks, in messages, modals and the Home tab.

import { h, newId } from "./dom.js";
import { draw as drawElement, heldIn, picture } from "./elements.js";
import { draw as drawText, link } from "./text.js";

/**
 * Draw the blocks of one surface. `surface` holds `people`, `held(block, element)` with what an
 * element holds now, and what to call: `press`, `change`, `suggest`, each with block and element
 * first. Returns the nodes, and for each input block, by its id, its field and its error's place.
 */
export function drawBlocks(blocks, surface) {
  const inputs = new Map();
  const nodes = blocks.map((block) => (DRAWERS[block.type] ?? drawUnknown)(block, surface, inputs));
  return { nodes, inputs };
}

const DRAWERS = {
  header: (block) => h("h3", { class: "block header" }, block.text.text),
  divider: () => h("hr", { class: "block" }),
  section: drawSection,
  context: drawContext,
  actions: drawActions,
  input: drawInput,
  image: drawImage,
  rich_text: (block, surface) =>
    h(
      "div",
      { class: "block text" },
      block.elements.map((part) => drawRich(part, surface.people)),
    ),
  markdown: (block) => h("div", { class: "block text" }, block.text),
};

function drawUnknown(block) {
  return h("p", { class: "block note" }, `(a block of the kind ${block.type})`);
}

function drawSection(block, surface) {
  const { people } = surface;
  const parts = [];
  const textId = newId("section");
  if (block.text) parts.push(h("div", { class: "text", id: textId }, drawText(block.text, people)));
  if (block.fields) {
    const fields = block.fields.map((field) =>
      h("div", { class: "text" }, drawText(field, people)),
    );
    parts.push(h("div", { class: "fields" }, fields));
  }
  if (!block.accessory) return h("div", { class: "block section" }, parts);
  const isField = !/^(button|overflow|image)$/.test(block.accessory.type);
  const labels = block.text ? { [isField ? "aria-labelledby" : "aria-describedby"]: textId } : {};
  const accessory = element(block, block.accessory, surface, { labels }).node;
  return h(
    "div",
    { class: "block section with-accessory" },
    h("div", { class: "grow" }, parts),
    h("div", { class: "accessory" }, accessory),
  );
}

function drawContext(block, { people }) {
  const parts = block.elements.map((part) =>
    part.type === "image" ? picture(part) : h("span", { class: "text" }, drawText(part, people)),
  );
  return h("div", { class: "block context" }, parts);
}

function drawActions(block, surface) {
  return h(
    "div",
    { class: "block row" },
    block.elements.map((part) => element(block, part, surface, {}).node),
  );
}

function drawImage(block) {
  const title = block.title ? h("figcaption", {}, block.title.text) : null;
  return h("figure", { class: "block" }, title, picture(block));
}

function drawInput(block, surface, inputs) {
  const id = newId("field");
  const errorId = `${id}-error`;
  const hintId = `${id}-hint`;
  const grouped = /^(radio_buttons|checkboxes|multi_)/.test(block.element.type);
  const labels = {
    ...(grouped ? { "aria-labelledby": `${id}-label` } : { id }),
    "aria-describedby": [block.hint ? hintId : null, errorId].filter(Boolean).join(" "),
    "aria-required":
      block.optional ||
      block.element.type.startsWith("multi_") ||
      block.element.type === "checkboxes"
        ? undefined
        : "true",
  };
  const isExternal = block.element.type === "external_select"; // its options are soon forgotten
  const tells = block.dispatch_action || isExternal;
  const drawn = element(block, block.element, surface, { labels, on: tells ? "change" : null });
  const optional = block.optional ? h("span", { class: "note" }, " (optional)") : null;
  const label = h(
    grouped ? "span" : "label",
    grouped ? { id: `${id}-label`, class: "name" } : { for: id, class: "name" },
    block.label.text,
    optional,
  );
  const error = h("p", { class: "error", id: errorId });
  const field = grouped
    ? drawn.node
    : drawn.node.matches(".field")
      ? drawn.node
      : drawn.node.querySelector(".field");
  inputs.set(block.block_id, { ...drawn, field, error, element: block.element });
  return h(
    "div",
    { class: "block input" },
    label,
    drawn.node,
    block.hint ? h("p", { class: "note", id: hintId }, block.hint.text) : null,
    error,
  );
}

function element(block, part, surface, { labels, on = "change" }) {
  return drawElement(part, {
    key: `${block.block_id} ${part.action_id} ${part.value ?? ""}`,
    alike: `${part.action_id} ${part.value ?? ""}`, // as Slack makes up a block's id if it has none
    held: surface.held(block, part),
    heldLabel: surface.heldLabel?.(block, part),
    labels: labels ?? { "aria-label": part.placeholder?.text },
    people: surface.people,
    on,
    press: (value, node) => surface.press(block, part, value, node),
    change: (value, node) => surface.change(block, part, value, node),
    suggest: (query) => surface.suggest(block, part, query),
  });
}

/** Return what an element of a message begins with. */
export function initially(_block, part) {
  return heldIn({
    value:
      part.initial_value ??
      part.initial_option ??
      part.initial_options ??
      part.initial_user ??
      part.initial_users ??
      part.initial_date ??
      part.initial_time ??
      part.initial_date_time ??
      part.initial_channel ??
      part.initial_conversation,
  });
}

// -- rich text, which the bot does not use itself; people's own messages in Slack are made of it

const RICH = {
  rich_text_section: (part, people) => h("p", {}, spans(part, people)),
  rich_text_preformatted: (part, people) => h("pre", {}, spans(part, people)),
  rich_text_quote: (part, people) => h("blockquote", {}, spans(part, people)),
  rich_text_list: (part, people) =>
    h(
      part.style === "ordered" ? "ol" : "ul",
      {},
      part.elements.map((item) => h("li", {}, spans(item, people))),
    ),
};

function drawRich(part, people) {
  return RICH[part.type]?.(part, people) ?? "";
}

function spans(part, people) {
  return part.elements.map((span) => {
    let node = spanText(span, people);
    for (const [style, tag] of [
      ["bold", "strong"],
      ["italic", "em"],
      ["strike", "s"],
      ["code", "code"],
    ]) {
      if (span.style?.[style]) node = h(tag, {}, node);
    }
    return node;
  });
}

function spanText(span, people) {
  if (span.type === "link") return link(span.url, span.text ?? span.url);
  if (span.type === "user")
    return h("span", { class: "mention" }, `@${people.member(span.user_id)?.name ?? span.user_id}`);
  if (span.type === "channel")
    return h(
      "span",
      { class: "mention" },
      `#${people.channel(span.channel_id) ?? span.channel_id}`,
    );
  if (span.type === "broadcast") return h("span", { class: "mention" }, `@${span.range}`);
  if (span.type === "emoji") return `:${span.name}:`;
  return span.text ?? span.fallback ?? "";
}
