// The region that speaks for a suggestion: the rest of the picture is dimmed, without
// any hue, while the suggestion is pointed at, has the focus, or R is on.

const known = new Map();
let shown = null; // the suggestion whose region lies over the picture
let held = false; // R is on: the marked suggestion's region stays

const marked = () =>
  document.querySelector("[data-region][aria-current]") ??
  document.querySelector("[data-region][data-waits]");
const plates = () => document.querySelectorAll(".compare-plate");

async function fetched(address) {
  if (!known.has(address)) {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return null;
    known.set(address, await answer.json());
  }
  return known.get(address);
}

function clear() {
  for (const each of document.querySelectorAll(".region")) each.remove();
}

// Who zooms into the plates lays the regions over what is seen.
const tell = () => document.dispatchEvent(new Event("region:changed"));

function drawn(rows) {
  const canvas = document.createElement("canvas");
  canvas.className = "region";
  canvas.setAttribute("aria-hidden", "true");
  canvas.width = rows[0].length;
  canvas.height = rows.length;
  const pixels = new ImageData(canvas.width, canvas.height);
  rows.flat().forEach((value, place) => {
    pixels.data[4 * place + 3] = Math.round((255 - value) * 0.72);
  });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

async function show(item) {
  shown = item;
  clear();
  if (!item) return tell();
  const region = await fetched(item.dataset.region).catch(() => null);
  if (!region || shown !== item) return;
  clear();
  if (region.rows.length) {
    for (const plate of plates()) plate.append(drawn(region.rows));
  }
  tell();
  const words = document.createElement("p");
  words.className = "region region-words";
  words.setAttribute("role", "status");
  words.textContent = region.words;
  document.querySelector(".compare-stage")?.append(words);
}

const settle = () => show(held ? marked() : null);

function switchHeld() {
  const button = document.querySelector("[data-region-hold]");
  if (!button) return;
  held = !held;
  button.setAttribute("aria-pressed", String(held));
  settle();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-region-hold]")) switchHeld();
});

for (const [enter, leave] of [
  ["mouseover", "mouseout"],
  ["focusin", "focusout"],
]) {
  document.addEventListener(enter, (event) => {
    const item = event.target.closest?.("[data-region]");
    if (item && item !== shown) show(item);
  });
  document.addEventListener(leave, (event) => {
    const item = event.target.closest?.("[data-region]");
    if (item && !item.contains(event.relatedTarget)) settle();
  });
}

// Another mark, another picture: what R shows follows.
document.addEventListener("htmx:afterSettle", () => {
  document
    .querySelector("[data-region-hold]")
    ?.setAttribute("aria-pressed", String(held));
  if (held) settle();
  else if (shown && !shown.isConnected) show(null);
});
document.addEventListener("review:marked", () => held && settle());
