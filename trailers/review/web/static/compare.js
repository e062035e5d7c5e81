/* Two trailers side by side, in step, and what differs. */
import { badge, colour, h, icon, one, put, ratio, s, signed } from "./dom.js";
import { get, part } from "./api.js";
import { ends, keys, listen, saw, sorry } from "./shell.js";
import { perSecond, stamp } from "./frames.js";
import { Player } from "./player.js";
import { Strip } from "./strip.js";

const main = one("#main");
const top = one("#top");
const query = new URLSearchParams(location.search);
const [first, second] = location.pathname.split("/").slice(2, 4).map(decodeURIComponent);
let season = null;
let sides = [];
let differs = null;
let shape = query.get("shape") || "";
let heard = 0;
let links = null;

const lead = () => sides[0].player;

async function load() {
  const [whole, one_, other, difference] = await Promise.all([get("/api/season"), get(`/api/trailer/${part(first)}`), get(`/api/trailer/${part(second)}`), get(`/api/differs/${part(first)}/${part(second)}`)]);
  season = whole;
  differs = difference;
  saw(whole.log);
  const trailers = [one_, other];
  const shapes = trailers[0].variants.map((each) => each.shape).filter((each, at, given) => given.indexOf(each) === at && trailers[1].variants.some((file) => file.shape === each));
  if (!shapes.includes(shape)) shape = shapes[0] || "";
  if (!sides.length) build(trailers);
  sides.forEach((side, at) => { side.trailer = trailers[at]; });
  draw(shapes);
}

