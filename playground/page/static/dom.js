// Making elements, and changing no more of the page than has changed.

const SVG = "http://www.w3.org/2000/svg";
let serial = 0;

/** Make an element. What is text stays text: nothing here ever reads markup. */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

export function s(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/** Return an id that no other element has. */
export function newId(prefix) {
  serial += 1;
  return `${prefix}-${serial}`;
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/**
 * Have `parent` hold one element for each item, in order. One whose `signature` is as before is
 * left alone; `draw` makes the others anew, and the focus stays where it was.
 */
export function reconcile(parent, items, { key, signature, draw }) {
  const before = parent.drawn ?? new Map();
  const after = new Map();
  let place = parent.firstElementChild;
  for (const item of items) {
    const id = key(item);
    const sign = signature(item);
    const old = before.get(id);
    let node = old?.node;
    if (!node || old.sign !== sign) {
      const fresh = draw(item);
      if (node) {
        if (place === node) place = fresh;
        swap(node, fresh);
      }
      node = fresh;
    }
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
    before.delete(id);
    after.set(id, { node, sign });
  }
  for (const { node } of before.values()) node.remove();
  parent.drawn = after;
}

/** Put `fresh` in the place of `old`; whoever was typing or standing there still is. */
export function swap(old, fresh) {
  const restore = keepFocus(old);
  old.replaceWith(fresh);
  restore(fresh);
}

/**
 * Note which element within has the focus; the function returned gives it to its successor: what
 * has the same `data-key`, or the same `data-alike`, or else to the whole.
 */
export function keepFocus(within) {
  const active = document.activeElement;
  if (!within.contains(active)) return () => {};
  const { key, alike } = active.dataset;
  const selected = selectionOf(active);
  return (fresh) => {
    const heir = withData(fresh, "key", key) ?? withData(fresh, "alike", alike) ?? whole(fresh);
    heir.focus({ preventScroll: true });
    if (selected && selectionOf(heir)) heir.setSelectionRange(...selected);
  };
}

function withData(within, name, value) {
  if (value === undefined) return null;
  const selector = `[data-${name}="${CSS.escape(value)}"]`;
  return within.matches(selector) ? within : within.querySelector(selector);
}

function whole(element) {
  const target = element.matches("[tabindex]")
    ? element
    : (element.querySelector("article, [role=dialog]") ?? element);
  if (!target.hasAttribute("tabindex")) target.tabIndex = -1;
  return target;
}

function selectionOf(element) {
  const isText =
    element instanceof HTMLTextAreaElement ||
    (element instanceof HTMLInputElement && /^(text|search|url|tel|password)$/.test(element.type));
  return isText ? [element.selectionStart, element.selectionEnd] : null;
}
