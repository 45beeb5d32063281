// Block Kit's interactive elements. Each `draw` returns `{node, read}`: what is shown, and a
// function that returns what it holds as the playground takes it (nothing is `null`).

import { h, newId } from "./dom.js";
import { ask, menuButton } from "./menu.js";
import { drawPicker, matchingChannels, matchingPeople, soon } from "./picker.js";
import { draw as drawText, link, plain, visit } from "./text.js";

/**
 * Draw an element. `context` holds `key` (unique on its surface), `alike` (hardly less so), `held`
 * (what it holds now), `labels` (ARIA attributes and the like for its field), `people`, `on`
 * ("change" where a choice is told at once), and what to call: `press(value, node)`,
 * `change(value, node)` and `suggest(query)`.
 */
export function draw(element, context) {
  const drawer = DRAWERS[element.type];
  return drawer
    ? drawer(element, context)
    : { node: h("p", { class: "note" }, `(${element.type})`) };
}

/** Return what an element holds, from the state that Slack keeps of it. */
export function heldIn(state) {
  if (!state) return undefined;
  const value = Object.entries(state).find(([name]) => name !== "type")?.[1];
  const bare = (item) => item?.value ?? item;
  return Array.isArray(value) ? value.map(bare) : bare(value);
}

const DRAWERS = {
  button: drawButton,
  overflow: drawOverflow,
  image: (element) => ({ node: picture(element) }),
  plain_text_input: (element, context) =>
    drawTyped(element, context, element.multiline ? "textarea" : "input"),
  email_text_input: (element, context) =>
    drawTyped(element, context, "input", { inputmode: "email" }),
  url_text_input: (element, context) => drawTyped(element, context, "input", { inputmode: "url" }),
  number_input: (element, context) =>
    drawTyped(element, context, "input", { inputmode: "decimal" }),
  datepicker: (element, context) => drawTyped(element, context, "input", { type: "date" }),
  timepicker: (element, context) => drawTyped(element, context, "input", { type: "time" }),
  datetimepicker: drawMoment,
  static_select: drawMenu,
  radio_buttons: (element, context) => drawBoxes(element, context, "radio"),
  checkboxes: (element, context) => drawBoxes(element, context, "checkbox"),
  multi_static_select: (element, context) => drawBoxes(element, context, "checkbox"),
  multi_users_select: (element, context) =>
    drawBoxes({ ...element, options: peopleOptions(context) }, context, "checkbox"),
  users_select: (element, context) =>
    drawPicker(element, context, (query) => matchingPeople(context.people, query)),
  channels_select: (element, context) =>
    drawPicker(element, context, (query) => matchingChannels(context.people, query)),
  conversations_select: (element, context) =>
    drawPicker(element, context, (query) => matchingChannels(context.people, query)),
  external_select: drawExternal,
};

/** Draw the place of a picture: pictures lie elsewhere, and the page loads nothing from there. */
export function picture(image) {
  return h("span", { class: "picture", role: "img", "aria-label": image.alt_text }, image.alt_text);
}

function drawButton(element, { key, alike, labels, people, press }) {
  const style = element.style ?? "plain";
  const common = {
    class: `button ${style}`,
    "data-key": key,
    "data-alike": alike,
    ...labels,
    "aria-label": element.accessibility_label,
  };
  const onclick = async (event) => {
    const node = event.currentTarget;
    if (element.url && !element.confirm) return press(element.value, node);
    event.preventDefault();
    if (node.getAttribute("aria-busy") === "true") return undefined;
    if (element.confirm && !(await ask(element.confirm, people))) return undefined;
    if (element.url) visit(element.url);
    return press(element.value, node);
  };
  if (!element.url)
    return { node: h("button", { type: "button", ...common, onclick }, element.text.text) };
  const node = link(element.url, element.text.text);
  for (const [name, value] of Object.entries(common)) if (value) node.setAttribute(name, value);
  node.addEventListener("click", onclick);
  return { node };
}

