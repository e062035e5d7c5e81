/* What the page asks the desk: JSON there and back, errors as one sentence. */
let name = localStorage.getItem("trailers-who") || "";

/** Whose decisions these are. */
export const me = () => name;
export function call(as) {
  name = as.trim();
  localStorage.setItem("trailers-who", name);
}

async function ask(address, given) {
  let answer;
  try {
    answer = await fetch(address, { credentials: "same-origin", ...given });
  } catch {
    throw new Error("The desk does not answer. Is `trailers review` still running?");
  }
  let body = null;
  try {
    body = await answer.json();
  } catch {
    /* no JSON: the status says enough */
  }
  if (!answer.ok) throw Object.assign(new Error((body && body.error) || `The desk answered ${answer.status}.`), { status: answer.status });
  return body;
}

export const get = (address) => ask(address);
export const post = (address, body) =>
  ask(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Trailers": "1", "X-Who": encodeURIComponent(name) },
    body: JSON.stringify(body || {}),
  });
/** A name in an address. */
export const part = (text) => text.split("/").map(encodeURIComponent).join("/");
