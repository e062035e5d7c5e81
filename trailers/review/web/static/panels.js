/* What stands beside the player: the clip, the brief, words, remarks, the cut. Each draws itself into the place that it is given. */
import { badge, h, icon, put, ratio, signed } from "./dom.js";
import { post } from "./api.js";
import { code, stamp } from "./frames.js";
import { ask, attempt, follow } from "./shell.js";

const button = (words, key, run, given = {}) => h("button", { type: "button", on: { click: run }, ...given }, words, key ? h("kbd", { "aria-hidden": "true" }, key) : null);
const strengths = (by) => (by === 0 ? "left as it is" : `${Math.abs(by) < 0.35 ? "a little" : Math.abs(by) < 0.7 ? "clearly" : "much"} ${by < 0 ? "less" : "more"}`);

/** Where a shot is never to be seen again; gives the decision's name and fields, or null. */
export async function never(clip, segment) {
  const choice = (value, words, more, checked = false) => h("label", { class: "choice" }, h("input", { type: "radio", name: "where", value, checked }), h("span", {}, words, h("small", { class: "soft" }, more)));
  const given = await ask(`Never show clip ${clip.number}`, [h("p", { class: "soft" }, `${clip.source}. Another shot takes its place at once; nothing else moves.`),
    h("div", { role: "radiogroup", "aria-label": "Where", class: "choices" }, choice("here", "In this segment's trailers", "of every length", true), choice("season", "In all trailers of the season", ""),
      choice("everywhere", "Everywhere", "in every season that is cut from this file"), choice("spoiler", "It gives something away", "no trailer of the season shows these frames")),
    h("label", {}, "Why (for the others)", h("input", { name: "why", maxlength: 500, autocomplete: "off" }))], { ok: "Never show it" });
  if (!given) return null;
  if (given.where === "spoiler") return ["hide", { what: `${clip.episode} ${clip.span[0]}-${clip.span[1]}` }, given.why];
  return ["veto", { shot: clip.shot, where: given.where, segment: given.where === "here" ? segment : "" }, given.why];
}

