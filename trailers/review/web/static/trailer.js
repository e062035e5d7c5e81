/* One trailer: its player and strip, and everything that can be decided about it. */
import { badge, colour, h, icon, one, put, ratio } from "./dom.js";
import { get, part, post } from "./api.js";
import { ask, attempt, decide, ends, follow, hand, hush, keys, listen, record, resume, saw, say, show, sorry, takeBack } from "./shell.js";
import { code, perSecond } from "./frames.js";
import { Player } from "./player.js";
import { Strip } from "./strip.js";
import { curve } from "./curve.js";
import { swap } from "./swap.js";
import { briefPanel, clipPanel, cutPanel, never, remarksOf, remarksPanel, wordsPanel } from "./panels.js";

const PICTURE = new Set(["veto", "replace", "trim", "move", "crop", "say", "recard", "weigh", "hide", "adopt", "undo"]);
const TABS = [["clip", "Clip"], ["brief", "Brief"], ["words", "Words"], ["remarks", "Remarks"], ["cut", "File"], ["log", "Log"]];
const main = one("#main");
const top = one("#top");
const query = new URLSearchParams(location.search);
const name = decodeURIComponent(location.pathname.split("/").slice(2).join("/"));

let season = null;
let player = null;
let strip = null;
let graph = null;
let seen = null; // a preview that is shown in place of the file: {video, act, words}
let looking = null; // a preview that is being made
let opened = null; // the panel for swapping
const brief = { words: "", changes: [], unread: [], told: "" };

/** What the panels read and may ask of this page. */
const page = {
  trailer: null, variant: null, clip: null, frame: 0, rate: 24, shape: query.get("shape") || "", draft: null, opened: "", remark: "",
  tab: query.get("tab") || "clip", pinned: null,
  go: (frame) => player.seek(frame),
  pin: (number) => { page.pinned = number; },
  draw: () => panel(),
  openSwap: () => openSwap(),
  veto: () => veto(),
  hold: (held) => hold(held),
  commit: (what, act, more) => commit(what, act, more),
  preview: () => tryOut(page.draft),
  keep: () => keep(),
  reshape: (shape) => reshape(shape),
  approveAll: () => settleAll(),
};

const language = () => page.trailer?.language ?? query.get("language") ?? "";
const names = () => season.segments.flatMap((segment) => segment.trailers);

async function load(at = null) {
  const wanted = query.get("language") || "";
  const [whole, trailer] = await Promise.all([get("/api/season"), get(`/api/trailer/${part(name)}${wanted ? `?language=${encodeURIComponent(wanted)}` : ""}`)]);
  season = whole;
  page.trailer = trailer;
  page.rate = perSecond(trailer.rate);
  saw(Math.min(whole.log, trailer.log));
  const shapes = shapesOf();
  if (!shapes.includes(page.shape)) page.shape = shapes[0] || "";
  pick();
  if (!player) build();
  else player.frames = trailer.frames;
  draw();
  if (at !== null) player.seek(at);
}

const shapesOf = () => [...new Set(page.trailer.variants.map((each) => each.shape))];
const languagesOf = () => [...new Set(season.segments.flatMap((segment) => segment.variants).filter((each) => each.trailer === name).map((each) => each.language))];
function pick() {
  const found = page.trailer.variants.filter((each) => each.shape === page.shape);
  page.variant = found.find((each) => each.language === (query.get("language") || page.trailer.language)) || found[0] || null;
}

