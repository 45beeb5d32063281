// Fields in which people type to search: for people, channels, or what the bot knows.

import { h } from "./dom.js";
import { Listbox } from "./listbox.js";

const SOON = 300; // milliseconds after the last key until what was typed is told

/** Draw a field in which people type to search; `search` returns `[{label, note, value}]`. */
export function drawPicker(
  element,
  { key, held, labels, people, change, on, heldLabel },
  search,
  { fewest = 0 } = {},
) {
  let chosen = held ?? null;
  let shown =
    heldLabel ?? (chosen ? (people.member(chosen)?.name ?? people.channel(chosen) ?? chosen) : "");
  const field = h("input", {
    type: "text",
    class: "field",
    "data-key": key,
    ...labels,
    value: shown,
    placeholder: element.placeholder?.text ?? "Search",
  });
  const list = new Listbox(field, {
    label: "Matches",
    tabTakes: false,
    choose: (option) => take(option.value, option.label),
  });
  const take = (value, label) => {
    chosen = value;
    shown = field.value = label;
    if (on === "change") change(value, field);
  };
  let asked = 0;
  const offer = async () => {
    asked += 1;
    const mine = asked;
    const query = field.value === shown ? "" : field.value;
    const options = query.length < fewest ? [] : await search(query.trim());
    if (mine === asked && document.activeElement === field)
      list.open(options, { marked: query !== "" });
  };
  field.addEventListener("input", fewest > 0 ? soon(offer) : offer);
  field.addEventListener("click", offer);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && !list.isOpen) offer();
  });
  field.addEventListener("blur", () => {
    if (field.value === "" && chosen !== null) take(null, "");
    field.value = shown;
  });
  return {
    node: h("div", { class: "picker" }, field, list.list),
    read: () => chosen,
    label: () => shown,
  };
}

/** Return the people that a query finds, by any beginning of their names. */
export function matchingPeople(people, query) {
  const wanted = query.toLowerCase().replace(/^@/, "");
  const fits = ({ name, handle }) =>
    [handle, name, ...name.split(" ")].some((word) => word.toLowerCase().startsWith(wanted));
  return people.members.filter(fits).map((member) => ({
    value: member.id,
    label: member.name,
    note: `@${member.handle}${member.is_bot ? ", a bot" : ""}${member.deleted ? ", deactivated" : ""}`,
  }));
}

export function matchingChannels(people, query) {
  return people.channels
    .filter(({ name }) => name.startsWith(query.replace(/^#/, "")))
    .map(({ id, name }) => ({ value: id, label: name, note: "" }));
}

/** Call once nothing more was typed for a moment. */
export function soon(call) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(call, SOON);
  };
}