/** The clip under the playhead. */
export function clipPanel(place, page) {
  const { clip, trailer, rate, shape } = page;
  if (!clip) return put(place, h("p", { class: "soft empty" }, "A card stands here. Its words are under Words."));
  const held = trailer.decisions.filter((each) => each.holds && each.what === "lock" && each.shot === clip.shot && each.trailer === trailer.name).pop();
  const crop = clip.crops?.[ratio(shape)];
  const facts = [["act", clip.act], ["joins by", clip.joint], ["score", clip.score.toFixed(2)], ["drawn by chance", clip.propensity < 1 ? `${Math.round(100 * clip.propensity)} %` : ""], ["chosen by", clip.by]].filter(([, value]) => value);
  return put(place, h("header", { class: "clip-head" },
    h("h2", {}, `Clip ${clip.number}`, h("span", { class: "soft figure" }, ` ${stamp(clip.start, rate)} – ${stamp(clip.stop, rate)}, ${clip.stop - clip.start} frames`)),
    h("p", { class: "soft" }, clip.source)),
  h("div", { class: "actions" },
    button([icon("swap"), "Swap"], "S", page.openSwap, { "data-keep": "swap" }),
    button([icon("lock"), clip.locked ? "Held" : "Hold"], "H", () => page.hold(held), { "data-keep": "hold", "aria-pressed": String(clip.locked), title: clip.locked ? "It stays as it is whatever is solved again: let it go" : "It stays as it is whatever is solved again" }),
    button([icon("never"), "Never"], "V", page.veto, { "data-keep": "veto", class: "no" })),
  trailer.decisions.filter((each) => each.holds && each.unmet).map((each) => h("p", { class: "strain" }, `${each.who} ${each.words}: ${each.unmet}`)),
  h("p", { class: "reason" }, clip.why || "No reason was given."),
  clip.over || clip.speaks ? h("dl", { class: "because" }, clip.over ? h("div", {}, h("dt", {}, "Chosen over"), h("dd", {}, clip.over)) : null, clip.speaks ? h("div", {}, h("dt", {}, "What viewers did"), h("dd", {}, clip.speaks)) : null) : null,
  h("dl", { class: "facts" }, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
  trims(page), moves(page), crop ? crops(page, crop) : null);
}

/** Head, tail and slip in frames. */
function trims(page) {
  const { clip, trailer } = page;
  const long = clip.stop - clip.start;
  const own = page.draft?.what === "trim" && page.draft.act.shot === clip.shot ? page.draft.act : { head: 0, tail: 0 };
  const fields = {};
  const asked = () => ({ trailer: trailer.name, shot: clip.shot, head: Number(fields.head.value) || 0, tail: Number(fields.tail.value) || 0 });
  const changed = () => {
    const act = asked();
    page.draft = act.head || act.tail ? { what: "trim", act, words: `clip ${clip.number} trimmed` } : null;
    page.pin(page.draft ? clip.number : null);
    told();
  };
  const neighbour = (step) => trailer.clips.find((each) => each.number === clip.number + step);
  const told = () => {
    const { head, tail } = asked();
    const [before, after] = [neighbour(-1), neighbour(1)];
    const short = [head !== tail && head > 0 && before && head > before.room[1] ? `Clip ${before.number} has only ${before.room[1]} more frames at its end.` : "", head !== tail && tail < 0 && after && -tail > after.room[0] ? `Clip ${after.number} has only ${after.room[0]} more frames before it.` : ""].filter(Boolean);
    note.textContent = short.join(" ") || `There is room for ${clip.room[0]} frames before and ${clip.room[1]} after. The neighbour gives or takes as many.`;
    note.className = short.length ? "strain" : "soft";
    done.disabled = look.disabled = !page.draft || short.length > 0;
  };
  const note = h("p", { class: "soft", role: "status" });
  const stepper = (name, words, low, high) => {
    fields[name] = h("input", { type: "number", value: own[name], min: low, max: high, step: 1, inputmode: "numeric", "aria-label": `${words}, frames`, "data-keep": `trim-${name}`, on: { input: changed } });
    const by = (step) => () => { fields[name].value = Math.min(high, Math.max(low, Number(fields[name].value) + step)); changed(); };
    return h("div", { class: "stepper" }, h("span", { "aria-hidden": "true" }, words), button("−", "", by(-1), { "aria-label": `${words} one frame earlier` }), fields[name], button("+", "", by(1), { "aria-label": `${words} one frame later` }));
  };
  const slip = (step) => () => { for (const name of ["head", "tail"]) fields[name].value = Number(fields[name].value) + step; changed(); };
  const done = button("Keep", "", () => page.keep(), { class: "main", disabled: !page.draft });
  const look = button("Preview", "P", () => page.preview(), { disabled: !page.draft });
  const made = h("details", { class: "edit", open: Boolean(own.head || own.tail) || page.opened === "trim", on: { toggle: (event) => { if (event.target.open) page.opened = "trim"; else if (page.opened === "trim") page.opened = ""; } } }, h("summary", {}, "Trim ", h("small", { class: "soft" }, "[ and ] put its ends where the player is")),
    stepper("head", "Begins", -clip.room[0], long - 2), stepper("tail", "Ends", 2 - long, clip.room[1]),
    h("div", { class: "stepper" }, h("span", {}, "Slip"), button("−", "", slip(-1), { "aria-label": "Slip one frame earlier" }), h("small", { class: "soft" }, "both ends"), button("+", "", slip(1), { "aria-label": "Slip one frame later" })),
    note, h("div", { class: "row" }, look, done));
  told();
  return made;
}

function moves(page) {
  const { clip, trailer } = page;
  const to = h("select", { "aria-label": "Plays as number" }, trailer.clips.map((each) => h("option", { value: each.number, selected: each.number === clip.number }, String(each.number))));
  return h("details", { class: "edit" }, h("summary", {}, "Move"), h("div", { class: "stepper" }, h("span", {}, "Plays as number"), to,
    button("Move", "", () => { const number = Number(to.value); if (number !== clip.number) page.commit("move", { trailer: trailer.name, shot: clip.shot, to: number }); }, { class: "main" })));
}

/** The window of a shape over the whole picture: dragged, or by two sliders. */
function crops(page, [x, y, width]) {
  const { clip, trailer, shape } = page;
  const frame = h("div", { class: "window" });
  const now = { x, y, width };
  const place = () => {
    const half = now.width / 2;
    now.x = Math.min(1 - half, Math.max(half, now.x));
    frame.style.setProperty("left", `${100 * (now.x - half)}%`);
    frame.style.setProperty("width", `${100 * now.width}%`);
    middle.value = now.x;
    wide.value = now.width;
    page.draft = { what: "crop", act: { trailer: trailer.name, shot: clip.shot, shape: ratio(shape), x: round(now.x), y: round(now.y), width: round(now.width) }, words: `clip ${clip.number} cropped` };
    page.pin(clip.number);
  };
  const round = (value) => Math.round(value * 10000) / 10000;
  const slider = (name, low) => h("input", { type: "range", min: low, max: 1, step: 0.005, value: now[name], on: { input: (event) => { now[name] = Number(event.target.value); place(); } } });
  const middle = slider("x", 0);
  const wide = slider("width", 0.1);
  const picture = h("div", { class: "picture" }, h("img", { src: clip.thumb, alt: "", draggable: "false" }), frame);
  const drag = (event) => {
    if (!(event.buttons & 1)) return;
    const box = picture.getBoundingClientRect();
    now.x = (event.clientX - box.left) / box.width;
    place();
  };
  picture.addEventListener("pointerdown", (event) => { picture.setPointerCapture(event.pointerId); drag(event); });
  picture.addEventListener("pointermove", drag);
  frame.style.setProperty("left", `${100 * (x - width / 2)}%`);
  frame.style.setProperty("width", `${100 * width}%`);
  return h("details", { class: "edit", open: page.opened === "crop", on: { toggle: (event) => { if (event.target.open) page.opened = "crop"; } } }, h("summary", {}, `Crop in ${ratio(shape)}`), picture,
    h("label", { class: "slide" }, "Middle", middle), h("label", { class: "slide" }, "Width", wide),
    h("div", { class: "row" }, button("Preview", "P", () => page.preview()), button("Keep", "", () => page.keep(), { class: "main" })));
}

const WISHES = [
  ["Pictures and sound", "quality", [["calm", "calm pictures"], ["fast", "movement"], ["lively", "life"], ["loud", "loud moments"], ["quiet", "quiet moments"], ["bright", "light"], ["colourful", "colour"], ["face", "faces"], ["wide", "wide views"], ["spoken", "speech"], ["early", "the season's beginning"], ["late", "what comes late"]]],
  ["What the arc weighs", "weight", [["audience", "what this audience likes"], ["fit", "fit to the acts"], ["line", "whole spoken lines"], ["music", "with the music"], ["balance", "acts of their own length"], ["scene", "further scenes"], ["episode", "further episodes"], ["face", "further people"]]],
];

const HINTS = ["calmer", "a bit faster and louder", "not so much talk", "a longer ending", "nothing from the last episode"];

/** A brief in words, what was understood of it, and solving with it. `kept` lives on while the panel is drawn again. */
export function briefPanel(place, page, kept) {
  const draw = () => briefPanel(place, page, kept);
  const field = h("textarea", { rows: 2, maxlength: 500, placeholder: "calmer, more of Ana, nothing from the last episode", "aria-label": "A brief in words", "data-keep": "brief-words" });
  field.value = kept.words;
  field.addEventListener("input", () => { kept.words = field.value; });
  field.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); read(); } });
  const read = () => attempt(async () => {
    if (!kept.words.trim()) return;
    const found = await post("/api/brief", { segment: page.trailer.segment, words: kept.words.trim() });
    kept.changes = [...kept.changes.filter((each) => each.own && !found.changes.some((other) => other.what === each.what)), ...found.changes.map((each) => ({ ...each }))];
    kept.unread = found.unread;
    kept.told = found.changes.length ? "" : "Nothing of it was understood.";
    draw();
  });
  const forget = (change) => { kept.changes = kept.changes.filter((each) => each !== change); kept.told = ""; draw(); };
  const change = (each) => {
    const strength = h("small", { class: "soft" }, each.moved || each.own ? strengths(each.by) : "");
    return h("li", { class: each.by === null ? "change hard" : "change" }, h("span", {}, each.words), strength,
      each.by === null ? null : h("input", { type: "range", min: -1, max: 1, step: 0.1, value: each.by, "aria-label": `How much: ${each.words}`, on: { input: (event) => {
        each.by = Number(event.target.value);
        each.moved = true;
        strength.textContent = strengths(each.by);
      } } }),
      h("button", { type: "button", class: "bare", "aria-label": `Leave out: ${each.words}`, on: { click: () => forget(each) } }, icon("close")));
  };
  const more = h("select", { "aria-label": "Add a wish by hand", "data-keep": "brief-add", on: { change: (event) => {
    const [what, words] = event.target.value.split("|");
    if (what) { kept.changes.push({ what, by: 0.5, words, own: true }); draw(); }
  } } }, h("option", { value: "" }, "Add by hand…"), WISHES.map(([group, kind, wishes]) => h("optgroup", { label: group }, wishes.filter(([wish]) => !kept.changes.some((each) => each.what === `${kind} ${wish}`)).map(([wish, words]) => h("option", { value: `${kind} ${wish}|${words}` }, words)))));
  const asked = () => kept.changes.filter((each) => each.by !== 0).map(({ what, by }) => ({ what, by }));
  const weigh = () => attempt(async () => {
    kept.told = "Solving…";
    draw();
    try {
      const job = await follow(await post("/api/weighed", { segment: page.trailer.segment, changes: asked() }));
      kept.told = job.result?.words || "It can be solved so.";
    } catch (error) {
      kept.told = "";
      throw error;
    } finally {
      draw();
    }
  });
  const solve = async () => {
    const words = kept.words.trim() || kept.changes.map((each) => each.words).join(", ");
    if (await page.commit("weigh", { segment: page.trailer.segment, words, changes: asked() })) { Object.assign(kept, { words: "", changes: [], unread: [], told: "" }); draw(); }
  };
  put(place, h("h2", {}, "Brief"), h("p", { class: "soft" }, "What this segment's trailers should strive for, in words. Nothing is solved before you have seen what was understood."), field,
    h("div", { class: "row" }, more, button("Read it", "↵", read, { "data-keep": "brief-read" })),
    kept.unread.length ? h("p", { class: "strain" }, `Not understood: ${kept.unread.join("; ")}`) : null,
    kept.changes.length ? h("ul", { class: "changes", "aria-label": "Changes that were understood" }, kept.changes.map(change)) : null,
    kept.words || kept.changes.length ? null : h("div", { class: "hints" }, HINTS.map((words) => h("button", { type: "button", on: { click: () => { kept.words = words; draw(); read(); } } }, words))),
    h("div", { class: "told", role: "status" }, kept.told.split(/(?<=\.) (?=\d[\d.]* s: )/).filter(Boolean).map((each) => h("p", {}, each))),
    kept.changes.length ? h("div", { class: "row" }, button("What would it show?", "", weigh, { "data-keep": "brief-weigh" }), button("Solve with it", "", solve, { class: "main", "data-keep": "brief-solve" })) : null);
}