function build() {
  player = new Player({ rate: page.rate, frames: page.trailer.frames, label: `${page.trailer.title}, ${page.trailer.seconds} seconds` });
  strip = new Strip({ rate: page.rate, label: "Clips, in order" });
  player.addEventListener("frame", (event) => moved(event.detail));
  player.addEventListener("sought", (event) => moved(event.detail));
  player.addEventListener("clip", (event) => beside(event.detail));
  player.addEventListener("loop", () => loop());
  strip.addEventListener("clip", (event) => choose(event.detail));
  strip.addEventListener("frame", (event) => { page.pin(null); player.seek(event.detail); });
  strip.addEventListener("remark", (event) => {
    const remark = page.trailer.decisions.find((each) => each.number === event.detail);
    if (remark) { player.seek(remark.frame); tab("remarks"); }
  });
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "What to look at" }, TABS.map(([id, words]) => h("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": "panel", on: { click: () => { tab(id); hush(); } } }, words)));
  tabs.dataset.arrows = "";
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = (TABS.findIndex(([id]) => id === page.tab) + step + TABS.length) % TABS.length;
    tab(TABS[at][0]);
    one(`#tab-${TABS[at][0]}`).focus();
  });
  put(main, h("div", { class: "stage" }, h("div", { id: "trying", class: "trying", hidden: true }), player.element),
    h("div", { class: "under" }, strip.element, h("div", { id: "curve" })),
    h("aside", { class: "side", "aria-label": "Beside the player" }, tabs, h("div", { id: "panel", class: "panel", role: "tabpanel", tabindex: 0 })));
  main.setAttribute("aria-busy", "false");
}

function draw() {
  const { trailer } = page;
  document.title = `${trailer.title}, ${trailer.seconds} s: ${season.title}`;
  main.style.setProperty("--own", colour(season.segments.map((each) => each.id), trailer.segment));
  bar();
  strip.draw({ clips: trailer.clips, cards: trailer.cards, captions: trailer.captions, frames: trailer.frames, remarks: remarksOf(trailer) });
  graph = curve({ points: trailer.curve, clips: trailer.clips, episodes: season.episodes, chosen: choose });
  put(one("#curve"), trailer.curve.length || trailer.clips.length ? graph.element : null);
  source();
  moved(player.frame, true);
}

/** The file that the player shows: a preview where there is one, else the rendered file. */
function source() {
  const { variant } = page;
  const address = seen ? seen.video : variant?.video || "";
  player.load(address, { captions: seen ? seen.captions || "" : variant?.captions || "", poster: variant?.poster || "", size: variant?.size });
  strip.source = address;
  const place = one("#trying");
  const stale = !seen && variant?.state === "changed";
  place.hidden = !seen && !looking && !stale;
  place.className = `trying${seen?.act || looking?.act ? " open" : ""}`;
  const cancel = () => { stop(); source(); };
  if (looking) put(place, h("span", { class: "spin", "aria-hidden": "true" }), h("span", { role: "status" }, looking.label), h("button", { type: "button", class: "bare", on: { click: cancel } }, "Cancel"));
  else if (seen?.act) put(place, icon("eye"), h("span", { role: "status" }, `Trying: ${seen.words}`), h("button", { type: "button", class: "main", on: { click: () => keep() } }, "Keep it", h("kbd", {}, "U")), h("button", { type: "button", on: { click: back } }, "Back", h("kbd", {}, "Esc")), seen.told ? h("small", { class: "soft told-of" }, seen.told) : null);
  else if (seen) put(place, icon("eye"), h("span", { role: "status" }, "A preview of the cut as it is now"), h("button", { type: "button", class: "bare", on: { click: () => { seen = null; source(); } } }, "Show the old file"));
  else put(place, icon("changed"), h("span", { role: "status" }, variant?.video ? "This file is older than the cut" : "Not rendered yet"), h("button", { type: "button", on: { click: () => tryOut(null) } }, "Preview", h("kbd", {}, "P")));
}

