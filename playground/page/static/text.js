// Slack's text objects as elements. All ends as text nodes: no markup of HTML's is ever read.

import { h } from "./dom.js";
import { slackDate } from "./time.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const STYLES = { "*": "strong", _: "em", "~": "s" };
const URL_START = /https?:\/\/[^\s<>|]*[^\s<>|.,:;!?'")\]}]/y;
const WEB = /^(https?:\/\/|mailto:)/i;
const WORD = /[\p{L}\p{N}_]/u;

/** Draw a text object; `people` tells the names behind ids. */
export function draw(text, people) {
  return text.type === "mrkdwn" ? mrkdwn(text.text, people) : [text.text];
}

/** Return what a text object reads as, without its styles. */
export function plain(text) {
  const holder = h("span", {}, draw(text, { member: () => undefined, channel: () => undefined }));
  return holder.textContent;
}

/** Undo the escaping of the three characters that Slack escapes. */
export function unescape(text) {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);
}

/** Draw text with Slack's markup. https://docs.slack.dev/messaging/formatting-message-text/ */
export function mrkdwn(text, people) {
  const parts = text.split("```");
  const nodes = [];
  parts.forEach((part, index) => {
    const fenced = index % 2 === 1 && index < parts.length - 1;
    if (fenced) nodes.push(h("pre", {}, unescape(part.replace(/^\n|\n$/g, ""))));
    else if (index > 0 && index % 2 === 0) nodes.push(...lines(part.replace(/^\n/, ""), people));
    else nodes.push(...lines(index % 2 === 1 ? `\`\`\`${part}` : part, people));
  });
  return nodes;
}

function lines(text, people) {
  const nodes = [];
  let quoted = null;
  for (const [index, line] of text.split("\n").entries()) {
    const quote = /^(?:&gt;|>)\s?/.exec(line);
    if (quote) {
      if (!quoted) nodes.push((quoted = h("blockquote")));
      else quoted.append("\n");
      quoted.append(...inline(line.slice(quote[0].length), people));
    } else {
      if (index > 0 && !quoted) nodes.push("\n");
      quoted = null;
      nodes.push(...inline(line, people));
    }
  }
  return nodes;
}

function inline(text, people) {
  const nodes = [];
  let plainText = "";
  const put = (node) => {
    if (plainText) nodes.push(plainText);
    plainText = "";
    nodes.push(node);
  };
  for (let at = 0; at < text.length;) {
    const found = special(text, at, people);
    if (found) {
      put(found.node);
      at = found.end;
    } else {
      const entity = /^&(?:amp|lt|gt);/.exec(text.slice(at, at + 5));
      plainText += entity ? ENTITIES[entity[0]] : text[at];
      at += entity ? entity[0].length : 1;
    }
  }
  if (plainText) nodes.push(plainText);
  return nodes;
}

/** Return what begins at `at` and is more than text, and where it ends. */
function special(text, at, people) {
  const character = text[at];
  if (character === "<") return reference(text, at, people);
  if (character === "`") return code(text, at);
  if (character in STYLES) return styled(text, at, people);
  if (character !== "h" || WORD.test(text[at - 1] ?? "")) return null;
  URL_START.lastIndex = at;
  const url = URL_START.exec(text)?.[0];
  return url ? { node: link(unescape(url), unescape(url)), end: at + url.length } : null;
}

function code(text, at) {
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1) return null;
  return { node: h("code", {}, unescape(text.slice(at + 1, end))), end: end + 1 };
}

/** A style begins before a word and ends after one: `2*3*4` and `a_b_c` hold none. */
function styled(text, at, people) {
  const mark = text[at];
  if (WORD.test(text[at - 1] ?? "") || !text[at + 1] || /\s/.test(text[at + 1])) return null;
  const end = closing(text, at + 1, mark);
  if (end === -1) return null;
  const node = h(STYLES[mark], {}, inline(text.slice(at + 1, end), people));
  return { node, end: end + 1 };
}

function closing(text, from, mark) {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "<") at = Math.max(at, text.indexOf(">", at));
    else if (text[at] === "`") at = Math.max(at, text.indexOf("`", at + 1));
    else if (
      text[at] === mark &&
      at > from &&
      !/\s/.test(text[at - 1]) &&
      !WORD.test(text[at + 1] ?? "")
    ) {
      return at;
    }
  }
  return -1;
}

function reference(text, at, people) {
  const end = text.indexOf(">", at);
  if (end === -1) return null;
  const inner = text.slice(at + 1, end);
  const bar = inner.indexOf("|");
  const what = bar === -1 ? inner : inner.slice(0, bar);
  const label = bar === -1 ? null : unescape(inner.slice(bar + 1));
  const node = referred(what, label, people);
  return node && { node, end: end + 1 };
}

function referred(what, label, people) {
  if (what.startsWith("@")) {
    return mention(`@${people.member(what.slice(1))?.name ?? label ?? what.slice(1)}`);
  }
  if (what.startsWith("#"))
    return mention(`#${people.channel(what.slice(1)) ?? label ?? what.slice(1)}`);
  if (what.startsWith("!date^")) return date(what, label);
  if (what.startsWith("!subteam^")) return mention(label ?? "@group");
  if (/^!(here|channel|everyone)$/.test(what)) return mention(`@${what.slice(1)}`);
  return WEB.test(what)
    ? link(unescape(what), label ?? unescape(what.replace(/^mailto:/i, "")))
    : null;
}

function mention(name) {
  return h("span", { class: "mention" }, name);
}

function date(what, fallback) {
  const [, seconds, pattern, url] = what.split("^");
  const at = Number(seconds) * 1000;
  if (!/^\d+$/.test(seconds) || !pattern) return h("span", {}, fallback ?? "");
  const shown = slackDate(at, unescape(pattern));
  const time = h("time", { datetime: new Date(at).toISOString(), title: fallback }, shown);
  return url && WEB.test(url) ? link(unescape(url), time) : time;
}

/** Open an address in a tab of its own, if it is one of the web's. */
export function visit(url) {
  if (WEB.test(url)) window.open(url, "_blank", "noopener,noreferrer");
}

/** Draw a link; only to the web or to an e-mail address, whatever else the text may say. */
export function link(url, shown) {
  if (!WEB.test(url)) return h("span", {}, shown);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, shown);
}
