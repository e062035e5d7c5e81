/* A player that is moved by frames: one file at a time, its clips, J K L. */
import { h, icon, put } from "./dom.js";
import { code, middle } from "./frames.js";

export class Player extends EventTarget {
  /** `rate` frames a second; `label` names it for screen readers. */
  constructor({ rate, frames, label, plain = false }) {
    super();
    Object.assign(this, { rate, frames, speed: 0, until: null, looped: null, last: -1 });
    this.video = h("video", { playsinline: true, preload: "auto", tabindex: -1, "aria-label": label });
    this.note = h("p", { class: "note", role: "status" });
    this.screen = h("div", { class: "screen" }, this.video, this.note);
    this.clock = h("output", { class: "clock figure", "aria-label": "Where it is", "aria-live": "off" }, code(0, rate));
    this.whole = h("span", { class: "whole figure soft" }, ` / ${code(frames, rate)}`);
    this.pace = h("span", { class: "pace figure", "aria-hidden": "true" });
    const button = (sign, words, run) => h("button", { type: "button", class: "bare", "aria-label": words, title: words, on: { click: run } }, icon(sign));
    this.starter = button("play", "Play (Space)", () => this.toggle());
    this.muter = button("sound", "Mute (M)", () => this.mute());
    this.worder = button("words", "Captions (T)", () => this.caption());
    this.looper = button("loop", "Loop this clip (O)", () => this.loop());
    this.controls = plain ? null : h("div", { class: "controls", role: "group", "aria-label": "Player" },
      button("before", "Clip before (↑)", () => this.dispatchEvent(new CustomEvent("clip", { detail: -1 }))), this.starter,
      button("after", "Next clip (↓)", () => this.dispatchEvent(new CustomEvent("clip", { detail: 1 }))),
      h("span", { class: "times" }, this.clock, this.whole), this.pace, h("span", { class: "gap" }), this.looper, this.worder, this.muter,
      button("full", "Full screen (F)", () => this.fill()));
    this.element = h("div", { class: "player" }, this.screen, this.controls);
    this.screen.addEventListener("click", () => this.toggle());
    for (const event of ["play", "pause", "seeked", "timeupdate", "ended", "loadedmetadata"]) this.video.addEventListener(event, () => this.look());
    this.video.addEventListener("error", () => { if (this.video.getAttribute("src")) this.say("This file cannot be played. Render it again, or preview it (P)."); });
    this.words = localStorage.getItem("trailers-captions") === "on";
    this.worder.setAttribute("aria-pressed", this.words);
    this.looper.setAttribute("aria-pressed", "false");
    this.muter.setAttribute("aria-pressed", "false");
    const tick = () => {
      if (!this.video.paused) this.look();
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  get frame() {
    return Math.min(this.frames - 1, Math.max(0, Math.floor(this.video.currentTime * this.rate + 0.02)));
  }

  get playing() {
    return !this.video.paused || this.speed < 0;
  }

  say(words) {
    this.note.textContent = words;
  }

  /** Shows another file at the frame where the last one stood. */
  load(address, { captions = "", poster = "", size = null, at = this.frame, play = false } = {}) {
    if (size) this.screen.style.setProperty("--ratio", size[0] / size[1]);
    if (this.video.getAttribute("src") === address) {
      if (play) this.play();
      return;
    }
    this.stop();
    this.say("");
    put(this.video, captions ? h("track", { kind: "captions", label: "Captions", srclang: "und", src: captions, default: this.words }) : null);
    if (poster && !this.video.hasAttribute("src")) this.video.setAttribute("poster", poster);
    else this.video.removeAttribute("poster");
    if (!address) {
      this.video.removeAttribute("src");
      this.video.load();
      this.say("There is no file of this cut yet. Preview it (P), or render it.");
      return;
    }
    this.video.setAttribute("src", address);
    if (at > 0) this.video.addEventListener("loadedmetadata", () => { this.video.currentTime = middle(at, this.rate); }, { once: true });
    if (play) this.play();
  }

  look() {
    const frame = this.frame;
    const playing = this.playing;
    if (this.until !== null && frame >= this.until) {
      this.until = null;
      this.stop();
    }
    if (this.looped && !this.video.paused && (frame >= this.looped[1] || frame < this.looped[0])) return this.seek(this.looped[0]);
    if (frame === this.last && playing === this.was) return;
    this.last = frame;
    if (playing !== this.was) {
      this.was = playing;
      put(this.starter, icon(playing ? "pause" : "play"));
      this.starter.setAttribute("aria-label", playing ? "Pause (Space)" : "Play (Space)");
      this.element.classList.toggle("playing", playing);
    }
    this.clock.textContent = code(frame, this.rate);
    this.pace.textContent = this.speed && this.speed !== 1 ? `${this.speed < 0 ? "−" : ""}${Math.abs(this.speed)}×` : "";
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
    return undefined;
  }

  seek(frame) {
    const to = Math.min(this.frames - 1, Math.max(0, frame));
    this.video.currentTime = middle(to, this.rate);
    this.last = -1;
    this.clock.textContent = code(to, this.rate);
    this.dispatchEvent(new CustomEvent("sought", { detail: to }));
  }

  play(speed = 1) {
    this.speed = speed;
    this.video.playbackRate = speed;
    if (this.video.ended || this.frame >= this.frames - 1) this.video.currentTime = 0;
    this.video.play().catch(() => { this.speed = 0; });
  }

  stop() {
    this.speed = 0;
    this.video.pause();
    this.look();
  }

  toggle() {
    this.until = null;
    if (this.playing) this.stop();
    else this.play();
  }

  /** L faster, J backwards: again, twice and four times as fast. */
  shuttle(way) {
    this.until = null;
    const same = Math.sign(this.speed) === way;
    const speed = way * (same ? Math.min(4, Math.abs(this.speed) * 2) : 1);
    if (way > 0) return this.play(speed);
    const begun = this.speed < 0;
    this.video.pause();
    this.speed = speed;
    if (!begun) this.backwards(performance.now());
    return this.look();
  }

  /** A browser plays no film backwards: frames are sought one after another, as fast as they come. */
  backwards(since) {
    requestAnimationFrame((now) => {
      if (this.speed >= 0) return;
      if (this.frame === 0) return this.stop();
      const steps = Math.floor(((now - since) / 1000) * this.rate * -this.speed);
      if (steps > 0 && !this.video.seeking) {
        this.seek(this.frame - steps);
        return this.backwards(now);
      }
      return this.backwards(since);
    });
  }

  step(frames) {
    this.until = null;
    if (this.playing) this.stop();
    this.seek(this.frame + frames);
  }

  /** Plays from one frame to another and stops. */
  span(from, to) {
    this.seek(from);
    this.play();
    this.until = to < this.frames ? to : null;
  }

  loop(span = undefined) {
    if (span === undefined) return this.dispatchEvent(new CustomEvent("loop"));
    this.looped = span;
    this.looper.setAttribute("aria-pressed", String(Boolean(span)));
    return undefined;
  }

  mute(quiet = !this.video.muted) {
    this.video.muted = quiet;
    put(this.muter, icon(quiet ? "mute" : "sound"));
    this.muter.setAttribute("aria-pressed", String(quiet));
  }

  caption() {
    this.words = !this.words;
    localStorage.setItem("trailers-captions", this.words ? "on" : "off");
    this.worder.setAttribute("aria-pressed", String(this.words));
    for (const track of this.video.textTracks) track.mode = this.words ? "showing" : "disabled";
  }

  fill() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.screen.requestFullscreen?.();
  }
}