function build(trailers) {
  sides = trailers.map((trailer, at) => {
    const rate = perSecond(trailer.rate);
    const player = new Player({ rate, frames: trailer.frames, label: `${trailer.title}, ${trailer.seconds} seconds`, plain: true });
    const strip = new Strip({ rate, label: `Clips of ${trailer.title}, in order` });
    const head = h("header", { class: "side-head" });
    player.toggle = toggle;
    strip.addEventListener("clip", (event) => { const clip = sides[at].trailer.clips.find((each) => each.number === event.detail); if (clip) seek(clip.start / rate); });
    strip.addEventListener("frame", (event) => seek(event.detail / rate));
    return { trailer, rate, player, strip, head };
  });
  lead().addEventListener("frame", tick);
  sides[1].player.addEventListener("frame", tick);
  links = s("svg", { class: "links", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" });
  const control = (sign, words, run) => h("button", { type: "button", class: "bare", "aria-label": words, title: words, on: { click: run } }, icon(sign));
  put(main, h("div", { class: "pair" }, sides.map((side) => h("section", { "aria-label": side.trailer.title }, side.head, side.player.element))),
    h("div", { class: "controls", role: "group", "aria-label": "Both players" }, control("before", "A second back (⇧←)", () => seek(now() - 1)), h("button", { type: "button", class: "bare", id: "starter", "aria-label": "Play both (Space)", on: { click: toggle } }, icon("play")), control("after", "A second on (⇧→)", () => seek(now() + 1)),
      h("output", { class: "clock figure", id: "clock", "aria-label": "Where they are", "aria-live": "off" }, "0:00.0"), h("span", { class: "gap" }), h("div", { class: "segmented", role: "group", "aria-label": "Which is heard", id: "ears" })),
    h("div", { class: "strips" }, sides[0].strip.element, links, sides[1].strip.element), h("section", { class: "differ", id: "differ", "aria-label": "What differs" }));
  main.setAttribute("aria-busy", "false");
}

function draw(shapes) {
  document.title = `${sides[0].trailer.title} and ${sides[1].trailer.title}: ${season.title}`;
  const ids = season.segments.map((each) => each.id);
  const trailers = season.segments.flatMap((segment) => segment.trailers.map((each) => [each, segment.name]));
  const choose = (at) => h("select", { "aria-label": at ? "The other trailer" : "One trailer", "data-keep": `side-${at}`, on: { change: (event) => location.assign(at ? `/compare/${part(first)}/${part(event.target.value)}?shape=${shape}` : `/compare/${part(event.target.value)}/${part(second)}?shape=${shape}`) } },
    trailers.map(([each, words]) => h("option", { value: each, selected: each === (at ? second : first) }, each.startsWith(words) ? each : `${words}: ${each}`)));
  put(top, h("a", { class: "button bare", href: "/", "aria-label": "Back to the season", title: "Back to the season" }, icon("back")), h("div", { class: "titles" }, h("h1", {}, "Side by side"), h("p", { class: "soft" }, season.title)),
    h("nav", { class: "choosers", "aria-label": "What is compared" }, choose(0), h("span", { class: "soft" }, "and"), choose(1),
      h("div", { class: "segmented", role: "group", "aria-label": "Shape" }, shapes.map((each) => h("button", { type: "button", "aria-pressed": String(each === shape), "data-keep": `shape-${each}`, on: { click: () => { shape = each; draw(shapes); } } }, ratio(each))))),
    h("span", { class: "gap" }), ends(season));
  const frames = Math.max(...sides.map((side) => side.trailer.frames / side.rate));
  sides.forEach((side, at) => {
    const { trailer } = side;
    const variant = trailer.variants.find((each) => each.shape === shape) || trailer.variants[0];
    side.player.frames = trailer.frames;
    side.player.load(variant?.video || "", { captions: variant?.captions || "", poster: variant?.poster || "", size: variant?.size });
    side.strip.source = variant?.video || "";
    side.strip.element.style.setProperty("--own", colour(ids, trailer.segment));
    side.strip.draw({ clips: trailer.clips, cards: trailer.cards, frames: Math.round(frames * side.rate), marks: at ? differs.only_other : differs.only_one });
    put(side.head, h("h2", { style: { "--own": colour(ids, trailer.segment) } }, h("a", { href: `/trailer/${part(trailer.name)}?shape=${encodeURIComponent(shape)}` }, trailer.title)), h("span", { class: "soft" }, `${trailer.seconds} s, ${trailer.clips.length} clips`), variant ? badge(variant.state) : null);
  });
  hear(heard);
  link(frames);
  told();
  tick();
}

/** Lines from a shot in one strip to the same in the other. */
function link(seconds) {
  links.setAttribute("viewBox", "0 0 1000 40");
  const middle = (side, clip) => (1000 * (clip.start + clip.stop)) / 2 / side.rate / seconds;
  const drawn = sides[0].trailer.clips.flatMap((clip) => sides[1].trailer.clips.filter((other) => other.shot === clip.shot).map((other) => {
    const [from, to] = [middle(sides[0], clip), middle(sides[1], other)];
    return s("path", { d: `M${from} 0C${from} 20 ${to} 20 ${to} 40`, "vector-effect": "non-scaling-stroke" });
  }));
  links.replaceChildren(...drawn);
}

function told() {
  const most = Math.max(...differs.words.map(([, value]) => Math.abs(value)), 1e-9);
  const only = (side, numbers) => h("section", {}, h("h3", {}, `Only in ${side.trailer.title}`), numbers.length ? h("ol", { class: "onlies" }, side.trailer.clips.filter((clip) => numbers.includes(clip.number)).map((clip) =>
    h("li", {}, h("button", { type: "button", class: "bare", on: { click: () => seek(clip.start / side.rate) }, "aria-label": `Go to clip ${clip.number} of ${side.trailer.title}` }, h("img", { src: clip.thumb, alt: "", loading: "lazy", width: 96, height: 54 })), h("p", {}, h("b", {}, clip.number), " ", h("span", { class: "figure" }, stamp(clip.start, side.rate)), h("br"), clip.why, h("small", { class: "soft" }, clip.source))))) : h("p", { class: "soft" }, "Nothing."));
  put(one("#differ"), h("section", {}, h("h3", {}, "In both"), h("p", { class: "share figure" }, `${Math.round(100 * differs.shared)} %`), h("p", { class: "soft" }, "of the screen time is the same picture."),
    differs.words.length ? [h("h3", {}, "Words that set them apart"), h("dl", { class: "bars apart" }, differs.words.slice(0, 12).map(([word, more]) => h("div", { class: more < 0 ? "less" : "" }, h("dt", {}, word), h("dd", {}, h("span", { class: "bar", style: { "--share": Math.abs(more) / most } }), h("span", { class: "figure" }, signed(100 * more, 0))))))] : null),
  only(sides[0], differs.only_one), only(sides[1], differs.only_other));
}

const now = () => lead().video.currentTime;

function seek(seconds) {
  for (const side of sides) side.player.video.currentTime = Math.min(Math.max(0, seconds) + 0.5 / side.rate, side.trailer.frames / side.rate - 0.01);
  requestAnimationFrame(tick);
}

const playing = () => sides.some((side) => !side.player.video.paused);
function toggle() {
  if (playing()) {
    sides.forEach((side) => side.player.video.pause());
    return seek(now() - 0.5 / sides[0].rate); // both at one frame
  }
  if (sides.every((side) => side.player.video.ended)) seek(0);
  const at = now();
  for (const side of sides) {
    if (at < side.trailer.frames / side.rate - 0.05) {
      side.player.video.currentTime = at;
      side.player.video.play().catch(() => {});
    }
  }
  return undefined;
}

/** Both at one time: the second follows the first. */
function tick() {
  const [one_, other] = sides.map((side) => side.player.video);
  if (!one_.paused && !other.paused && !other.seeking) {
    const off = one_.currentTime - other.currentTime;
    if (Math.abs(off) > 0.2) other.currentTime = one_.currentTime;
    else other.playbackRate = Math.abs(off) > 0.015 ? (off > 0 ? 1.04 : 0.96) : 1;
  }
  sides.forEach((side) => {
    const frame = Math.min(side.player.frame, side.trailer.frames - 1);
    side.strip.mark(frame, side.trailer.clips.find((each) => frame >= each.start && frame < each.stop)?.number ?? null);
  });
  one("#clock").textContent = stamp(Math.max(...sides.map((side) => side.player.video.currentTime)), 1);
  const starter = one("#starter");
  const words = playing() ? "Pause both (Space)" : "Play both (Space)";
  if (starter.getAttribute("aria-label") !== words) {
    starter.setAttribute("aria-label", words);
    put(starter, icon(playing() ? "pause" : "play"));
  }
}

function hear(at) {
  heard = at;
  sides.forEach((side, number) => { side.player.video.muted = number !== heard; });
  put(one("#ears"), sides.map((side, number) => h("button", { type: "button", "aria-pressed": String(number === heard), "data-keep": `ear-${number}`, on: { click: () => hear(number) } }, icon(number === heard ? "sound" : "mute"), number ? "right" : "left")));
}

keys("Both players", [
  ["Space / k / l", "play, pause", () => sides.length && toggle()],
  ["ArrowLeft", "a frame back", () => sides.length && seek(now() - 1.5 / sides[0].rate)],
  ["ArrowRight", "a frame on", () => sides.length && seek(now() + 0.5 / sides[0].rate)],
  ["Shift+ArrowLeft / j", "a second back", () => sides.length && seek(now() - 1)],
  ["Shift+ArrowRight", "a second on", () => sides.length && seek(now() + 1)],
  ["Home", "the beginning", () => sides.length && seek(0)],
  ["1", "hear the left", () => sides.length && hear(0)],
  ["2", "hear the right", () => sides.length && hear(1)],
  ["m", "hear the other", () => sides.length && hear(1 - heard)],
  ["g", "the season", () => location.assign("/")],
]);

load().then(() => listen(() => load().catch(sorry))).catch((error) => { put(main, h("p", { class: "wait" }, error.message, " ", h("a", { href: "/" }, "To the season"))); sorry(error); });