/** Captions and cards, each to be written over. */
export function wordsPanel(place, page) {
  const { trailer, rate } = page;
  const row = (at, field, save) => {
    const done = button("Save", "", save, { class: "main", hidden: true });
    field.addEventListener("input", () => { done.hidden = false; });
    field.addEventListener("keydown", (event) => { if (event.key === "Enter" && (field.tagName === "INPUT" || event.ctrlKey)) { event.preventDefault(); save(); } });
    return h("li", {}, h("button", { type: "button", class: "bare figure", "aria-label": `Go to ${stamp(at, rate)}`, on: { click: () => page.go(at) } }, stamp(at, rate)), field, done);
  };
  const language = trailer.language;
  put(place, h("h2", {}, "Words"), h("h3", {}, "Cards"), h("ul", { class: "words" }, trailer.cards.map((card) => {
    const field = h("textarea", { rows: Math.max(1, card.lines.length), maxlength: 300, "aria-label": `${card.kind} card` });
    field.value = card.lines.join("\n");
    return row(card.start, field, () => page.commit("recard", { trailer: trailer.name, kind: card.kind, lines: field.value.split("\n").map((line) => line.trim()).filter(Boolean), language }));
  })), h("h3", {}, `Captions${language ? ` (${language})` : ""}`), trailer.captions.length ? h("ul", { class: "words" }, trailer.captions.map((caption) => {
    const field = h("textarea", { rows: caption.text.split("\n").length, maxlength: 300, "aria-label": `Caption at ${stamp(caption.start, rate)}` });
    field.value = caption.text;
    return row(caption.start, field, () => page.commit("say", { trailer: trailer.name, old: caption.text, new: field.value.trim(), language }));
  })) : h("p", { class: "soft" }, "Nobody speaks in this cut."));
}

