/* What could stand in a clip's place: thumbs, what the score gains, which rules strain; words that search the whole index. */
import { all, h, icon, one, put, signed } from "./dom.js";
import { get, part } from "./api.js";
import { attempt, roam } from "./shell.js";

/** The panel for a clip. `tried(shot)` shows it in place, `used(shot)` decides it, `closed()` leaves. */
export function swap({ trailer, clip, tried, used, closed }) {
  const field = h("input", { type: "search", name: "words", placeholder: "In words: rainy street, nobody talks", "aria-label": "Search shots in words", maxlength: 300, autocomplete: "off", "data-keep": "words" });
  const found = h("ul", { class: "shots", tabindex: -1, "aria-label": "Shots that could stand here" });
  const state = h("p", { class: "soft", role: "status" }, "Looking for the best alternatives…");
  let asked = 0;
  let last = "";
  let shots = [];
  const search = async (words) => {
    const mine = ++asked;
    last = words;
    state.textContent = words ? "Searching…" : "Looking for the best alternatives…";
    const query = new URLSearchParams({ shot: clip.shot, words, count: "20" });
    const given = await attempt(() => get(`/api/instead/${part(trailer)}?${query}`));
    if (mine !== asked) return;
    shots = given || [];
    const clean = shots.filter((each) => !each.strains.length).length;
    state.textContent = shots.length ? `${shots.length} shots${words ? " that fit the words" : ""}, ${clean} obey every rule` : "Nothing was found.";
    put(found, shots.map(card));
  };
  const card = (shot, at) => h("li", { class: shot.strains.length ? "shot strained" : "shot", "data-shot": shot.shot },
    h("button", { type: "button", class: "try", tabindex: at ? -1 : 0, "data-at": at, "data-keep": `try-${shot.shot}`, "aria-label": `Try ${shot.source}, score ${signed(shot.gain)}${shot.strains.length ? `, strains: ${shot.strains.join(", ")}` : ""}. ${shot.why}`, on: { click: () => { choose(shot); tried(shot); } } },
      h("img", { src: shot.thumb, alt: "", loading: "lazy", decoding: "async", width: 160, height: 90 }),
      h("span", { class: shot.gain <= -0.005 ? "gain figure less" : "gain figure" }, signed(shot.gain)), h("span", { class: "long figure" }, `${shot.seconds.toFixed(1)} s`)),
    h("p", { class: "source" }, shot.source),
    shot.text ? h("q", {}, shot.text) : null,
    h("p", { class: "why soft" }, shot.why),
    shot.strains.map((strain) => h("p", { class: "strain" }, strain)),
    h("button", { type: "button", class: "use", "aria-label": `Use ${shot.source}`, on: { click: () => used(shot) } }, "Use it"));
  const choose = (shot) => all(".shot", found).forEach((each) => each.classList.toggle("chosen", each.dataset.shot === shot.shot));
  let soon = 0;
  field.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(() => search(field.value.trim()), 350); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && field.value.trim() !== last) { clearTimeout(soon); search(field.value.trim()); }
    else if (event.key === "ArrowDown" || event.key === "Enter") { event.preventDefault(); one(".try", found)?.focus(); }
    if (event.key === "Escape") { event.stopPropagation(); closed(); }
  });
  roam(found, ".try", { columns: () => Math.max(1, getComputedStyle(found).gridTemplateColumns.split(" ").length) });
  found.addEventListener("keydown", (event) => {
    const at = event.target.closest(".try")?.dataset.at;
    if (event.key.toLowerCase() === "u" && at !== undefined && !event.ctrlKey && !event.metaKey) { event.preventDefault(); event.stopPropagation(); used(shots[at]); }
  });
  search("");
  const element = h("div", { class: "swap" },
    h("header", {}, h("h2", {}, `Instead of clip ${clip.number}`), h("button", { type: "button", class: "bare", "aria-label": "Close (Esc)", on: { click: closed } }, icon("close"))),
    h("div", { class: "search" }, icon("find"), field), state, found);
  return { element, focus: () => field.focus() };
}
