/* What every page of the desk has: messages, questions, keys and their help, work under way, decisions of others. */
import { all, h, icon, one, put } from "./dom.js";
import { call, get, me, post } from "./api.js";

const tray = h("section", { class: "tray", "aria-label": "Work under way" });
const messages = h("div", { class: "messages", role: "status", "aria-live": "polite" });
document.body.append(tray, messages);

/** A short message; `acts` are its buttons: words, and what they do. */
export function say(text, { bad = false, acts = [], seconds = 6 } = {}) {
  const made = h("div", { class: bad ? "message bad" : "message" }, h("p", {}, text));
  const gone = () => made.remove();
  made.append(...acts.map(([label, run]) => h("button", { type: "button", class: "bare", on: { click: () => { gone(); run(); } } }, label)));
  made.append(h("button", { type: "button", class: "bare", "aria-label": "Close this message", on: { click: gone } }, icon("close")));
  messages.append(made);
  while (messages.children.length > 4) messages.firstChild.remove();
  let left = setTimeout(gone, 1000 * (bad ? 2 * seconds : seconds));
  made.addEventListener("pointerenter", () => clearTimeout(left));
  made.addEventListener("pointerleave", () => { left = setTimeout(gone, 3000); });
}

/** What went wrong, in the desk's own words. */
export const sorry = (error) => say(error.message, { bad: true });

/** Runs something and says what went wrong; undefined then. */
export async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    sorry(error);
    return undefined;
  }
}

/** A question in a dialog: its form's values, or null where it was closed. */
export function ask(title, inside, { ok = "OK", kind = "main" } = {}) {
  return new Promise((answered) => {
    const form = h("form", { method: "dialog" }, h("h2", { id: "asked" }, title), inside, h("div", { class: "row" },
      h("button", { type: "button", on: { click: () => box.close() } }, "Cancel"), h("button", { type: "submit", class: kind, value: "ok" }, ok)));
    const box = h("dialog", { "aria-labelledby": "asked" }, form);
    let values = null;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      values = Object.fromEntries(new FormData(form));
      box.close();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    box.addEventListener("close", () => { box.remove(); answered(values); });
    document.body.append(box);
    box.showModal();
    one("input, textarea, select", box)?.focus();
  });
}

/* Keys */

const groups = [];

/** Keys of a page: [name of the group, [[key, words, run], ...]]; a key may be several ("j" or "Shift+ArrowLeft"). */
export const keys = (group, given) => groups.push([group, given]);

const SHOWN = { " ": "Space", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" };
const shown = (key) => key.split("+").map((each) => SHOWN[each] || (each === "Shift" ? "⇧" : each.length === 1 ? each.toUpperCase() : each));

function help() {
  if (one("dialog[open]")) return;
  const box = h("dialog", { class: "keys", "aria-labelledby": "keys" }, h("div", {},
    h("header", {}, h("h2", { id: "keys" }, "Keys"), h("button", { type: "button", "aria-label": "Close", on: { click: () => box.close() } }, icon("close"))),
    h("div", { class: "columns" }, groups.map(([group, given]) => h("section", {}, h("h3", {}, group), h("dl", {}, given.filter((each) => each[1]).map(([key, words]) =>
      h("div", {}, h("dt", {}, (key.startsWith("1 / 2 / 3") ? ["1", "9"] : key.split(" / ")).map((each) => h("kbd", {}, shown(each === "Space" ? " " : each).join(" ")))), h("dd", {}, words)))))))));
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}

let quiet = 0;

/** Letters are no keys for a second: somebody who opened a place to write in may be writing already. */
export const hush = () => { quiet = performance.now() + 1000; };

const types = (target) => target.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || one("dialog[open]")) return;
  const target = event.target instanceof Element ? event.target : document.body;
  if (event.key === "Escape") quiet = 0;
  if (event.key === "Escape" && types(target)) return target.blur();
  if (types(target)) return;
  const undo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
  if ((event.ctrlKey || event.metaKey || event.altKey) && !undo) return;
  if ((event.key === " " || event.key === "Enter") && target.closest("button, a, summary, input, [role=tab]")) return;
  if (event.key.startsWith("Arrow") && target.closest("[data-arrows], input")) return;
  const named = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const letter = event.key.length === 1 && event.key.toLowerCase() !== event.key.toUpperCase();
  if (letter && performance.now() < quiet) return;
  const asked = event.shiftKey && (letter || event.key.length > 1) ? `Shift+${named}` : named;
  for (const [, given] of groups) {
    for (const [key, , run] of given) {
      if (run && key.split(" / ").some((each) => (each.length === 1 ? each.toLowerCase() : each) === asked)) {
        event.preventDefault();
        run(event);
        return;
      }
    }
  }
});
/* A button that is clicked does not take the focus: the space bar still plays afterwards, as in any player. */
document.addEventListener("mousedown", (event) => {
  if (!event.target.closest("button, .slice") || event.target.closest("dialog")) return;
  event.preventDefault();
  if (types(document.activeElement)) document.activeElement.blur();
});

