/* The story's intensity over the season, with the picks of a cut on it. */
import { h, s } from "./dom.js";

const WIDTH = 1000;
const HEIGHT = 100;

/** A curve with its picks; `chosen` is told of the clip that is clicked. Gives the element and `mark(number)`. */
export function curve({ points, clips, episodes, chosen }) {
  const x = (place) => place * WIDTH;
  const most = Math.max(...points.map((point) => point[1]), 0.01);
  const y = (height) => HEIGHT - 4 - (height / most) * (HEIGHT - 14);
  const heightAt = (place) => {
    const after = points.findIndex((point) => point[0] >= place);
    if (after < 1) return points.length ? points[Math.max(0, after)][1] : 0;
    const [from, low] = points[after - 1];
    const [to, high] = points[after];
    return low + ((high - low) * (place - from)) / (to - from || 1);
  };
  const line = points.map(([place, height], number) => `${number ? "L" : "M"}${x(place).toFixed(1)} ${y(height).toFixed(1)}`).join("");
  const ends = [];
  episodes.reduce((from, [name, share]) => { ends.push([name, from, share]); return from + share; }, 0);
  const whole = ends.reduce((sum, each) => sum + each[2], 0) || 1;
  const drawn = s("svg", { class: "graph", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
    ends.slice(1).map(([, from]) => s("path", { class: "bound", d: `M${x(from / whole)} 0V${HEIGHT}` })),
    points.length ? s("path", { class: "area", d: `${line}L${x(points[points.length - 1][0])} ${HEIGHT}L${x(points[0][0])} ${HEIGHT}Z` }) : null,
    points.length ? s("path", { class: "line", d: line }) : null);
  const levels = new Map(); // clips from one place stand above each other
  [...clips].sort((a, b) => a.story - b.story).reduce((before, clip) => {
    const close = before && clip.story - before.story < 0.022;
    levels.set(clip, close ? (levels.get(before) + 1) % 3 : 0);
    return clip;
  }, null);
  const dots = clips.map((clip) => h("span", { class: "dot", "data-number": clip.number, title: `Clip ${clip.number}: ${clip.source}`,
    style: { left: `${100 * clip.story}%`, "--top": `${y(heightAt(clip.story))}%`, "--level": heightAt(clip.story) > 0.6 * most ? -levels.get(clip) : levels.get(clip) } }, String(clip.number)));
  const names = ends.map(([name, from, share]) => h("span", { class: "name", style: { left: `${(100 * from) / whole}%`, width: `${(100 * share) / whole}%` } }, name));
  const early = clips.filter((clip) => clip.story < 0.5).length;
  const element = h("figure", { class: "curve" },
    h("figcaption", {}, h("b", {}, "Intensity of the story"), h("span", { class: "soft" }, " and where the clips are from")),
    h("div", { class: "plot", role: "img", "aria-label": `The story's intensity over the season. ${early} of ${clips.length} clips are from its first half.` }, drawn, dots, names));
  element.addEventListener("click", (event) => {
    const dot = event.target.closest(".dot");
    if (dot) chosen(Number(dot.dataset.number));
  });
  return { element, mark: (number) => dots.forEach((dot) => dot.classList.toggle("now", Number(dot.dataset.number) === number)) };
}