function bar() {
  const { trailer, variant } = page;
  const segment = season.segments.find((each) => each.id === trailer.segment);
  const link = (to, words, now) => h("a", { class: "button", href: `/trailer/${part(to)}?shape=${encodeURIComponent(page.shape)}${language() ? `&language=${encodeURIComponent(language())}` : ""}`, "aria-current": now ? "page" : null }, words);
  const lengthOf = (each) => season.segments.flatMap((one) => one.variants).find((file) => file.trailer === each)?.seconds;
  const languages = languagesOf();
  const state = variant?.state;
  put(top, h("a", { class: "button bare", href: "/", "aria-label": "Back to the season", title: "Back to the season" }, icon("back")),
    h("div", { class: "titles" }, h("h1", {}, trailer.title), h("p", { class: "soft" }, season.title)),
    h("nav", { class: "choosers", "aria-label": "Other files" },
      segment && segment.trailers.length > 1 ? h("div", { class: "segmented" }, segment.trailers.map((each) => link(each, `${lengthOf(each) ?? each} s`, each === name))) : null,
      h("div", { class: "segmented", role: "group", "aria-label": "Shape" }, shapesOf().map((shape) => h("button", { type: "button", "aria-pressed": String(shape === page.shape), "data-keep": `shape-${shape}`, on: { click: () => reshape(shape) } }, ratio(shape)))),
      languages.length > 1 ? h("select", { "aria-label": "Language", "data-keep": "language", on: { change: (event) => { query.set("language", event.target.value); history.replaceState(null, "", `?${query}`); seen = null; attempt(() => load(player.frame)); } } }, languages.map((each) => h("option", { value: each, selected: each === language() }, each || "none"))) : null,
      h("button", { type: "button", "data-keep": "compare", on: { click: compare } }, "Compare…")),
    h("span", { class: "gap" }), state ? badge(state, state === "failed" ? `${variant.failed.length} failed` : "") : null,
    state === "changed" ? h("button", { type: "button", class: "main", "data-keep": "settle", on: { click: render } }, "Render") :
      h("button", { type: "button", class: "yes", "data-keep": "settle", title: "Shift A", disabled: state === "approved" || state === "failed" || !variant?.sha256, on: { click: () => settle("approve") } }, state === "approved" ? "Approved" : "Approve"),
    h("button", { type: "button", class: "no", "data-keep": "reject", title: "Shift R", disabled: !variant?.sha256, on: { click: () => settle("reject") } }, "Reject"),
    h("button", { type: "button", "data-keep": "export", on: { click: () => hand(season) } }, "Export…"), ends(season));
}

function reshape(shape) {
  const stood = player.frame;
  stop();
  page.shape = shape;
  query.set("shape", shape);
  history.replaceState(null, "", `?${query}`);
  const was = seen;
  seen = null;
  page.draft = null;
  pick();
  draw();
  player.seek(stood);
  if (was) tryOut(was.act ? was : null);
}

/** The player stands at another frame: the strip, the curve and the panel follow. */
function moved(frame, anew = false) {
  page.frame = frame;
  const under = page.trailer.clips.find((each) => frame >= each.start && frame < each.stop) || null;
  const clip = page.pinned ? page.trailer.clips.find((each) => each.number === page.pinned) || under : under;
  strip.mark(frame, clip?.number ?? null);
  graph.mark(clip?.number ?? null);
  const clock = one("[data-clock]");
  if (clock) clock.textContent = `at ${code(frame, page.rate)}`;
  const same = clip?.number === page.clip?.number;
  page.clip = clip;
  if (player.looped && !same && clip) loop(true);
  if (anew || (!same && page.tab === "clip" && !opened)) panel();
}

function panel() {
  for (const [id] of TABS) {
    const tabbed = one(`#tab-${id}`);
    tabbed.setAttribute("aria-selected", String(id === page.tab));
    tabbed.tabIndex = id === page.tab ? 0 : -1;
  }
  const place = one("#panel");
  const remarks = remarksOf(page.trailer).length;
  one("#tab-remarks").textContent = remarks ? `Remarks ${remarks}` : "Remarks";
  if (opened) return;
  place.setAttribute("aria-labelledby", `tab-${page.tab}`);
  if (page.tab === "clip") clipPanel(place, page);
  else if (page.tab === "brief") briefPanel(place, page, brief);
  else if (page.tab === "words") wordsPanel(place, page);
  else if (page.tab === "remarks") remarksPanel(place, page);
  else if (page.tab === "cut") cutPanel(place, page);
  else put(place, h("h2", {}, "Decisions"), record(page.trailer.decisions, () => changed(true)));
}

function tab(id) {
  if (opened) closeSwap();
  page.tab = id;
  query.set("tab", id);
  history.replaceState(null, "", `?${query}`);
  panel();
}

function choose(number) {
  const clip = page.trailer.clips.find((each) => each.number === number);
  if (!clip) return;
  page.pin(null);
  page.draft = null;
  if (opened && opened.number !== number) closeSwap();
  player.until = null;
  player.seek(clip.start);
}

