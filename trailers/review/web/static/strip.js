/* A cut as a strip under its player: clips as wide as they are long, cards, captions, remarks, where the player is. */
import { all, h, icon, one } from "./dom.js";
import { code, middle, stamp } from "./frames.js";

export class Strip extends EventTarget {
  /** `rate` frames a second; `label` names it. Tells "clip" (a clip was chosen), "frame" (a place), "remark". */
  constructor({ rate, label }) {
    super();
    this.rate = rate;
    this.label = label;
    this.glimpse = null;
    this.rule = h("div", { class: "rule", "aria-hidden": "true" });
    this.clips = h("div", { class: "clips", role: "listbox", "aria-label": label, "aria-orientation": "horizontal", "data-arrows": true });
    this.lane = h("div", { class: "lane", "aria-hidden": "true" });
    this.head = h("div", { class: "head", "aria-hidden": "true" });
    this.inner = h("div", { class: "inner" }, this.rule, this.clips, this.lane, this.head);
    this.element = h("div", { class: "strip" }, this.inner);
    this.clips.addEventListener("pointerdown", (event) => event.preventDefault());
    this.clips.addEventListener("click", (event) => {
      const slice = event.target.closest("[data-number]");
      if (slice) this.tell("clip", Number(slice.dataset.number));
      else this.tell("frame", this.at(event));
    });
    this.clips.addEventListener("keydown", (event) => {
      const slices = all("[data-number]", this.clips);
      const at = slices.indexOf(event.target);
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: slices.length - 1 }[event.key];
      if (next !== undefined && slices[next]) {
        event.preventDefault();
        this.tell("clip", Number(slices[next].dataset.number));
        slices[next].focus();
      } else if (event.key === "Enter" && at >= 0) {
        event.preventDefault();
        this.tell("clip", Number(slices[at].dataset.number));
      }
    });
    const drag = (event) => { if (event.buttons & 1) this.tell("frame", this.at(event)); };
    this.rule.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      if (event.target.dataset.remark) return this.tell("remark", Number(event.target.dataset.remark));
      this.rule.setPointerCapture(event.pointerId);
      return drag(event);
    });
    this.rule.addEventListener("pointermove", drag);
    this.inner.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") this.peek(event); });
    this.inner.addEventListener("pointerleave", () => this.unpeek());
  }

  tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }

  at(event) {
    const box = this.inner.getBoundingClientRect();
    return Math.min(this.frames - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * this.frames)));
  }

  /** Draws a cut; `remarks` are frames with a number and words; `marks` the numbers of clips to set apart. */
  draw({ clips, cards = [], captions = [], frames, remarks = [], marks = null }) {
    this.frames = frames;
    this.cut = clips;
    const share = (frame) => `${(100 * frame) / frames}%`;
    const place = (from, to) => ({ left: share(from), width: share(to - from) });
    const seconds = frames / this.rate;
    const every = seconds > 60 ? 10 : seconds > 20 ? 5 : 2;
    const ticks = [];
    for (let second = 0; second < seconds; second += every) ticks.push(h("span", { class: "tick", style: { left: share(second * this.rate) } }, `${second}`));
    this.rule.replaceChildren(...ticks, ...remarks.map((remark) => h("i", { class: "remark", "data-remark": remark.number, title: remark.text, style: { left: share(remark.frame) } })));
    const focused = this.clips.contains(document.activeElement);
    this.clips.replaceChildren(...clips.map((clip) => h("div", {
      class: ["slice", clip.locked && "locked", clip.by && "by", marks && (marks.includes(clip.number) ? "only" : "both")].filter(Boolean).join(" "),
      role: "option", tabindex: -1, "aria-selected": "false", "data-number": clip.number, style: place(clip.start, clip.stop),
      "aria-label": `Clip ${clip.number}, ${stamp(clip.start, this.rate)}, ${clip.source}${clip.locked ? ", held in place" : ""}${marks && !marks.includes(clip.number) ? ", in both" : ""}: ${clip.why || "no reason given"}`,
    }, h("img", { src: clip.thumb, alt: "", loading: "lazy", decoding: "async", width: 160, height: 90, draggable: "false" }), h("i", {}, String(clip.number), clip.locked ? icon("lock") : null))),
    ...cards.filter((card) => card.kind !== "lower").map((card) => h("div", { class: "slice card", role: "option", "aria-selected": "false", tabindex: -1, "data-frame": card.start, "aria-label": `Card: ${card.lines.join(", ")}`, title: card.lines.join(", "),
      style: { ...place(card.start, card.stop), "--ground": card.ground, "--ink": card.ink } }, h("span", {}, card.lines[0] || ""))));
    const first = one("[data-number]", this.clips);
    if (first) first.tabIndex = 0;
    this.lane.replaceChildren(...captions.map((caption) => h("span", { class: "caption", title: caption.text, style: place(caption.start, caption.stop) }, caption.text)),
      ...cards.filter((card) => card.kind === "lower").map((card) => h("span", { class: "caption lower", title: card.lines.join(", "), style: place(card.start, card.stop) }, card.lines.join(", "))));
    this.inner.style.setProperty("--clips", clips.length + cards.length);
    this.now = null;
    if (focused) first?.focus();
  }

  /** Moves the head; the clip that is chosen is marked. */
  mark(frame, number) {
    this.head.style.setProperty("left", `${(100 * (frame + 0.5)) / this.frames}%`);
    if (number === this.now) return;
    this.now = number;
    for (const slice of all(".slice[data-number]", this.clips)) {
      const chosen = Number(slice.dataset.number) === number;
      slice.setAttribute("aria-selected", String(chosen));
      slice.tabIndex = chosen || (number === null && slice === this.clips.firstChild) ? 0 : -1;
      if (chosen && this.element.scrollWidth > this.element.clientWidth) {
        this.element.scrollTo({ left: slice.offsetLeft - this.element.clientWidth / 2 + slice.offsetWidth / 2, behavior: "smooth" });
      }
    }
  }

  /** The frame under the pointer, seen without moving the player. */
  peek(event) {
    if (!this.source) return;
    if (!this.glimpse) {
      this.glimpse = h("div", { class: "glimpse", "aria-hidden": "true" }, h("video", { muted: true, playsinline: true, preload: "auto", tabindex: -1 }), h("span", { class: "figure" }));
      document.body.append(this.glimpse);
    }
    const [video, words] = this.glimpse.children;
    if (video.getAttribute("src") !== this.source) video.setAttribute("src", this.source);
    const frame = this.at(event);
    const clip = this.cut.find((each) => frame >= each.start && frame < each.stop);
    words.textContent = `${code(frame, this.rate)}${clip ? `  ·  ${clip.number}` : ""}`;
    if (!video.seeking) video.currentTime = middle(frame, this.rate);
    this.glimpse.hidden = false;
    const box = this.inner.getBoundingClientRect();
    const wide = this.glimpse.offsetWidth;
    this.glimpse.style.setProperty("left", `${Math.min(innerWidth - wide - 8, Math.max(8, event.clientX - wide / 2))}px`);
    this.glimpse.style.setProperty("top", `${Math.max(8, box.top - this.glimpse.offsetHeight - 8)}px`);
  }

  unpeek() {
    if (this.glimpse) this.glimpse.hidden = true;
  }
}
