// A trailer to watch, correct and decide on. All that is known comes from the kernel as messages; words are set as text, never as markup.

const h = (tag, facts = {}, ...inside) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(facts)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && typeof value !== "string") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...inside.filter((each) => each !== null && each !== undefined && each !== ""));
  return made;
};

const clock = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;
const perSecond = (rate) => {
  const [above, below = "1"] = rate.split("/");
  return Number(above) / Number(below);
};

// Questions over the kernel's wire: each has an id, and so has its answer.
function wire(model) {
  const waiting = new Map();
  const mine = Math.random().toString(36).slice(2);
  let count = 0;
  const heard = (told, buffers) => {
    const promise = waiting.get(told.id);
    if (!promise) return;
    waiting.delete(told.id);
    if (told.error) promise.reject(new Error(told.error));
    else promise.resolve([told.answer, buffers || []]);
  };
  model.on("msg:custom", heard);
  return {
    ask: (ask, facts = {}) =>
      new Promise((resolve, reject) => {
        const id = `${mine}-${(count += 1)}`;
        waiting.set(id, { resolve, reject });
        model.send({ id, ask, ...facts });
      }),
    end: () => model.off("msg:custom", heard),
  };
}

function render({ model, el }) {
  const { ask, end } = wire(model);
  const addresses = new Map(); // what the kernel calls a picture or film -> where it lies in this page
  let view = null, shown = null, chosen = 0, trying = null, job = null, ended = false;

  const put = (name, bytes, type) => {
    if (addresses.has(name)) URL.revokeObjectURL(addresses.get(name));
    addresses.set(name, URL.createObjectURL(new Blob([bytes], { type })));
  };
  const keep = (names, buffers) => names.forEach((name, place) => put(name, buffers[place], "image/jpeg"));
  const picture = (name, alt) => (addresses.has(name) ? h("img", { src: addresses.get(name), alt }) : null);

  const says = h("div", { class: "says", role: "status", "aria-live": "polite" });
  const say = (words, wrong = false) => {
    says.textContent = words;
    says.classList.toggle("wrong", wrong);
  };
  const guarded = (work) => async (...given) => {
    try {
      await work(...given);
    } catch (reason) {
      say(reason.message, true);
    }
  };

  // The parts of the page, from top to bottom.
  const cuts = h("select", { "aria-label": "Trailer", onchange: guarded(() => open(cuts.value)) });
  const shapes = h("select", { "aria-label": "Shape", onchange: () => shape(shapes.value) });
  const chip = h("span", { class: "chip" });
  const stage = h("div", { class: "stage" });
  const strip = h("div", { class: "strip", role: "group", "aria-label": "Clips in playing order" });
  const clip = h("div", { class: "clip", hidden: true });
  const offers = h("div", { hidden: true });
  const remark = h("input", { type: "text", maxlength: "1000", "aria-label": "Comment or reason", placeholder: "A comment on this moment, or the reason for your decision" });
  const progress = h("span", { hidden: true });
  const log = h("div", { class: "log" });
  const approve = h("button", { type: "button", class: "main", onclick: guarded(() => rule("approve")) }, "Approve");
  const reject = h("button", { type: "button", onclick: guarded(() => rule("reject")) }, "Reject");
  const again = h("button", { type: "button", onclick: guarded(() => begin("render", { trailer: view.name }, () => open(view.name))) }, "Render again");
  const root = h(
    "div",
    { class: "trailers", tabindex: "-1", "data-lm-suppress-shortcuts": "true", role: "region", "aria-label": "Edit a trailer" },
    h("div", { class: "row" }, cuts, shapes, chip),
    stage,
    strip,
    clip,
    offers,
    h("div", { class: "row" }, remark, h("button", { type: "button", onclick: guarded(comment) }, "Comment here"), approve, reject, again),
    h("div", { class: "row" }, progress),
    says,
    log,
  );
  el.append(root);

  const film = () => stage.querySelector("video");
  const frame = () => (film() ? Math.round(film().currentTime * perSecond(view.rate)) : chosen ? view.clips[chosen - 1].start : 0);
  const seek = (at) => {
    if (film()) film().currentTime = (at + 0.5) / perSecond(view.rate);
  };

  async function begun() {
    const [season] = await ask("season");
    cuts.replaceChildren(
      ...season.trailers.map((each) => h("option", { value: each.name }, `${each.title}${each.seconds ? ` · ${each.seconds} s` : ""}${each.name === each.title ? "" : ` (${each.name})`}`)),
    );
    await open(model.get("trailer"));
    say(season.who ? `You decide as ${season.who}.` : "");
  }

  async function open(name) {
    const [told, buffers] = await ask("trailer", { trailer: name });
    const same = view && view.name === told.view.name;
    const pictures = (cut) => JSON.stringify([cut.clips.map((each) => [each.shot, each.span, each.start]), cut.cards, cut.captions]);
    const stays = same && film() && !trying && pictures(view) === pictures(told.view);
    view = told.view;
    keep(told.pictures, buffers);
    cuts.value = view.name;
    if (!same || chosen > view.clips.length) chosen = 0;
    trying = null;
    offers.hidden = true;
    const before = same && shown ? shown.shape : "";
    const all = view.variants.length ? view.variants : [{ id: "", shape: "landscape", state: "changed", size: [16, 9], video: "" }];
    shapes.replaceChildren(...all.map((each) => h("option", { value: each.shape }, each.shape)));
    shape(all.some((each) => each.shape === before) ? before : all[0].shape, stays);
    drawStrip();
    drawClip();
    drawLog();
  }

  function shape(name, stays = false) {
    shown = view.variants.find((each) => each.shape === name) || { id: "", shape: name, state: "changed", size: [16, 9], video: "" };
    shapes.value = shown.shape;
    chip.textContent = { changed: "changed: render it again", failed: "failed its checks" }[shown.state] || shown.state;
    chip.className = `chip ${shown.state}`;
    const final = shown.sha256 && !["changed", "failed"].includes(shown.state);
    approve.disabled = !final || shown.state === "approved";
    reject.disabled = !final || shown.state === "rejected";
    again.hidden = shown.state !== "changed";
    if (!stays) still();
  }

  // Before it is played, a film is its picture: the kernel sends films only when somebody wants to see them.
  function still(words = "") {
    const first = view.clips[Math.max(0, chosen - 1)];
    const play = h("button", { type: "button", onclick: guarded(() => load()) }, "▶ Play");
    stage.replaceChildren(...[first && picture(first.thumb, ""), play, words && h("span", { class: "what" }, words)].filter(Boolean));
  }

  async function load(at = null) {
    const from = at === null ? frame() : at;
    if (trying || shown.state === "changed" || !shown.video) {
      await begin("preview", { trailer: view.name, shape: shown.shape, acts: trying ? [trying] : [] }, async (done) => {
        await play(done.result, from, trying ? "a try: nothing is decided" : "a quick look: not judged yet");
        say(trying ? done.result.words || "" : "");
      });
    } else {
      await play(shown, from, "");
    }
  }

  async function play(file, from, words) {
    say("The film is on its way…");
    const [told, buffers] = await ask("film", { address: file.video, captions: file.captions || "" });
    put("film", buffers[0], told.type);
    const video = h("video", { src: addresses.get("film"), controls: true, "aria-label": `${view.title}, ${shown.shape}` });
    if (told.captions) {
      put("captions", buffers[1], "text/vtt");
      video.append(h("track", { kind: "captions", label: "captions", src: addresses.get("captions") }));
    }
    video.addEventListener("loadedmetadata", () => seek(from), { once: true });
    video.addEventListener("timeupdate", point);
    video.addEventListener("seeked", point);
    stage.replaceChildren(...[video, words && h("span", { class: "what" }, words)].filter(Boolean));
    say("");
    await video.play().catch(() => {}); // a browser may want a click of its own first
  }

  // Long work: how far it is, and a way to stop it.
  async function begin(what, facts, after) {
    let [{ job: now }] = await ask(what, facts);
    job = now.id;
    const bar = h("progress", { "aria-label": now.what });
    const label = h("span");
    progress.replaceChildren(bar, " ", label, " ", h("button", { type: "button", onclick: guarded(() => ask("cancel", { job: now.id })) }, "Stop"));
    progress.hidden = false;
    while (now.state === "running" && !ended) {
      label.textContent = now.label;
      if (now.total) [bar.max, bar.value] = [now.total, now.done];
      await new Promise((go) => setTimeout(go, 250));
      [{ job: now }] = await ask("job", { job: now.id });
    }
    if (job === now.id) progress.hidden = true;
    if (now.state === "failed") throw new Error(now.error || `${now.what} failed`);
    if (now.state === "cancelled") say("Stopped.");
    if (now.state === "done" && job === now.id) await after(now);
  }

  function drawStrip() {
    const parts = [
      ...view.clips.map((each) => ({
        ...each,
        node: h(
          "button",
          {
            type: "button",
            "aria-pressed": String(each.number === chosen),
            "aria-label": `Clip ${each.number}, ${((each.stop - each.start) / perSecond(view.rate)).toFixed(1)} seconds, ${each.source}${each.locked ? ", locked" : ""}`,
            onclick: () => choose(each.number),
          },
          picture(each.thumb, ""),
          h("span", { class: "number" }, `${each.number}${each.locked ? " 🔒" : ""}`),
        ),
      })),
      ...view.cards.filter((each) => each.kind !== "lower").map((each) => {
        const node = h("span", { class: "card", title: each.lines.join(" ") }, each.lines.join("\n"));
        node.style.background = each.ground;
        node.style.color = each.ink;
        return { ...each, node };
      }),
    ].sort((one, other) => one.start - other.start);
    for (const part of parts) part.node.style.flex = `${part.stop - part.start} 1 0`;
    strip.replaceChildren(...parts.map((part) => part.node), h("span", { class: "head" }));
    point();
  }

  function point() {
    const head = strip.querySelector(".head");
    if (head) head.style.left = `${(100 * Math.min(frame(), view.frames)) / view.frames}%`;
  }

  function choose(number) {
    if (number < 1 || number > view.clips.length) return;
    chosen = number;
    strip.querySelectorAll("button").forEach((each, place) => each.setAttribute("aria-pressed", String(place + 1 === chosen)));
    offers.hidden = true;
    if (film()) seek(view.clips[number - 1].start);
    else still();
    drawClip();
    point();
  }

  function drawClip() {
    clip.hidden = !chosen;
    if (!chosen) return;
    const each = view.clips[chosen - 1];
    const rate = perSecond(view.rate);
    const act = (what, facts) => guarded(() => decide(what, { shot: each.shot, ...facts }));
    clip.replaceChildren(
      h("p", {}, h("b", {}, `Clip ${each.number}`), ` · ${clock(each.start / rate)} to ${clock(each.stop / rate)}${each.act ? ` · ${each.act}` : ""} · ${each.source}`),
      h("p", {}, each.why),
      ...[each.over, each.speaks].filter(Boolean).map((words) => h("p", { class: "faint" }, words)),
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", onclick: guarded(() => instead("")) }, "Other shots…"),
        h("button", { type: "button", disabled: each.locked, onclick: act("lock", { trailer: view.name }) }, each.locked ? "Locked" : "Lock"),
        h("button", { type: "button", onclick: act("veto", { where: "here", segment: view.segment }) }, "Never for this audience"),
        h("button", { type: "button", onclick: act("veto", { where: "season" }) }, "Never in this season"),
      ),
    );
  }

  async function instead(words) {
    const each = view.clips[chosen - 1];
    say("Looking for other shots…");
    const [told, buffers] = await ask("instead", { trailer: view.name, shot: each.shot, words });
    keep(told.pictures, buffers);
    const field = h("input", { type: "text", value: words, maxlength: "300", "aria-label": "Look for a shot in words", placeholder: "In words: rainy street, nobody talks" });
    const look = guarded(() => instead(field.value));
    field.addEventListener("keydown", (event) => event.key === "Enter" && look());
    const cells = told.shots.map((shot) => {
      const facts = { trailer: view.name, shot: each.shot, by: shot.shot, start: shot.start, stop: shot.stop };
      const gain = shot.gain ? `${shot.gain > 0 ? "gains" : "loses"} ${Math.abs(shot.gain).toFixed(3)}` : "";
      return h(
        "div",
        { class: "offer" },
        picture(shot.thumb, shot.shot),
        h("p", {}, h("b", {}, shot.shot), ` ${shot.source}`),
        h("p", {}, [shot.why, gain].filter(Boolean).join(" · ")),
        shot.text ? h("p", { class: "faint" }, `“${shot.text}”`) : null,
        ...(shot.strains.length ? shot.strains : [""]).map((rule) => h("span", { class: rule ? "rule" : "rule fine" }, rule ? `! ${rule}` : "✓ obeys every rule")),
        h(
          "div",
          { class: "row" },
          h("button", { type: "button", "aria-label": `Try ${shot.shot}`, onclick: guarded(() => ((trying = { what: "replace", act: facts }), load(each.start))) }, "Try"),
          h("button", { type: "button", class: "main", "aria-label": `Take ${shot.shot}`, onclick: guarded(() => decide("replace", facts)) }, "Take"),
        ),
      );
    });
    offers.replaceChildren(
      h("div", { class: "row" }, field, h("button", { type: "button", onclick: look }, "Look"), h("button", { type: "button", onclick: () => ((offers.hidden = true), (trying = null)) }, "Close")),
      h("div", { class: "offers" }, ...cells),
    );
    offers.hidden = false;
    say(told.shots.length ? `${told.shots.length} shots for clip ${chosen}, best first.` : "Nothing was found that may stand here.");
  }

  async function decide(what, act, why = remark.value.trim()) {
    const [told] = await ask("decide", { what, act, why });
    if (why && why === remark.value.trim()) remark.value = "";
    await open(view.name);
    const others = told.others.map((each) => `${each.who}: ${each.words}`).join("; ");
    say([`Written down: ${told.decision.words}.`, told.decision.unmet, others && `Meanwhile: ${others}.`].filter(Boolean).join(" "), Boolean(told.decision.unmet));
  }

  const rule = (what) => decide(what, { variant: shown.id, sha256: shown.sha256 });

  async function comment() {
    const text = remark.value.trim();
    if (!text) throw new Error("Write the comment first.");
    await decide("comment", { trailer: view.name, at: Math.min(frame(), view.frames - 1), text }, "");
    remark.value = "";
  }

  function drawLog() {
    const rows = [...view.decisions].reverse().map((each) =>
      h(
        "li",
        { class: each.holds ? "" : "undone" },
        `${each.who}: ${each.words}${each.why ? ` (${each.why})` : ""}${each.unmet ? ` · not obeyed: ${each.unmet}` : ""}`,
        each.holds && each.what !== "undo" ? h("button", { type: "button", "aria-label": `Undo: ${each.words}`, onclick: guarded(() => decide("undo", { number: each.number }, "")) }, "Undo") : null,
      ),
    );
    log.replaceChildren(...(rows.length ? [h("p", {}, h("b", {}, "Decisions")), h("ul", {}, ...rows)] : []));
  }

  // J K L, space, arrows by frame, 1 to 9: as in an editor's program; not while somebody types.
  root.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select");
    event.stopPropagation();
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const video = film();
    const key = event.key.toLowerCase();
    if (/^[1-9]$/.test(key)) choose(Number(key));
    else if (key === "k" || (key === " " && !event.target.matches("button"))) {
      if (!video) guarded(() => load())();
      else if (video.paused) [video.playbackRate] = [1, video.play()];
      else video.pause();
    } else if (key === "l" && video) {
      video.playbackRate = video.paused ? 1 : Math.min(4, 2 * video.playbackRate);
      video.play();
    } else if (key === "j" && video) seek(Math.max(0, frame() - Math.round(perSecond(view.rate))));
    else if (["arrowleft", "arrowright"].includes(key) && video) {
      video.pause();
      seek(Math.max(0, Math.min(view.frames - 1, frame() + (key === "arrowleft" ? -1 : 1))));
    } else return;
    event.preventDefault();
  });

  guarded(begun)();
  return () => {
    ended = true;
    end();
    addresses.forEach((address) => URL.revokeObjectURL(address));
  };
}

export default { render };