function beside(step) {
  const places = [...page.trailer.clips, ...page.trailer.cards.filter((card) => card.kind !== "lower")].map((each) => each.start).sort((a, b) => a - b);
  const frame = player.frame;
  const to = step > 0 ? places.find((each) => each > frame) : places.filter((each) => each < frame - (player.playing ? 12 : 0)).pop();
  page.pin(null);
  if (to !== undefined) player.seek(to);
}

function loop(on = !player.looped) {
  player.loop(on && page.clip ? [page.clip.start, page.clip.stop] : null);
}

/* Previews */

function stop() {
  if (looking?.id) post(`/api/jobs/${encodeURIComponent(looking.id)}/cancel`).catch(() => {});
  looking = null;
}

/** A preview of the cut as it is now, or with one more act that is not decided yet. */
async function tryOut(draft, around = page.clip) {
  stop();
  const mine = { id: "", label: "Previewing…", act: draft };
  looking = mine;
  source();
  const acts = draft?.act ? [{ what: draft.what, act: draft.act }] : [];
  try {
    const job = await post("/api/preview", { trailer: name, shape: page.shape, language: language(), acts });
    mine.id = job.id;
    if (looking !== mine) {
      post(`/api/jobs/${encodeURIComponent(job.id)}/cancel`).catch(() => {});
      return;
    }
    const ended = await follow(job, (now) => {
      const words = now.total ? `Previewing… ${now.done} of ${now.total}` : "Previewing…";
      if (looking === mine && words !== mine.label) { mine.label = words; source(); }
    });
    if (looking !== mine) return;
    looking = null;
    seen = { video: ended.result?.video || "", captions: ended.result?.captions || "", what: draft?.what, act: draft?.act || null, words: draft?.words || "", told: ended.result?.words || "" };
    source();
    if (around) {
      player.video.addEventListener("loadedmetadata", () => player.span(Math.max(0, around.start - Math.round(page.rate)), around.stop + Math.round(page.rate)), { once: true });
      if (player.video.readyState >= 1) player.span(Math.max(0, around.start - Math.round(page.rate)), around.stop + Math.round(page.rate));
    }
  } catch (error) {
    if (looking === mine) { looking = null; source(); }
    if (!error.cancelled) sorry(error);
  }
}

function back() {
  const stood = player.frame;
  stop();
  seen = null;
  page.draft = null;
  page.pin(opened ? opened.number : null);
  source();
  player.seek(stood);
  panel();
}

/** Decides what is tried, or what the panel holds. */
async function keep() {
  const draft = seen?.act ? seen : page.draft;
  if (draft) await commit(draft.what, draft.act, { ready: seen?.act === draft.act ? seen : null });
}

/* Decisions */

/** Writes a decision down and shows what it made of the cut; `ready` is a preview that shows just that. */
async function commit(what, act, { why = "", picture = PICTURE.has(what), ready = null } = {}) {
  const answer = await decide(what, act, why, { quiet: ["comment", "approve", "reject"].includes(what) });
  if (!answer) return undefined;
  page.draft = null;
  page.pin(null);
  if (picture) {
    stop();
    seen = ready ? { ...ready, act: null } : null;
    if (opened) closeSwap();
  }
  const stood = player.frame;
  await attempt(() => load());
  if (picture && !seen && page.variant?.state === "changed") tryOut(null, page.trailer.clips.find((each) => stood >= each.start && stood < each.stop));
  return answer;
}

/** Something was decided: by others, or by a way back. */
async function changed(picture) {
  if (picture) seen = null;
  await attempt(() => load());
  if (picture && page.variant?.state === "changed") tryOut(null);
}

async function veto() {
  if (!page.clip) return say("A card stands here: no shot to leave out.");
  player.stop();
  const given = await never(page.clip, page.trailer.segment);
  if (given) await commit(given[0], given[1], { why: given[2] });
  return undefined;
}

function hold(held = page.clip && page.trailer.decisions.filter((each) => each.holds && each.what === "lock" && each.shot === page.clip.shot && each.trailer === name).pop()) {
  if (!page.clip) return undefined;
  if (page.clip.locked && held) return commit("undo", { number: held.number }, { picture: false });
  if (page.clip.locked) return say("It is held by the season's own rules.");
  return commit("lock", { trailer: name, shot: page.clip.shot }, { picture: false });
}

