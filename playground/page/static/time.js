// The playground's time, and how Slack writes dates.

const LANGUAGE = "en-GB";
const DAY = 86_400_000;
let told = { now: Date.now(), ahead: 0, runs: true };
let toldAt = performance.now();

/** Take the time from the playground. */
export function setClock(clock) {
  told = clock;
  toldAt = performance.now();
}

/** Return the playground's time, in milliseconds. */
export function now() {
  return told.runs ? told.now + performance.now() - toldAt : told.now;
}

/** Return by how many seconds the clock was moved. */
export function ahead() {
  return told.ahead;
}

export function format(at, options) {
  return new Intl.DateTimeFormat(LANGUAGE, options).format(at);
}

export function timeOf(at) {
  return format(at, { hour: "2-digit", minute: "2-digit" });
}

/** Return the day by which messages are grouped and "today" is told. */
export function dayOf(at) {
  return format(at, { year: "numeric", month: "2-digit", day: "2-digit" });
}

/** Return "today", "yesterday", "tomorrow", or nothing. */
export function nearDay(at) {
  const day = dayOf(at);
  if (day === dayOf(now())) return "today";
  if (day === dayOf(now() - DAY)) return "yesterday";
  if (day === dayOf(now() + DAY)) return "tomorrow";
  return null;
}

const DATE = { day: "numeric", month: "long", year: "numeric" };
const SHORT = { day: "numeric", month: "short", year: "numeric" };
const LONG = { weekday: "long", ...DATE };
const FORMS = {
  date_num: (at) => dayOf(at).split("/").reverse().join("-"),
  date: (at) => format(at, DATE),
  date_short: (at) => format(at, SHORT),
  date_long: (at) => format(at, LONG),
  date_pretty: (at) => nearDay(at) ?? format(at, DATE),
  date_short_pretty: (at) => nearDay(at) ?? format(at, SHORT),
  date_long_pretty: (at) => nearDay(at) ?? format(at, LONG),
  time: timeOf,
  time_secs: (at) => format(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
  ago: (at) => agoOf(at),
};

/** Fill in the braces of `<!date^…>`, in the reader's zone. */
export function slackDate(at, pattern) {
  return pattern.replace(/\{(\w+)\}/g, (all, name) => FORMS[name]?.(at) ?? all);
}

function agoOf(at) {
  const words = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
  const minutes = Math.round((at - now()) / 60_000);
  if (Math.abs(minutes) < 60) return words.format(minutes, "minute");
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 24
    ? words.format(hours, "hour")
    : words.format(Math.round(hours / 24), "day");
}
