/* Elements made by hand: what comes from a season is only ever text or an attribute, never markup. */
const PROPERTIES = new Set(["value", "checked", "disabled", "muted", "open", "selected"]);
const ADDRESSES = new Set(["href", "src", "poster", "action"]);

function fill(made, given, inside) {
  for (const [name, value] of Object.entries(given || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, run] of Object.entries(value)) made.addEventListener(event, run);
    else if (name === "style") for (const [key, to] of Object.entries(value)) made.style.setProperty(key, String(to));
    else if (PROPERTIES.has(name)) made[name] = value;
    else if (ADDRESSES.has(name)) {
      if (/^(\/(?!\/)|#|blob:|\?)/.test(value)) made.setAttribute(name, value);
    } else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...inside.flat(3).filter((each) => each !== null && each !== undefined && each !== false && each !== ""));
  return made;
}

/** An element with attributes, listeners (`on`), custom properties (`style`) and children; strings become text. */
export const h = (tag, given, ...inside) => fill(document.createElement(tag), given, inside);

/** The same for SVG. */
export const s = (tag, given, ...inside) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), given, inside);

const ICONS = {
  play: [["path", "M7 4.5v15l12-7.5z", 1]],
  pause: [["path", "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z", 1]],
  before: [["path", "M19 5v14L9 12z", 1], ["path", "M6 5v14"]],
  after: [["path", "M5 5v14l10-7z", 1], ["path", "M18 5v14"]],
  loop: [["path", "M4 12a6 6 0 0 1 6-6h8M15 3l3 3-3 3M20 12a6 6 0 0 1-6 6H6M9 21l-3-3 3-3"]],
  sound: [["path", "M4 9.5v5h3.5L12 19V5L7.5 9.500z", 1], ["path", "M15.5 9a4 4 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11"]],
  mute: [["path", "M4 9.500v5h3.500L12 19V5L7.5 9.500z", 1], ["path", "M16 9.500l5 5M21 9.500l-5 5"]],
  words: [["path", "M4 5.500h16v13H4zM7 14.500h5M14.5 14.500H17M7 11h2.500M12 11h5"]],
  full: [["path", "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"]],
  lock: [["path", "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3"]],
  swap: [["path", "M4 8h14l-3.5-3.500M20 16H6l3.5 3.5"]],
  never: [["path", "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M6.5 6.500l11 11"]],
  back: [["path", "M14.5 5.5 8 12l6.5 6.5"]],
  note: [["path", "M4 5h16v11h-9l-4.5 4v-4H4z"]],
  close: [["path", "M6 6l12 12M18 6 6 18"]],
  undo: [["path", "M8.5 5 4.5 9l4 4M5 9h9a5.5 5.5 0 0 1 0 11H9"]],
  find: [["path", "M10.5 4.500a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15 15l5 5"]],
  eye: [["path", "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 9.2a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600"]],
  approved: [["path", "M5 12.500l4.5 4.500L19 7.5"]],
  rejected: [["path", "M6.5 6.500l11 11M17.5 6.500l-11 11"]],
  failed: [["path", "M12 5v9M12 18.2v.300"]],
  draft: [["path", "M12 6a6 6 0 1 0 0 12 6 6 0 0 0 0-12"]],
  changed: [["path", "M5 12a7 7 0 0 1 12-5l2 2M19 4.500V9h-4.500M19 12a7 7 0 0 1-12 5l-2-2M5 19.500V15h4.5"]],
};

/** A drawn sign that screen readers pass over. */
export function icon(name) {
  const parts = (ICONS[name] || []).map(([tag, d, full]) => s(tag, { d, class: full ? "full" : null }));
  return s("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, parts);
}

export const one = (query, root = document) => root.querySelector(query);
export const all = (query, root = document) => [...root.querySelectorAll(query)];

/** Puts new children in a place, keeping focus on the element of the same `data-keep` where there is one. */
export function put(place, ...inside) {
  const held = place.contains(document.activeElement) ? document.activeElement.dataset.keep : null;
  place.replaceChildren(...inside.flat(3).filter((each) => each || each === 0));
  if (held) one(`[data-keep="${CSS.escape(held)}"]`, place)?.focus();
}

export const STATES = { draft: "to decide", approved: "approved", rejected: "rejected", failed: "failed", changed: "changed" };

/** A state with its sign and its word: never colour alone. */
export const badge = (state, words) => h("span", { class: `badge ${state}` }, icon(state), words || STATES[state] || state);

const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d31", "#8a6bd1"];

/** A colour of its own for each segment; the general one is grey. */
export const colour = (segments, id) => {
  const others = segments.filter((each) => each !== "general");
  return id === "general" ? "#868a91" : COLOURS[Math.max(0, others.indexOf(id)) % COLOURS.length];
};

const RATIOS = { landscape: "16:9", vertical: "9:16", square: "1:1", portrait: "4:5" };

/** A shape as people say it. */
export const ratio = (shape) => RATIOS[shape] || shape;
export const signed = (value, digits = 2) => {
  const size = Math.abs(value).toFixed(digits);
  return `${Number(size) === 0 ? "±" : value < 0 ? "−" : "+"}${size}`;
};