function openSwap() {
  if (!page.clip) return say("A card stands here: no clip to swap.");
  const { clip } = page;
  if (clip.locked) return say("This clip is held: let it go first (H).");
  player.stop();
  page.pin(clip.number);
  opened = { number: clip.number, ...swap({ trailer: name, clip,
    tried: (shot) => tryOut(replacing(clip, shot), clip),
    used: (shot) => commit("replace", replacing(clip, shot).act, { ready: seen?.act && seen.act.by === shot.shot ? seen : null }),
    closed: () => { back(); closeSwap(); one("#panel [data-keep=swap]")?.focus(); } }) };
  put(one("#panel"), opened.element);
  opened.focus();
  return undefined;
}

const replacing = (clip, shot) => ({ what: "replace", words: `${shot.source} as clip ${clip.number}`, act: { trailer: name, shot: clip.shot, by: shot.shot, start: shot.start, stop: shot.stop } });

function closeSwap() {
  opened = null;
  page.pin(null);
  panel();
}

async function settle(what) {
  const { variant } = page;
  if (!variant?.sha256) return say("There is no file to decide on yet: render it first.", { bad: true });
  if (what === "approve" && variant.state === "changed") return say("The cut was changed since this file was rendered: render it first.", { bad: true });
  if (what === "approve" && variant.state === "failed") return say(`It failed its checks and cannot be approved: ${variant.failed.join("; ")}.`, { bad: true });
  let why = "";
  if (what === "reject") {
    const given = await ask("Reject this file", h("label", {}, "Why", h("textarea", { name: "why", rows: 3, maxlength: 2000 })), { ok: "Reject" });
    if (!given) return undefined;
    why = given.why;
  }
  const answer = await commit(what, { variant: variant.id, sha256: variant.sha256 }, { why, picture: false });
  if (answer) say(what === "approve" ? "Approved: these very bytes may go out." : "Rejected.", { seconds: 20, acts: [takeBack(answer.decision), ["Next that waits", waiting]] });
  return answer;
}

/** The next file of the season that waits for a decision. */
function waiting() {
  const given = season.segments.flatMap((segment) => segment.variants);
  const at = given.findIndex((each) => each.id === page.variant?.id);
  const next = [...given.slice(at + 1), ...given.slice(0, Math.max(0, at))].find((each) => each.state === "draft");
  if (!next) return say("No other file waits for a decision.");
  return location.assign(`/trailer/${part(next.trailer)}?shape=${encodeURIComponent(next.shape)}&language=${encodeURIComponent(next.language)}`);
}

/** All files of this cut that passed their checks. */
async function settleAll() {
  const open = page.trailer.variants.filter((each) => each.sha256 && each.state === "draft");
  if (!open.length) return say("No file of this cut waits for a decision.");
  const sure = await ask(`Approve ${open.length} files of this cut?`, h("ul", {}, open.map((each) => h("li", {}, `${ratio(each.shape)}${each.language ? `, ${each.language}` : ""}`))), { ok: "Approve", kind: "yes" });
  if (!sure) return undefined;
  for (const each of open) await decide("approve", { variant: each.id, sha256: each.sha256 }, "", { quiet: true });
  await attempt(() => load());
  say(`${open.length} files approved.`);
  return undefined;
}

const render = () => attempt(async () => {
  stop();
  source();
  await show(await post("/api/render", { trailers: [name] }));
  seen = null;
  const stood = player.frame;
  player.load("");
  await load(stood);
  say("Rendered and checked.");
});

async function undo() {
  const last = page.trailer.decisions.filter((each) => each.holds && each.what !== "undo").pop();
  if (!last) return say("There is nothing to undo.");
  return commit("undo", { number: last.number });
}

async function compare() {
  const others = season.segments.flatMap((segment) => segment.trailers.filter((each) => each !== name).map((each) => [each, segment.name]));
  const given = await ask("Compare with", h("label", {}, "Trailer", h("select", { name: "other" }, others.map(([each, words]) => h("option", { value: each }, `${words}: ${each}`)))), { ok: "Compare" });
  if (given) location.assign(`/compare/${part(name)}/${part(given.other)}?shape=${encodeURIComponent(page.shape)}`);
}

