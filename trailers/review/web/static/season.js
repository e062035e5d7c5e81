/* A season at a glance: segments, lengths, shapes; what is to be decided. */
import { all, colour, h, icon, one, put, ratio, STATES } from "./dom.js";
import { get, part, post } from "./api.js";
import { ask, attempt, decide, ends, hand, keys, listen, record, resume, roam, saw, say, show, sorry } from "./shell.js";

const main = one("#main");
const top = one("#top");
const filter = { state: "", language: "" };
let season = null;
let paired = "";

const files = () => season.segments.flatMap((segment) => segment.variants);
const lengths = (segment) => segment.trailers.map((trailer) => [trailer, segment.variants.filter((each) => each.trailer === trailer)]);
const address = (variant) => `/trailer/${part(variant.trailer)}?shape=${encodeURIComponent(variant.shape)}&language=${encodeURIComponent(variant.language)}`;

function bar() {
  const changed = [...new Set(files().filter((each) => each.state === "changed").map((each) => each.trailer))];
  put(top, h("div", { class: "titles" }, h("h1", {}, season.title), h("p", { class: "soft" }, `${season.segments.length} segments, ${files().length} files`)),
    h("span", { class: "gap" }),
    changed.length ? h("button", { type: "button", "data-keep": "render", on: { click: () => render(changed) } }, icon("changed"), `Render ${changed.length} changed`) : null,
    h("button", { type: "button", "data-keep": "log", on: { click: log } }, "Decisions"),
    h("button", { type: "button", class: "main", "data-keep": "export", on: { click: () => hand(season) } }, "Export…"), ends(season));
}

function tally() {
  const counts = Object.keys(STATES).map((state) => [state, files().filter((each) => each.state === state).length]).filter(([state, count]) => count || state === "draft" || state === "approved");
  const button = (state, inside, words) => h("button", { type: "button", "aria-pressed": String(filter.state === state), "data-keep": `tally-${state}`, "aria-label": words,
    on: { click: () => { filter.state = filter.state === state ? "" : state; draw(); } } }, inside);
  const languages = [...new Set(files().map((each) => each.language))];
  return h("div", { class: "tally", role: "group", "aria-label": "Show files by state" },
    button("", [h("b", { class: "figure" }, files().length), "all"], `all files, ${files().length}`),
    counts.map(([state, count]) => button(state, [h("span", { class: `sign ${state}` }, icon(state)), h("b", { class: "figure" }, count), STATES[state]], `${STATES[state]}: ${count} files`)),
    languages.length > 1 ? h("label", { class: "pick" }, "Language ", h("select", { "data-keep": "language", on: { change: (event) => { filter.language = event.target.value; draw(); } } },
      h("option", { value: "" }, "all"), languages.map((each) => h("option", { value: each, selected: each === filter.language }, each || "none")))) : null);
}

function cell(variant) {
  const words = `${variant.segment}, ${variant.seconds} seconds, ${ratio(variant.shape)}${variant.language ? `, ${variant.language}` : ""}: ${STATES[variant.state] || variant.state}`;
  return h("li", {}, h("a", { class: `cell ${variant.state}`, href: address(variant), "data-id": variant.id, "aria-label": words, title: [variant.id, ...variant.failed, variant.why].filter(Boolean).join("\n"), style: { "--w": variant.size[0], "--h": variant.size[1] },
    on: { pointerenter: glimpse, pointerleave: unglimpse, focus: glimpse, blur: unglimpse } },
    h("span", { class: "poster" }, variant.poster ? h("img", { src: variant.poster, alt: "", loading: "lazy", decoding: "async", width: 160, height: 90 }) : null),
    h("span", { class: "under" }, h("span", { class: `sign ${variant.state}` }, icon(variant.state)), ratio(variant.shape), variant.language && languagesMatter() ? ` ${variant.language}` : "")));
}

const languagesMatter = () => new Set(files().map((each) => each.language)).size > 1;