/** Remarks at frames. */
export function remarksPanel(place, page) {
  const { trailer, rate } = page;
  const field = h("textarea", { rows: 2, maxlength: 2000, placeholder: "A remark on this frame", "aria-label": "A remark on this frame", "data-keep": "remark" });
  field.value = page.remark || "";
  field.addEventListener("input", () => { page.remark = field.value; });
  const send = async () => {
    if (!field.value.trim()) return;
    if (await page.commit("comment", { trailer: trailer.name, at: page.frame, text: field.value.trim() }, { picture: false })) { page.remark = ""; page.draw(); }
  };
  field.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); send(); } });
  const remarks = remarksOf(trailer);
  put(place, h("h2", {}, "Remarks"), field, h("div", { class: "row" }, h("span", { class: "soft figure", "data-clock": true }, `at ${code(page.frame, rate)}`), button("Add", "↵", send, { class: "main" })),
    remarks.length ? h("ol", { class: "remarks" }, remarks.map((remark) => h("li", { "data-remark": remark.number },
      h("button", { type: "button", class: "bare figure", "aria-label": `Go to ${stamp(remark.frame, rate)}`, on: { click: () => page.go(remark.frame) } }, stamp(remark.frame, rate)),
      h("p", {}, remark.text || remark.words, h("small", { class: "soft" }, remark.who)),
      h("button", { type: "button", class: "bare", "aria-label": `Settled: ${remark.text}`, title: "Settled", on: { click: () => page.commit("undo", { number: remark.number }, { picture: false }) } }, icon("approved"))))) : h("p", { class: "soft empty" }, "None yet."));
}