function edge(which) {
  const { clip } = page;
  if (!clip) return;
  const frame = player.frame;
  const act = page.draft?.what === "trim" && page.draft.act.shot === clip.shot ? { ...page.draft.act } : { trailer: name, shot: clip.shot, head: 0, tail: 0 };
  if (which === "head") act.head = Math.max(-clip.room[0], frame - clip.start);
  else act.tail = Math.min(clip.room[1], frame + 1 - clip.stop);
  page.draft = { what: "trim", act, words: `clip ${clip.number} trimmed` };
  page.opened = "trim";
  page.pin(clip.number);
  if (page.tab === "clip") panel();
  else tab("clip");
}

function otherTrailer(step) {
  const given = names();
  const to = given[(given.indexOf(name) + step + given.length) % given.length];
  if (to && to !== name) location.assign(`/trailer/${part(to)}?shape=${encodeURIComponent(page.shape)}`);
}

let typed = "";
let typedAt = 0;
function digit(number) {
  const now = performance.now();
  const both = now - typedAt < 700 ? typed + number : number;
  typed = page.trailer.clips.some((each) => each.number === Number(both)) ? both : number;
  typedAt = now;
  choose(Number(typed));
}

function remark() {
  player.stop();
  tab("remarks");
  one("[data-keep=remark]")?.focus();
}

keys("Player", [
  ["Space / k", "play, pause", () => player?.toggle()],
  ["l", "play; again: faster", () => player?.shuttle(1)],
  ["j", "play backwards; again: faster", () => player?.shuttle(-1)],
  ["ArrowLeft", "a frame back", () => player?.step(-1)],
  ["ArrowRight", "a frame on", () => player?.step(1)],
  ["Shift+ArrowLeft", "a second back", () => player?.step(-Math.round(page.rate))],
  ["Shift+ArrowRight", "a second on", () => player?.step(Math.round(page.rate))],
  ["ArrowUp", "the clip before", () => beside(-1)],
  ["ArrowDown", "the next clip", () => beside(1)],
  ["1 / 2 / 3 / 4 / 5 / 6 / 7 / 8 / 9", "a clip by its number; 1 2 for the twelfth", (event) => digit(event.key)],
  ["0", "", (event) => digit(event.key)],
  ["Home", "the beginning", () => player?.seek(0)],
  ["End", "the end", () => player?.seek(page.trailer.frames - 1)],
  ["o", "loop this clip", () => loop()],
  ["m", "mute", () => player?.mute()],
  ["t", "captions", () => player?.caption()],
  ["f", "full screen", () => player?.fill()],
]);
keys("This clip", [
  ["s / /", "swap it: type words, or ↓ to the shots", () => openSwap()],
  ["v", "never show it", () => veto()],
  ["h", "hold it in place, let it go", () => hold()],
  ["[", "it begins here", () => edge("head")],
  ["]", "it ends here", () => edge("tail")],
  ["p", "preview", () => tryOut(page.draft)],
  ["u", "keep what is tried", () => keep()],
  ["Escape", "back from what is tried", () => { if (seen?.act || looking || page.draft) back(); else if (opened) closeSwap(); }],
]);
keys("This trailer", [
  ["Shift+a", "approve this file", () => settle("approve")],
  ["Shift+r", "reject it", () => settle("reject")],
  ["Shift+y", "approve all files of this cut", () => settleAll()],
  ["z", "undo the last decision", () => undo()],
  ["n", "a remark on this frame", () => remark()],
  ["b", "a brief in words", () => { tab("brief"); one("[data-keep=brief-words]")?.focus(); }],
  ["c", "compare", () => compare()],
  ["x", "export", () => hand(season)],
  ["w", "the next file that waits for a decision", () => waiting()],
  [", / .", "the trailer before, the next one", (event) => otherTrailer(event.key === "," ? -1 : 1)],
  ["g", "the season", () => location.assign("/")],
]);

load().then(() => {
  listen((found) => changed(found.some((each) => PICTURE.has(each.what) && ["", name, page.trailer.segment].includes(each.trailer))));
  resume(() => attempt(() => load(player.frame)));
}).catch((error) => { put(main, h("p", { class: "wait" }, error.message, " ", h("a", { href: "/" }, "To the season"))); sorry(error); });
