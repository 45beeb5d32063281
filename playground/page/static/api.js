// Asking the playground, and telling it what was done.

/** What the playground would not do, in a sentence for people. */
export class Refused extends Error {}

export async function office() {
  return answer(await fetch("/api/office"));
}

/** Return the screen of a person; with `seen`, once it is no longer of that version. */
export async function screen(person, { seen, signal } = {}) {
  const query = new URLSearchParams({ as: person });
  if (seen !== undefined) query.set("seen", seen);
  return answer(await fetch(`/api/screen?${query}`, { signal }));
}

/** Do something as a person; the answer comes once the bot has acknowledged it. */
export async function act(person, name, fields) {
  return post(`/api/acts/${name}`, { as: person, ...fields });
}

/** Return the options that the bot offers for what was typed, each `{text, value}`. */
export async function suggest(person, fields) {
  return (await post("/api/suggestions", { as: person, ...fields })).options;
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

async function answer(response) {
  const said = await response.json().catch(() => ({}));
  if (response.ok) return said;
  throw new Refused(said.error ?? "The playground did not understand that.");
}
