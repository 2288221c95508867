// Keys: each is declared on a real button or link by aria-keyshortcuts, and presses it.
// "/" belongs to the search field (page.js), Space to whatever compares (compare.js).

const WRITING =
  "input:not([type=range], [type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const ARROWS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);

export function isElsewhere(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (document.querySelector("dialog[open]")) return true;
  if (event.target.closest?.(WRITING)) return true;
  return ARROWS.has(event.key) && Boolean(event.target.closest?.("input"));
}

export function nameOf(event) {
  return event.key.length === 1 ? event.key.toUpperCase() : event.key;
}

function declaredFor(name) {
  const declared = document.querySelectorAll(
    ":is(a, button, summary)[aria-keyshortcuts]:not(:disabled)",
  );
  return [...declared].find((element) =>
    element.getAttribute("aria-keyshortcuts").split(" ").includes(name),
  );
}

// One decision at a time. Keys that come while one is on its way are kept, and pressed
// when its answer shows the same photograph still; nobody decides on a picture unseen.
let busy = false;
let kept = [];

const scene = () => document.querySelector("[data-scene]")?.dataset.scene;
let sceneBefore = scene();

export function press(name) {
  if (busy) {
    kept.push(name);
    return;
  }
  declaredFor(name)?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.key === " " || isElsewhere(event)) return;
  const name = nameOf(event);
  if (!declaredFor(name)) return;
  event.preventDefault();
  if (!event.repeat) press(name);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.elt.closest("[data-scene]")) return;
  busy = true;
  sceneBefore = scene();
});

function pressKept() {
  busy = false;
  if (scene() !== sceneBefore) kept = [];
  const name = kept.shift();
  if (name) press(name);
}

document.addEventListener("htmx:afterSettle", pressKept);
for (const trouble of ["htmx:sendError", "htmx:responseError", "htmx:swapError"]) {
  document.addEventListener(trouble, () => {
    busy = false;
    kept = [];
  });
}

// A button with data-opens opens the dialog of that name.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
});

// A control that an answer took away while it had the focus leaves it to its successor.
let focusBefore = null;

document.addEventListener("htmx:beforeSwap", () => {
  const item = document.activeElement?.closest("[id]:not(button, input, a)");
  focusBefore = item && item !== document.body ? item.id : null;
});

document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement !== document.body || !focusBefore) return;
  const item = document.getElementById(focusBefore);
  item?.querySelector("button:not(:disabled), a[href]")?.focus({ preventScroll: true });
  focusBefore = null;
});
