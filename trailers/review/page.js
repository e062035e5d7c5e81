"use strict";
(() => {
  document.documentElement.classList.add("js");
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  const articles = all(".trailer");
  const shown = (article) => article.querySelector(".variant.shown video") || article.querySelector("video");

  const show = (shape) => {
    for (const article of articles) {
      const figures = all(".variant", article);
      const chosen = figures.find((figure) => figure.dataset.shape === shape) || figures[0];
      for (const figure of figures) {
        figure.classList.toggle("shown", figure === chosen);
        if (figure !== chosen) figure.querySelector("video").pause();
      }
    }
  };
  const shapes = document.getElementById("shapes");
  if (shapes) {
    shapes.hidden = false;
    shapes.addEventListener("change", (event) => show(event.target.value));
  }
  const checked = document.querySelector("#shapes input:checked");
  show(checked ? checked.value : "");

  const mark = (article, time) => {
    for (const part of all("[data-at]", article)) {
      const now = time >= Number(part.dataset.at) - 0.01 && time < Number(part.dataset.until) - 0.01;
      part.classList.toggle("now", now);
      if (now) part.setAttribute("aria-current", "true");
      else part.removeAttribute("aria-current");
    }
  };
  const seek = (article, part) => {
    const video = shown(article);
    video.currentTime = Number(part.dataset.at) + 0.02;
    mark(article, video.currentTime);
  };
  for (const article of articles) {
    article.addEventListener("click", (event) => {
      const part = event.target.closest("[data-at]");
      if (part) seek(article, part);
    });
    for (const video of all("video", article)) {
      video.addEventListener("timeupdate", () => {
        if (video === shown(article) && (video.currentTime > 0 || !video.paused)) mark(article, video.currentTime);
      });
    }
    const strip = article.querySelector(".strip");
    strip.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const slices = all(".slice", strip);
      const next = slices[slices.indexOf(document.activeElement) + (step || 0)];
      if (step && next) {
        event.preventDefault();
        next.focus();
      }
    });
    strip.addEventListener("mouseover", (event) => peek(article, event.target.closest("[data-at]")));
    strip.addEventListener("focusin", (event) => peek(article, event.target.closest("[data-at]")));
    strip.addEventListener("mouseleave", () => peek(article, null));
    strip.addEventListener("focusout", () => peek(article, null));
  }
  function peek(article, part) {
    for (const item of all(".moments li", article)) {
      item.classList.toggle("peek", part !== null && item.dataset.at === part.dataset.at);
    }
  }

  const together = document.getElementById("together");
  if (articles.length > 1) together.hidden = false;
  together.addEventListener("click", () => {
    const playing = together.getAttribute("aria-pressed") === "true";
    together.setAttribute("aria-pressed", String(!playing));
    together.textContent = playing ? "Play all in step" : "Stop all";
    articles.map(shown).forEach((video, number) => {
      if (playing) return video.pause();
      video.muted = number > 0;
      video.currentTime = 0;
      return video.play();
    });
  });
})();