/* One small player that moves to the file that is looked at: sixty of them would be heavy. */
const moving = h("video", { class: "moving", muted: true, playsinline: true, preload: "none", loop: true, tabindex: -1, "aria-hidden": "true" });
let soon = 0;
function glimpse(event) {
  const place = one(".poster", event.currentTarget);
  const variant = files().find((each) => each.id === event.currentTarget.dataset.id);
  clearTimeout(soon);
  if (!variant?.video || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  soon = setTimeout(() => {
    place.append(moving);
    moving.muted = true;
    moving.setAttribute("src", variant.video);
    moving.play().catch(() => {});
  }, 250);
}
function unglimpse() {
  clearTimeout(soon);
  moving.pause();
  moving.removeAttribute("src");
  moving.remove();
}

function row(segment) {
  const kept = (variant) => (!filter.state || variant.state === filter.state) && (!filter.language || variant.language === filter.language);
  const groups = lengths(segment).map(([trailer, found]) => [trailer, found.filter(kept)]).filter(([, found]) => found.length);
  if (!groups.length) return null;
  const failed = segment.variants.filter((each) => each.failed.length);
  return h("section", { class: "row", "aria-labelledby": `s-${segment.id}`, style: { "--own": colour(season.segments.map((each) => each.id), segment.id) } },
    h("div", { class: "about" },
      h("h2", { id: `s-${segment.id}` }, segment.name),
      h("p", { class: "soft" }, `${segment.viewers.toLocaleString("en-GB")} viewers`),
      segment.why.length ? h("ul", { class: "chips" }, segment.why.map((why) => h("li", {}, why))) : null,
      segment.apart.length ? h("p", { class: "soft apart" }, "Shows ", segment.apart.slice(0, 3).map(([word, more], at) => [at ? ", " : "", more < 0 ? "less " : "more ", word])) : null,
      failed.map((each) => h("p", { class: "strain" }, `${ratio(each.shape)}, ${each.seconds} s: ${each.failed.join("; ")}`)),
      segment.notes.map((note) => h("p", { class: "soft" }, note))),
    h("div", { class: "groups" }, groups.map(([trailer, found]) => h("div", { class: "group" },
      h("h3", {}, h("a", { href: address(found[0]) }, `${found[0].seconds} s`),
        h("button", { type: "button", class: "bare", "data-pair": trailer, "data-keep": `pair-${trailer}`, "aria-pressed": String(paired === trailer), "aria-label": `Compare ${trailer} with another`, on: { click: () => pair(trailer) } }, paired === trailer ? "…with?" : "Compare")),
      h("ul", { class: "cells" }, found.map(cell))))));
}

function pair(trailer) {
  if (paired && paired !== trailer) {
    location.assign(`/compare/${part(paired)}/${part(trailer)}`);
    return;
  }
  paired = paired === trailer ? "" : trailer;
  if (paired) say(`${trailer}, and which other? Press Compare (C) on it.`);
  draw();
}

function draw() {
  document.title = `${season.title}: trailers to review`;
  const held = document.activeElement?.dataset?.id;
  bar();
  const rows = season.segments.map(row).filter(Boolean);
  put(main, tally(), rows.length ? rows : h("p", { class: "soft empty" }, "No file is in this state."), h("footer", { class: "foot" },
    season.facts.map(([name, figure]) => h("span", {}, h("b", {}, figure), ` ${name}`)), season.notes.map((note) => h("p", { class: "soft" }, note))));
  main.setAttribute("aria-busy", "false");
  const cells = all(".cell");
  cells.forEach((each, at) => { each.tabIndex = at ? -1 : 0; });
  const again = held && cells.find((each) => each.dataset.id === held);
  if (again) { cells[0].tabIndex = -1; again.tabIndex = 0; again.focus(); }
}

async function load() {
  season = await get("/api/season");
  saw(season.log);
  draw();
}

function log() {
  const box = h("dialog", { class: "wide", "aria-labelledby": "decided" });
  const fill = () => put(box, h("div", {}, h("h2", { id: "decided" }, "Decisions"), record(season.decisions, async () => { await load(); fill(); }),
    h("div", { class: "row" }, h("button", { type: "button", class: "main", on: { click: () => box.close() } }, "Close"))));
  fill();
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}

const render = (trailers) => attempt(async () => {
  await show(await post("/api/render", { trailers }));
  await load();
  say("Rendered and checked.");
});

const chosen = () => files().find((each) => each.id === document.activeElement?.dataset?.id);
async function settle(what) {
  const variant = chosen();
  if (!variant) return say("Choose a file first: the arrows move among them.");
  if (!variant.sha256) return say("There is no file to decide on yet: render it first.", { bad: true });
  let why = "";
  if (what === "reject") {
    const given = await ask("Reject this file", h("label", {}, "Why", h("textarea", { name: "why", rows: 3, maxlength: 2000 })), { ok: "Reject", kind: "main" });
    if (!given) return undefined;
    why = given.why;
  } else if (variant.state === "failed") return say(`It failed its checks and cannot be approved: ${variant.failed.join("; ")}.`, { bad: true });
  else if (variant.state === "changed") return say("It was changed since it was rendered: render it first.", { bad: true });
  if (await decide(what, { variant: variant.id, sha256: variant.sha256 }, why)) await attempt(load);
  return undefined;
}

/* Up and down go to the file that stands there on the screen. */
main.addEventListener("keydown", (event) => {
  const from = event.target.closest?.(".cell");
  if (!from || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  const down = event.key === "ArrowDown" ? 1 : -1;
  const box = from.getBoundingClientRect();
  const middle = (rect) => rect.left + rect.width / 2;
  const beyond = all(".cell").map((each) => [each, each.getBoundingClientRect()]).filter(([, rect]) => down * (rect.top - box.top) > 8);
  event.preventDefault();
  event.stopPropagation();
  if (!beyond.length) return;
  const line = beyond.reduce((best, [, rect]) => (down * (rect.top - best) < 0 ? rect.top : best), beyond[0][1].top);
  const [next] = beyond.filter(([, rect]) => Math.abs(rect.top - line) < 8).sort(([, a], [, b]) => Math.abs(middle(a) - middle(box)) - Math.abs(middle(b) - middle(box)))[0];
  all(".cell").forEach((each) => { each.tabIndex = each === next ? 0 : -1; });
  next.focus();
}, true);
roam(main, ".cell");
delete main.dataset.arrows;

const first = () => { const cell = one(".cell[tabindex='0']") || one(".cell"); cell?.focus(); };
keys("Files", [
  ["ArrowLeft / ArrowRight / ArrowUp / ArrowDown", "move among the files", first],
  ["Enter", "open the file", null],
  ["Shift+a", "approve it", () => settle("approve")],
  ["Shift+r", "reject it", () => settle("reject")],
  ["c", "compare its cut with another's", () => { const variant = chosen(); if (variant) pair(variant.trailer); }],
]);
keys("Season", [
  ["e", "export", () => season && hand(season)],
  ["d", "decisions", () => season && log()],
]);

load().then(() => { listen(() => attempt(load)); resume(() => attempt(load)); }).catch((error) => { put(main, h("p", { class: "wait" }, error.message)); sorry(error); });