export const remarksOf = (trailer) => trailer.decisions.filter((each) => each.what === "comment" && each.holds && each.frame >= 0).sort((a, b) => a.frame - b.frame);

/** The cut and its file: checks, what its score is made of, what sets it apart. */
export function cutPanel(place, page) {
  const { trailer, variant } = page;
  const most = Math.max(...trailer.parts.map(([, value]) => Math.abs(value)), 1e-9);
  const wide = Math.max(...trailer.apart.map(([, value]) => Math.abs(value)), 1e-9);
  const bars = (rows, whole) => h("dl", { class: "bars" }, rows.map(([name, value, shown]) => h("div", { class: value < 0 ? "less" : "" }, h("dt", {}, name), h("dd", {}, h("span", { class: "bar", style: { "--share": Math.abs(value) / whole } }), h("span", { class: "figure" }, shown)))));
  put(place, h("h2", {}, "This file"), variant ? [h("p", {}, badge(variant.state), variant.who ? ` by ${variant.who}` : "", variant.why ? h("q", {}, variant.why) : null),
    h("p", { class: "soft" }, `${variant.id}, ${variant.size[0]} × ${variant.size[1]}`, variant.sha256 ? h("span", { title: variant.sha256 }, `, ${variant.sha256.slice(0, 10)}`) : null),
    variant.failed.map((words) => h("p", { class: "strain" }, words)), variant.passed + variant.failed.length ? h("p", { class: "soft" }, `${variant.passed} of ${variant.passed + variant.failed.length} checks passed`) : null] : h("p", { class: "soft" }, "There is no file of this shape."),
  h("h3", {}, "All files of this cut"), h("ul", { class: "files" }, trailer.variants.map((each) => h("li", {}, button(ratio(each.shape), "", () => page.reshape(each.shape), { class: "bare", "aria-current": each === variant ? "true" : null }), h("span", { class: "soft" }, each.language), badge(each.state)))),
  h("div", { class: "row" }, button("Approve all that wait", "⇧Y", page.approveAll, { class: "yes", disabled: !trailer.variants.some((each) => each.state === "draft" && each.sha256) })),
  trailer.notes.length ? [h("h3", {}, "Notes"), h("ul", { class: "notes" }, trailer.notes.map((note) => h("li", {}, note)))] : null,
  trailer.apart.length ? [h("h3", {}, "Against the general trailer"), bars(trailer.apart.map(([word, more]) => [word, more, signed(100 * more, 0)]), wide)] : null,
  trailer.parts.length ? [h("h3", {}, "What its score is made of"), bars(trailer.parts.filter(([, value]) => Math.abs(value) >= 0.005).map(([name, value]) => [name, value, signed(value)]), most)] : null);
}