function drawOverflow(element, { key, people, press }) {
  const items = element.options.map((option) => ({
    label: option.text.text,
    choose: async (button) => {
      if (element.confirm && !(await ask(element.confirm, people))) return;
      if (option.url) visit(option.url);
      press(option.value, button);
    },
  }));
  return { node: menuButton({ label: "More options", key, items }) };
}

function drawTyped(element, { key, held, labels, change, on }, tag, more = {}) {
  const field = h(tag, {
    ...(tag === "input" ? { type: "text" } : { rows: 3 }),
    ...more,
    ...labels,
    class: "field",
    "data-key": key,
    placeholder: element.placeholder?.text,
    maxlength: element.max_length,
    autocomplete: "off",
    value: held ?? "",
  });
  const read = () => field.value || null;
  const picks = more.type !== undefined;
  const when = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  if (on === "change" && picks) field.addEventListener("change", () => change(read(), field));
  if (on === "change" && !picks && when.includes("on_enter_pressed")) {
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || (tag === "textarea" && event.shiftKey))
        return;
      event.preventDefault();
      change(read(), field);
    });
  }
  if (on === "change" && !picks && when.includes("on_character_entered")) {
    field.addEventListener(
      "input",
      soon(() => change(read(), field)),
    );
  }
  return { node: field, read };
}

function drawMoment(element, { key, held, labels, change, on }) {
  const local = (seconds) => {
    const at = new Date(seconds * 1000);
    return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  };
  const field = h("input", {
    type: "datetime-local",
    class: "field",
    "data-key": key,
    ...labels,
    value: held ? local(held) : "",
  });
  const read = () => (field.value ? Math.floor(new Date(field.value).getTime() / 1000) : null);
  if (on === "change") field.addEventListener("change", () => change(read(), field));
  return { node: field, read };
}

function drawMenu(element, { key, held, labels, change, on }) {
  const toOption = (option) =>
    h("option", { value: option.value, selected: option.value === held }, option.text.text);
  const field = h(
    "select",
    { class: "field", "data-key": key, ...labels },
    h("option", { value: "" }, element.placeholder?.text ?? "Choose an option"),
    (element.options ?? []).map(toOption),
    (element.option_groups ?? []).map((group) =>
      h("optgroup", { label: group.label.text }, group.options.map(toOption)),
    ),
  );
  const read = () => field.value || null;
  if (on === "change") field.addEventListener("change", () => change(read(), field));
  return { node: field, read };
}

function drawBoxes(element, { key, held, labels, people, change, on }, type) {
  const name = newId("choice");
  const chosen = new Set([held ?? []].flat());
  const offered = [
    ...(element.options ?? []),
    ...(element.option_groups ?? []).flatMap((group) => group.options),
  ];
  const boxes = [];
  const rows = offered.map((option) => {
    const box = h("input", {
      type,
      name,
      value: option.value,
      checked: chosen.has(option.value),
      "data-key": `${key} ${option.value}`,
    });
    boxes.push(box);
    const about = option.description
      ? h("span", { class: "note" }, drawText(option.description, people))
      : null;
    return h(
      "label",
      { class: "choice" },
      box,
      h("span", {}, drawText(option.text, people), about),
    );
  });
  const read = () => {
    const values = boxes.filter((box) => box.checked).map((box) => box.value);
    return type === "radio" ? (values[0] ?? null) : values;
  };
  const role = type === "radio" ? "radiogroup" : "group";
  const node = h("div", { class: "choices", role, ...labels }, rows);
  if (on === "change") node.addEventListener("change", () => change(read(), node));
  return { node, read };
}

function drawExternal(element, context) {
  const search = async (query) => {
    const found = await context.suggest(query);
    return found.map((option) => ({ value: option.value, label: plain(option.text), note: "" }));
  };
  const label = element.initial_option ? plain(element.initial_option.text) : undefined;
  return drawPicker(element, { ...context, heldLabel: context.heldLabel ?? label }, search, {
    fewest: element.min_query_length ?? 3,
  });
}

function peopleOptions({ people }) {
  return people.members.map(({ id, name }) => ({
    value: id,
    text: { type: "plain_text", text: name },
  }));
}