keys("Everywhere", [["?", "these keys", help]]);

/** Left and right, up and down move among things of one kind within a place; one of them is in the page's order of tabs. */
export function roam(place, query, { columns = () => 1, chosen = null } = {}) {
  place.dataset.arrows = "";
  place.addEventListener("keydown", (event) => {
    const items = all(query, place);
    const at = items.indexOf(event.target.closest(query));
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(), ArrowUp: -columns(), Home: -at, End: items.length - 1 - at }[event.key];
    if (at < 0 || step === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    const next = items[Math.min(items.length - 1, Math.max(0, at + step))];
    items.forEach((each) => { each.tabIndex = each === next ? 0 : -1; });
    next.focus();
    if (chosen) chosen(next);
  });
}

/* Work under way */

const follows = new Map();
const kept = () => JSON.parse(sessionStorage.getItem("trailers-jobs") || "[]");
const keep = (ids) => sessionStorage.setItem("trailers-jobs", JSON.stringify(ids));

/** Waits for a job's end, telling `told` of each step; gives the job, or throws where it failed or was cancelled. */
export async function follow(job, told = () => {}) {
  let now = job;
  let wait = 120;
  for (;;) {
    told(now);
    if (now.state !== "running") break;
    await new Promise((on) => setTimeout(on, wait));
    wait = Math.min(1000, wait * 1.25);
    now = await get(`/api/jobs/${encodeURIComponent(job.id)}`);
  }
  if (now.state === "failed") throw new Error(now.error || `${now.what} failed.`);
  if (now.state === "cancelled") throw Object.assign(new Error(`${now.what}: cancelled.`), { cancelled: true });
  return now;
}

/** The same, shown in the tray with its progress and a way to stop it; it goes on when another page of the desk is opened. */
export function show(job) {
  if (follows.has(job.id)) return follows.get(job.id);
  keep([...new Set([...kept(), job.id])]);
  const bar = h("progress", { max: 1, "aria-label": job.what });
  const label = h("span", { class: "soft" });
  const stop = h("button", { type: "button", on: { click: () => attempt(() => post(`/api/jobs/${encodeURIComponent(job.id)}/cancel`)) } }, "Cancel");
  const made = h("div", { class: "job" }, h("b", {}, job.what), bar, label, stop);
  tray.append(made);
  const ended = follow(job, (now) => {
    if (now.total) {
      bar.max = now.total;
      bar.value = now.done;
    }
    label.textContent = now.total ? `${now.label ? `${now.label}, ` : ""}${now.done} of ${now.total}` : now.label;
  }).finally(() => {
    made.remove();
    keep(kept().filter((each) => each !== job.id));
  });
  follows.set(job.id, ended);
  return ended;
}

/** Work that an earlier page began. */
export function resume(then) {
  for (const id of kept()) {
    get(`/api/jobs/${encodeURIComponent(id)}`).then((job) => show(job)).then((job) => { say(`${job.what}: done.`); then(job); }).catch((error) => {
      keep(kept().filter((each) => each !== id));
      if (!error.cancelled && error.status !== 404) sorry(error);
    });
  }
}

/* Decisions */

let seen = 0;
let told = () => {};

/** Takes note of the last decision that this page shows. */
export const saw = (number) => { seen = Math.max(seen, number || 0); };

async function named() {
  if (me()) return true;
  const given = await ask("Whose decisions are these?", [h("p", { class: "soft" }, "Your name stands beside each of them."), h("label", {}, "Your name", h("input", { name: "who", required: true, autocomplete: "name", maxlength: 80 }))]);
  if (!given) return false;
  call(given.who);
  whoami();
  return true;
}

/** Writes a decision down; gives what the desk answered, or undefined where it did not take it (said so). */
export async function decide(what, act, why = "", { quiet = false } = {}) {
  if (!(await named())) return undefined;
  const answer = await attempt(() => post("/api/decide", { what, act, why, seen }));
  if (!answer) return undefined;
  saw(answer.log);
  if (answer.others.length) others(answer.others);
  if (answer.decision.unmet) say(`Could not be obeyed: ${answer.decision.unmet}`, { bad: true });
  else if (!quiet) {
    say(sentence(answer.decision), { acts: what === "undo" ? [] : [takeBack(answer.decision)] });
  }
  return answer;
}

/** A message's button by which a decision is undone. */
export const takeBack = (decision) => ["Undo", async () => {
  const undone = await decide("undo", { number: decision.number });
  if (undone) told([undone.decision, decision]);
}];

const sentence = (decision) => `${decision.who || "You"} ${decision.words}`;

function others(found) {
  for (const decision of found.slice(-3)) say(sentence(decision));
  if (found.length > 3) say(`... and ${found.length - 3} more decisions by others.`);
}

/** Looks for what others decided while the page is seen, and tells `changed` of it. */
export function listen(changed) {
  told = changed;
  let busy = false;
  const look = async () => {
    if (document.hidden || busy) return;
    busy = true;
    try {
      const now = await news();
      if (now.log > seen) {
        const found = (now.others || now.decisions).filter((each) => each.number > seen);
        saw(now.log);
        others(found.filter((each) => each.who !== me()));
        changed(found);
      }
    } catch {
      /* it is said when something is asked for */
    }
    busy = false;
  };
  setInterval(look, 6000);
  document.addEventListener("visibilitychange", look);
}

let whole = false;
async function news() {
  if (!whole) {
    try {
      return await get(`/api/log?since=${seen}`);
    } catch (error) {
      if (error.status !== 404) throw error;
      whole = true;
    }
  }
  return get("/api/season");
}

/* The top bar */

function whoami() {
  for (const place of all("[data-who]")) {
    put(place, me() ? `${me()}` : "Your name…");
    place.setAttribute("aria-label", me() ? `You are ${me()}: change the name` : "Say your name");
  }
}

/** Buttons that every page's bar ends with: who one is, and the keys. */
export function ends(season) {
  if (!me() && season.who) call(season.who);
  const who = h("button", { type: "button", class: "bare", "data-who": true, on: { click: async () => {
    const given = await ask("Whose decisions are these?", h("label", {}, "Your name", h("input", { name: "who", value: me(), required: true, maxlength: 80 })));
    if (given) { call(given.who); whoami(); }
  } } });
  queueMicrotask(whoami);
  return h("span", { class: "ends" }, who, h("button", { type: "button", class: "bare", "aria-label": "Keys", title: "Keys (?)", on: { click: help } }, h("kbd", {}, "?")));
}

/** What was decided, newest first, each with a way back. */
export function record(decisions, then) {
  const undone = new Map(decisions.filter((each) => each.what === "undo" && each.holds && each.undoes).map((each) => [each.undoes, each.number]));
  const rows = [...decisions].reverse().filter((each) => each.what !== "undo").map((each) => {
    const back = each.holds ? each.number : undone.get(each.number);
    return h("li", { class: each.holds ? "" : "undone" },
      h("p", {}, h("b", {}, each.who), " ", each.words, each.why ? h("q", {}, each.why) : null, each.unmet ? h("span", { class: "strain" }, `Could not be obeyed: ${each.unmet}`) : null),
      h("p", { class: "soft" }, when(each.at), each.trailer ? `, ${each.trailer}` : "", each.holds ? "" : ", taken back"),
      back ? h("button", { type: "button", class: "bare", "aria-label": `${each.holds ? "Undo" : "Redo"}: ${each.words}`, on: { click: async () => { if (await decide("undo", { number: back })) then(); } } }, icon("undo"), each.holds ? "Undo" : "Redo") : null);
  });
  return rows.length ? h("ol", { class: "record" }, rows) : h("p", { class: "soft empty" }, "Nothing was decided yet.");
}

const when = (at) => {
  const seconds = Math.max(0, (Date.now() - Date.parse(at)) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)} h ago` : new Date(at).toLocaleDateString();
};

/** The package for a platform. */
export async function hand(season) {
  const files = season.segments.flatMap((segment) => segment.variants);
  const approved = files.filter((each) => each.state === "approved").length;
  const given = await ask("Export the A/B package", [
    h("p", {}, `${approved} of ${files.length} files ${approved === 1 ? "is" : "are"} approved. Only approved files go out; a draft holds all of them and says so in its names and its manifest.`),
    h("label", {}, "Platform", h("select", { name: "platform" }, season.platforms.map((each) => h("option", { value: each }, each)))),
    h("label", { class: "tick" }, h("input", { type: "checkbox", name: "draft", checked: approved === 0 }), "As a draft"),
  ], { ok: "Export" });
  if (!given) return;
  await attempt(async () => {
    const job = await show(await post("/api/export", { platform: given.platform, draft: given.draft === "on" }));
    say(`The package lies in ${job.result?.folder || "the season's folder"}.`, { seconds: 20 });
  });
}
